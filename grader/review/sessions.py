"""Who is at the pages: a token in the start link, a session per browser, and a token in every form."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

COOKIE = "labgrade_review"
MOST_SESSIONS = 200
NAME_LIMIT = 60  # characters


@dataclass(frozen=True)
class Session:
    """One browser. ``csrf`` stands in each of its forms; ``blind`` hides the students' names."""

    id: str
    csrf: str
    name: str
    blind: bool = False


class Sessions:
    """The browsers that came by the start link; they are forgotten when the server ends."""

    def __init__(self, name: str) -> None:
        self.token = secrets.token_urlsafe(24)
        self._name = name
        self._open: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, token: str) -> Session | None:
        """A new session for who has the start link's token."""
        if not secrets.compare_digest(token.encode("utf-8", "replace"), self.token.encode()):
            return None
        session = Session(secrets.token_urlsafe(24), secrets.token_urlsafe(24), self._name)
        with self._lock:
            self._open[session.id] = session
            while len(self._open) > MOST_SESSIONS:
                self._open.popitem(last=False)
        return session

    def of(self, cookie: str) -> Session | None:
        """The session of a browser's cookie."""
        with self._lock:
            return self._open.get(cookie)

    def change(self, session: Session, *, name: str | None = None, blind: bool | None = None) -> None:
        """Note another name, or whether names are hidden."""
        tidy = " ".join((name or "").split())[:NAME_LIMIT]
        changed = replace(session, name=tidy or session.name, blind=session.blind if blind is None else blind)
        with self._lock:
            self._open[session.id] = changed


def is_own_form(session: Session, form: dict[str, str]) -> bool:
    """Whether a form comes from one of our pages in this browser."""
    return secrets.compare_digest(form.get("csrf", "").encode("utf-8", "replace"), session.csrf.encode())


def hosts_of(host: str) -> frozenset[str]:
    """The names by which a server that listens on ``host`` may be called; addresses besides."""
    if is_loopback(host):
        return frozenset({"localhost"})
    return frozenset(
        {host.casefold(), "localhost", socket.gethostname().casefold(), socket.getfqdn().casefold()}
    )


def is_allowed_host(header: str, host: str) -> bool:
    """Whether a request's Host header names this server.

    A page elsewhere whose name was made to point here would send its own name. An address cannot be
    made to point elsewhere, so any is right where the server listens beyond this machine.
    """
    name = _without_port(header.strip().casefold())
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name in hosts_of(host)
    return address.is_loopback or not is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on ``host``."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _without_port(header: str) -> str:
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0]
