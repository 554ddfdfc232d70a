"""The migrations lead to exactly the tables of the code, on each engine, and back again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from node.adapters.store import MIGRATIONS, SqlStore
from node.records import metadata


def configured(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def difference(store: SqlStore) -> list[Any]:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def tables(store: SqlStore) -> set[str]:
    return set(sa.inspect(store.engine).get_table_names()) - {"alembic_version"}


def test_from_an_empty_database_to_the_tables_of_the_code(store: SqlStore) -> None:
    assert difference(store) == []
    assert tables(store) == set(metadata.tables)


def test_checks_of_closed_vocabularies_are_in_the_database(store: SqlStore) -> None:
    for table in metadata.tables.values():
        wanted = {
            each.name for each in table.constraints if isinstance(each, sa.CheckConstraint) and each.name
        }
        found = {each["name"] for each in sa.inspect(store.engine).get_check_constraints(table.name)}
        assert wanted <= found, table.name


def test_down_to_nothing_and_up_again(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        command.downgrade(configured(connection), "base")
    assert tables(store) == set()
    store.migrate()
    assert difference(store) == []


def test_there_is_one_line_of_migrations_and_each_says_what_it_does() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        assert revision.doc
