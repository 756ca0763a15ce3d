"""Only who has the link comes in, only our own forms change anything, and nothing of a student's runs."""

import pytest

from grader.review.app import FORM_LIMIT
from grader.review.sessions import COOKIE, Sessions, is_allowed_host

PAGES = ("/", "/question?lab=cnn&check=1.2%2Fq1", "/history", "/publish", "/feedback?lab=cnn&who=1")


def test_the_link_opens_a_session(site):
    """The token becomes a cookie that no script can read and no other site can send."""
    browser = site.browser(enter=False)
    reply = browser.get(f"/?token={site.sessions.token}")
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=") and "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/?token=wrong", "/?token=", "/?token=%F0%9F"])
def test_nobody_else_comes_in(site, path):
    """Without the token every page is refused, with what to do and without any name."""
    reply = site.browser(enter=False).get(path)
    assert reply.status_code == 403 and "Ada" not in reply.text
    assert "Open the whole link" in reply.text and "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "path", ["/mark", "/override", "/undo", "/restore", "/comment", "/publish", "/session"]
)
def test_forms_of_others_do_nothing(site, grace, path):
    """A form without this browser's token, and one that another site sends, change nothing."""
    fields = {"lab": "cnn", "check": "1.2/q1", "points": "1.0", "name": "Mallory", "blind": "on"}
    assert site.browser(enter=False).client.post(path, data=fields).status_code == 403
    assert grace.client.post(path, data=fields).status_code == 403
    grace.get("/")
    other = site.browser()
    stolen = other.get("/").text.split('name="csrf" value="')[1].split('"')[0]
    assert grace.client.post(path, data={**fields, "csrf": stolen}).status_code == 403
    own = grace.get("/").text.split('name="csrf" value="')[1].split('"')[0]
    headers = {"sec-fetch-site": "cross-site"}
    assert grace.client.post(path, data={**fields, "csrf": own}, headers=headers).status_code == 403
    assert site.points() == {} and site.book.last_publication() is None
    assert "Mallory" not in grace.get("/").text and "Hide names" in grace.get("/").text


def test_changes_need_a_form(grace):
    """No address changes anything by being opened."""
    for path in ("/mark", "/undo", "/restore", "/comment", "/session", "/override"):
        assert grace.get(path).status_code in (404, 405)


@pytest.mark.parametrize(
    ("header", "host", "right"),
    [
        ("127.0.0.1:8710", "127.0.0.1", True),
        ("localhost:8710", "127.0.0.1", True),
        ("[::1]:8710", "127.0.0.1", True),
        ("evil.example", "127.0.0.1", False),
        ("127.0.0.1.evil.example:8710", "127.0.0.1", False),
        ("192.168.1.7:8710", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("192.168.1.7:8710", "0.0.0.0", True),
        ("evil.example", "0.0.0.0", False),
        ("grading.example:8710", "grading.example", True),
    ],
)
def test_the_servers_name(header, host, right):
    """A page elsewhere whose name points here sends its own name, and is refused."""
    assert is_allowed_host(header, host) == right


def test_another_name_is_refused(grace):
    """The session does not help where the request names another host."""
    reply = grace.get("/", headers={"host": "evil.example"})
    assert reply.status_code == 403 and "Ada" not in reply.text


def test_headers(grace):
    """Each page allows our own script and style by their hashes, no frame, no sniffing, no copy on disk."""
    for path in (*PAGES, "/nothing"):
        headers = grace.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy or "sandbox" in policy
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
        assert (headers["x-frame-options"], headers["referrer-policy"]) == ("DENY", "no-referrer")


def test_a_students_page_runs_nothing(site, grace):
    """The feedback page comes without any right to run a script."""
    code = site.desk.code("cnn", "ada")
    reply = grace.get("/feedback", params={"lab": "cnn", "who": code})
    assert reply.status_code == 200 and "Ada Lovelace" in reply.text
    assert "sandbox" in reply.headers["content-security-policy"]
    assert "script-src" not in reply.headers["content-security-policy"]


def test_a_form_that_is_too_large(grace):
    """A body beyond the limit is refused before it is read whole."""
    reply = grace.client.post("/mark", content=b"x=" + b"a" * FORM_LIMIT)
    assert reply.status_code == 413
    assert grace.client.post("/mark", content=b"&".join(b"a=1" for _ in range(100))).status_code == 413


def test_no_secret_on_any_page(site, grace):
    """Neither the token nor a database's password stands on a page."""
    for path in PAGES:
        assert site.sessions.token not in grace.get(path).text


def test_sessions_are_bounded():
    """Old sessions give way, so that nobody fills the memory with them."""
    sessions = Sessions("Grace")
    first = sessions.begin(sessions.token)
    assert sessions.begin("") is None
    for _ in range(300):
        last = sessions.begin(sessions.token)
    assert sessions.of(first.id) is None and sessions.of(last.id) == last
    assert first.csrf != last.csrf
