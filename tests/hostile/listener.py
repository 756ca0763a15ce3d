"""Listeners on this machine that no submission may reach."""

from __future__ import annotations

import dataclasses
import socket
import threading
from typing import Self

from tests.hostile.case import World


class Listener:
    """TCP and UDP on one port of loopback, a socket in a file, and one without; ``reached`` names who was.

    ``world`` is the one given, with the numbers and names by which they could be reached.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.reached: list[str] = []
        self.sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        tcp = socket.create_server(("127.0.0.1", 0))
        port = tcp.getsockname()[1]
        self.world = dataclasses.replace(self.world, port=port, socket=f"labgrade-hostile-{port}")
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", port))
        named, unnamed = (socket.socket(socket.AF_UNIX) for _ in range(2))
        named.bind(str(self.world.outside / "socket"))
        unnamed.bind(f"\0{self.world.socket}")
        for one in (named, unnamed):
            one.listen()
        self.sockets = [tcp, udp, named, unnamed]
        for name, one in zip(
            ("TCP", "UDP", "a socket's file", "an abstract socket"), self.sockets, strict=True
        ):
            threading.Thread(target=self._wait, args=(name, one), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self.sockets:
            one.close()
        (self.world.outside / "socket").unlink()

    def _wait(self, name: str, one: socket.socket) -> None:
        try:
            one.recv(1) if one.type == socket.SOCK_DGRAM else one.accept()
        except OSError:
            return
        self.reached.append(name)
