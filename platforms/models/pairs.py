"""Finding words inside texts among a million rows: an index over pairs of neighbouring letters.

PostgreSQL keeps a GIN index of all pairs. Trigrams, its usual way, would not do: most Chinese words have two
characters, of which no trigram can be made. Elsewhere the index covers the texts, so that only they are read.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BooleanField, F, Func, Index, Model

FUNCTION = """
CREATE OR REPLACE FUNCTION platforms_pairs(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(substr(lowered, place, 2)), '{}')
    FROM (SELECT lower(words) AS lowered) AS given, generate_series(1, length(lowered) - 1) AS place
$$
"""
JOINED = " || ' ' || "


class PairsIndex(Index):
    """Of the pairs in all `fields` together. On PostgreSQL a migration has to run `FUNCTION` before it."""

    def create_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Any:
        """The statement that makes it, as schema editors ask for it."""
        if schema_editor.connection.vendor != "postgresql":
            return super().create_sql(model, schema_editor, using=using, **kwargs)
        quote = schema_editor.quote_name
        texts = JOINED.join(quote(str(model._meta.get_field(name).column)) for name in self.fields)  # type: ignore[union-attr]
        condition = self._get_condition_sql(model, schema_editor)  # type: ignore[attr-defined]
        where = f" WHERE {condition}" if condition else ""
        return (
            f"CREATE INDEX {quote(self.name)} ON {quote(model._meta.db_table)} "
            f"USING gin (platforms_pairs({texts})){where}"
        )


class HasPairs(Func):
    """Whether the texts have all pairs of `word` (two letters or more) somewhere: what a `PairsIndex` finds at once.

    Necessary for the word to be in them, not sufficient. True elsewhere than on PostgreSQL.
    """

    output_field = BooleanField()
    arg_joiner = JOINED

    def __init__(self, *fields: str, word: str = "") -> None:
        super().__init__(*map(F, fields))
        self.word = word

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, list[Any]]:
        """As PostgreSQL understands it, or what is always true."""
        if connection.vendor != "postgresql":
            return "1 = 1", []
        template = "platforms_pairs(%(expressions)s) @> platforms_pairs(%%s)"
        sql, params = super().as_sql(compiler, connection, template=template)
        return sql, [*params, self.word]
