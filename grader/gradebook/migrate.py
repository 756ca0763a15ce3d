"""A database brought to the schema of this version, by Alembic; one of a newer version is refused."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from grader.gradebook.engine import WRITES
from grader.gradebook.place import Place
from grader.gradebook.problems import GradebookProblem

NEWEST = "0002"  # a test compares it with the scripts
SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 4_842_917  # any number: the advisory lock of PostgreSQL under which migrations run


def bring_up_to_date(engine: sa.Engine, place: Place) -> None:
    """Make or change the tables where they are not those of this version.

    Raises:
        GradebookProblem: a newer version has made them, or another program.
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written.
    """
    with engine.connect() as connection:
        if revision_of(connection, place) == NEWEST:
            return
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        if revision_of(connection, place) != NEWEST:  # nobody else has done it meanwhile
            _upgrade(connection)


def revision_of(connection: sa.Connection, place: Place) -> str:
    """The revision of a database's tables, "" where it has none.

    Raises:
        GradebookProblem: it is none of ours.
    """
    tables = set(sa.inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        if tables:
            raise GradebookProblem(
                f"{place.name} holds the tables of another program: name another database with --db."
            )
        return ""
    found = str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")
    if found and (not found.isdigit() or int(found) > int(NEWEST)):
        raise GradebookProblem(
            f"{place.name} was made by a newer version of labgrade (its schema is {found}, ours {NEWEST}): "
            "update labgrade; nothing in it was changed."
        )
    return found


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - needed only where the tables are not ours yet
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, NEWEST)
