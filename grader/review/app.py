"""The review pages as an ASGI application: what may be asked, by whom, and with what headers it goes back."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.gradebook.problems import GradebookProblem
from grader.names import slug
from grader.review import visits
from grader.review.desk import Desk
from grader.review.sessions import COOKIE, Session, Sessions, is_allowed_host, is_own_form
from grader.review.visits import Handler, Reply, Visit

FORM_LIMIT = 200_000  # bytes
MOST_FIELDS = 40
STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# A student's page: its styles and pictures, but no script at all, and no way to send anything.
STUDENTS_PAGE = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
POLICY = b"content-security-policy"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

_log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(desk: Desk, sessions: Sessions, host: str) -> ASGIApp:
    """The application for a desk; ``host`` is what its server listens on."""
    shown = [(path, _shows(desk, sessions, handler), "GET") for path, handler in visits.PAGES.items()]
    taken = [(path, _takes(desk, sessions, handler), "POST") for path, handler in visits.FORMS.items()]
    more = [
        ("/feedback", _feedback(desk, sessions), "GET"),
        ("/session", _takes(desk, sessions, _session(sessions)), "POST"),
    ]
    routes = [Route(path, endpoint, methods=[method]) for path, endpoint, method in [*shown, *taken, *more]]
    refused = {404: _not_found, 405: _not_found, Exception: _failed}
    return _Door(Starlette(routes=routes, exception_handlers=refused), host)


class _Door:
    """Refuses requests that another site has a browser send, and puts the headers on every response."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app, self.host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [] if POLICY in dict(message["headers"]) else [(POLICY, STRICT.encode())]
                message = {**message, "headers": [*message["headers"], *HEADERS, *own]}
            await send(message)

        if scope["type"] == "http":
            problem = self._against(dict(scope["headers"]), scope["method"])
            app = PlainTextResponse(problem, 403) if problem else self.app
            await app(scope, receive, with_headers)

    def _against(self, headers: Mapping[bytes, bytes], method: str) -> str:
        """Why a request is refused, or ""."""
        if not is_allowed_host(headers.get(b"host", b"").decode("latin-1"), self.host):
            return "This is not the name of the review's server; open the link that labgrade review printed."
        ours = headers.get(b"sec-fetch-site", b"same-origin") in (b"same-origin", b"none")
        return "" if method == "GET" or ours else "Another site sent this; nothing was done."


def _shows(desk: Desk, sessions: Sessions, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is not None:
            return _enter(sessions, token)
        session = sessions.of(request.cookies.get(COOKIE, ""))
        if session is None:
            return _stranger()
        return await _answer(desk, handler, Visit(session, dict(request.query_params)))

    return endpoint


def _takes(desk: Desk, sessions: Sessions, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        session = sessions.of(request.cookies.get(COOKIE, ""))
        if session is None:
            return _stranger()
        form = await _form(request)
        if form is None:
            said = "That is too much for one form; nothing was saved."
            return _response(visits.missing(session, said, 413))
        if not is_own_form(session, form):
            said = "This form is of an earlier start of labgrade review; load its page again and repeat."
            return _response(visits.missing(session, said, 403))
        return await _answer(desk, handler, Visit(session, form))

    return endpoint


def _enter(sessions: Sessions, token: str) -> Response:
    session = sessions.begin(token)
    if session is None:
        return _stranger()
    response = RedirectResponse("/", 303)
    response.set_cookie(COOKIE, session.id, httponly=True, samesite="strict", path="/")
    return response


def _stranger() -> Response:
    said = (
        "Open the whole link that labgrade review has printed, with its token; it changes with every start."
    )
    return _response(visits.missing(None, said, 403))


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form; ``None`` where it is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            return None
    text = body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None


async def _answer(desk: Desk, handler: Handler, visit: Visit) -> Response:
    try:
        return _response(await run_in_threadpool(handler, desk, visit))
    except GradebookProblem as problem:
        return _response(visits.missing(visit.session, f"{problem} Nothing was saved.", 503))


def _response(reply: Reply) -> Response:
    if reply.page is None:
        return RedirectResponse(reply.to, 303)
    policy = f"{reply.page.policy}; frame-ancestors 'none'"
    return HTMLResponse(reply.page.html, reply.status, {"content-security-policy": policy})


def _session(sessions: Sessions) -> Handler:
    """Another name, or names hidden or shown."""

    def change(_desk: Desk, visit: Visit) -> Reply:
        blind = {"on": True, "off": False}.get(visit.get("blind"))
        sessions.change(visit.session, name=visit.get("name"), blind=blind)
        about = {name: visit.get(name) for name in ("lab", "check")}
        return Reply(to=visits.address("/question", **about) if about["check"] else "/")

    return change


def _feedback(desk: Desk, sessions: Sessions) -> Endpoint:
    """A student's own page as it lies in the folder, without its script."""

    def read(session: Session, lab: str, code: str) -> Response:
        attempt = None if session.blind else desk.attempt(lab, code)
        if attempt is None or slug(attempt.student) != attempt.student:
            return _response(visits.missing(session, "There is no such student, or names are hidden."))
        try:
            text = (desk.out / attempt.student / "feedback.html").read_text("utf-8", "replace")
        except OSError:
            return _response(visits.missing(session, "This student has no feedback page in the folder."))
        return HTMLResponse(text, headers={"content-security-policy": STUDENTS_PAGE})

    async def endpoint(request: Request) -> Response:
        session = sessions.of(request.cookies.get(COOKIE, ""))
        if session is None:
            return _stranger()
        asked = request.query_params
        return await run_in_threadpool(read, session, asked.get("lab", ""), asked.get("who", ""))

    return endpoint


async def _not_found(_request: Request, _error: Exception) -> Response:
    return _response(visits.missing(None, "There is no such page."))


async def _failed(_request: Request, error: Exception) -> Response:
    _log.warning("a page of the review failed", exc_info=error)
    said = "The page failed through a fault of labgrade; the marks are safe. Load it again."
    return _response(visits.missing(None, said, 500))


def default_name() -> str:
    """The name of who started the server."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "a marker"
