"""Schemes in a database: every version that was ever published, the book that holds now, and targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from attrs import frozen
from sqlalchemy import update

from loanperf._periods import Period
from loanperf._scheme import Scheme, SchemeBook, parse_scheme, write_scheme
from loanperf._targets import Target
from loanperf.adapters.sql._engine import insert_into
from loanperf.adapters.sql._schema import schemes as schemes_table
from loanperf.adapters.sql._schema import targets as targets_table
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import kept, kept_quantity, made, read
from loanperf.errors import DataError


@frozen
class SqlSchemes:
    """A `SchemeSource` over a database, of one scheme by name."""

    scope: Scope
    name: str = ""
    """Of the scheme; may be left out where the company has one."""

    def schemes(self) -> SchemeBook:
        """The book that was published last.

        Raises:
            DataError: there is no scheme of that name, or none is named and there are several.
            StoreError: the database fails, or a document is not the one of its fingerprint.
        """
        table = schemes_table
        mine = [table.c.company == self.scope.company, *([table.c.name == self.name] if self.name else [])]
        with self.scope.reading() as connection:
            rows = [row for row in read(connection, table, *mine, order="effective") if row["in_book"]]
        names = sorted({row["name"] for row in rows})
        if len(names) != 1:
            fault = f"there are {', '.join(names)}" if names else "there is none"
            unknown = "publish it in Python, as no command does: Database.schemes.publish(book)"
            company = "or look whether the company is another one"
            remedy = "name one: SqlSchemes(scope, name), or --scheme" if names else f"{unknown}; {company}"
            raise DataError(f"the scheme {self.name!r} of {self.scope.company!r}", fault, remedy)
        versions = [made(table, row, _as_published) for row in rows]
        backdated = [(row["fingerprint"], row["backdated_because"]) for row in rows if row["backdated_because"]]
        return SchemeBook(versions, tuple(backdated))

    def publish(self, book: SchemeBook) -> None:
        """Make a book the one that holds; versions that are not in it any more are kept beside it.

        Raises:
            StoreError: the database fails; nothing was published.
        """
        company, name = self.scope.company, book.versions[0].name
        if self.name and name != self.name:
            raise DataError(f"the scheme {self.name!r}", f"the book is of {name!r}", "publish it under its own name")
        reasons = dict(book.backdated)
        rows = [_row(company, scheme, reasons.get(scheme.fingerprint)) for scheme in book.versions]
        mine = (schemes_table.c.company == company) & (schemes_table.c.name == name)
        with self.scope.writing() as connection:
            connection.execute(update(schemes_table).where(mine).values(in_book=False))
            for row in rows:
                given = insert_into(connection, schemes_table).values(row)
                kept = {"in_book": True, "backdated_because": row["backdated_because"]}
                connection.execute(
                    given.on_conflict_do_update(index_elements=["company", "name", "fingerprint"], set_=kept)
                )

    def version(self, fingerprint: str) -> Scheme:
        """A version that was ever published, such as the one that an entry names.

        Raises:
            DataError: there is none.
            StoreError: the database fails, or the document is not the one of its fingerprint.
        """
        table = schemes_table
        mine = (table.c.company == self.scope.company, table.c.fingerprint == fingerprint)
        with self.scope.reading() as connection:
            found = next(read(connection, table, *mine), None)
        if found is None:
            raise DataError(f"version {fingerprint!r}", "it was never published here", "check the company")
        return made(table, found, _as_published)

    def targets(self, period: Period) -> tuple[Target, ...]:
        """Those that were kept for the period.

        Raises:
            StoreError: the database fails.
        """
        rows = self.scope.rows_of(targets_table, period)
        return tuple(made(targets_table, row, partial(_target, period)) for row in rows)

    def keep_targets(self, targets: Iterable[Target], period: Period) -> None:
        """Keep the targets of a period in place of those that were kept for it before.

        Raises:
            StoreError: two of one payee and indicator, or the database fails; nothing was kept.
        """
        rows = [
            {
                "payee": target.payee,
                "indicator": target.indicator,
                "value": kept(target.value.value, target.value.unit, bare=target.value.bare),
                "unit": target.value.unit,
            }
            for target in targets
        ]
        self.scope.keep_rows(targets_table, period, rows)


def scheme_of(row: Mapping[str, Any]) -> Scheme:
    """The version of a row.

    Raises:
        LoanPerfError: its document is that of no scheme.
        ValueError: it is that of another version.
    """
    found = parse_scheme(row["document"], "json", source=f"version {row['fingerprint']}")
    if (found.name, found.effective) != (row["name"], row["effective"]):
        raise ValueError("its document is that of another version")
    return found


def _as_published(row: Mapping[str, Any]) -> Scheme:
    """The version of a row, whose document must have its fingerprint."""
    found = scheme_of(row)
    if found.fingerprint != row["fingerprint"]:
        raise ValueError(f"its document has the fingerprint {found.fingerprint}: it was changed")
    return found


def _target(period: Period, row: Mapping[str, Any]) -> Target:
    value = kept_quantity(row["value"], row["unit"])
    return Target(payee=row["payee"], indicator=row["indicator"], value=value, period=period)


def _row(company: str, scheme: Scheme, because: str | None) -> dict[str, object]:
    return {
        "company": company,
        "name": scheme.name,
        "fingerprint": scheme.fingerprint,
        "effective": scheme.effective,
        "document": write_scheme(scheme, "json"),
        "in_book": True,
        "backdated_because": because,
    }
