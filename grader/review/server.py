"""The server of the review pages: a port, a link, and an end by Ctrl-C."""

from __future__ import annotations

import errno
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass

import uvicorn

from grader.errors import UsageProblem
from grader.review.app import build_app, default_name
from grader.review.desk import Desk
from grader.review.model import read_ahead
from grader.review.sessions import Sessions, is_loopback

BACKLOG = 64
LEAVE_S = 3  # for requests that are under way at the end
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what a person may ask for


@dataclass(frozen=True)
class Address:
    """Where the server listens; ``port`` 0 takes any that is free."""

    host: str
    port: int


def listening(address: Address) -> socket.socket:
    """A socket that listens there.

    Raises:
        UsageProblem: the port is taken, or the host is none of this machine's.
    """
    try:
        family = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0][0]
        # With its protocol named, asyncio sends small pieces at once; else each page waits for 40 ms.
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise UsageProblem(f"--host {address.host} is no address of this machine: try 127.0.0.1.") from error
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address.host, address.port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise UsageProblem(_why_not(address, error)) from error
    return found


def _why_not(address: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {address.port} is in use: name another with --port, or --port 0 for any that is free."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {address.port} is the system's own: name one above 1023 with --port."
    return f"--host {address.host} is no address of this machine: try 127.0.0.1."


class Review:
    """The pages of one desk, served until Ctrl-C."""

    def __init__(self, desk: Desk, address: Address) -> None:
        self.desk = desk
        self.sessions = Sessions(default_name())
        self._socket = listening(address)
        name = "127.0.0.1" if address.host in EVERYWHERE else address.host
        name = f"[{name}]" if ":" in name else name
        self.link = f"http://{name}:{self._socket.getsockname()[1]}/?token={self.sessions.token}"
        self.is_local = is_loopback(address.host)
        config = uvicorn.Config(
            build_app(desk, self.sessions, address.host), log_level="critical", access_log=False,
            lifespan="off", server_header=False, timeout_graceful_shutdown=LEAVE_S, ws="none",
        )  # fmt: skip
        self.server = uvicorn.Server(config)

    def serve(self) -> None:
        """Answer until SIGINT or SIGTERM, and let publishing come to its end."""
        labs = sorted({one.lab for one in self.desk.book.students()})
        threading.Thread(target=read_ahead, args=(labs,), daemon=True).start()
        try:
            with suppress(KeyboardInterrupt):  # uvicorn has ended by then, and passes the signal on
                self.server.run(sockets=[self._socket])
        finally:
            self._socket.close()
            self.desk.publisher.wait()
