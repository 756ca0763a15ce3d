"""Connections to a gradebook: what SQLite and PostgreSQL are told at the beginning of each."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from grader.gradebook.place import Place

BUSY_S = 5.0  # how long a writer waits for another
CONNECT_S = 10
WRITES = "gradebook_writes"  # the execution option of a connection that will write


def connect(place: Place, *, busy_s: float = BUSY_S) -> sa.Engine:
    """An engine for the place; nothing is opened yet."""
    if place.url.get_backend_name() == "sqlite":
        engine = sa.create_engine(place.url, connect_args={"timeout": busy_s})
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = sa.create_engine(
        place.url, connect_args={"connect_timeout": CONNECT_S}, pool_pre_ping=True, hide_parameters=True
    )

    def open_postgresql(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {int(busy_s * 1000)}")
        connection.commit()

    event.listen(engine, "connect", open_postgresql)
    return engine


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Transactions are begun by ``_begin_sqlite``; readers and a writer do not wait for each other."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # a mark that was saved outlives a power failure
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        with suppress(sqlite3.OperationalError):  # another process holds it, or the disk knows no WAL
            connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: sa.Connection) -> None:
    """A writer takes its lock at once and waits for it; taken later, it would fail instead of waiting."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
