"""Verify: all that a database keeps of a company -> what of it does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve
from sqlalchemy import select

from loanperf._explanations import Label
from loanperf._facts import Authority
from loanperf._scheme import Scheme
from loanperf._seals import Head, Misfit
from loanperf.adapters.sql._entries import SqlEntries
from loanperf.adapters.sql._facts import SqlFacts
from loanperf.adapters.sql._held import held_facts
from loanperf.adapters.sql._payments import SqlPayments
from loanperf.adapters.sql._personal import SqlPersonal
from loanperf.adapters.sql._schema import batches, entries, records, schemes, streams
from loanperf.adapters.sql._schemes import scheme_of
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import made, read
from loanperf.errors import LoanPerfError
from loanperf.opening import StatedBalance
from loanperf.ports import Payment
from loanperf.run import Verified
from loanperf.run._pay import Streams, is_without_ledger
from loanperf.run._verify import scheme_of_stream, unread, verify_streams


def verify_database(
    scope: Scope,
    heads: Iterable[Head],
    authority: Authority,
    balances: Iterable[StatedBalance] | Mapping[str, Iterable[StatedBalance]] = (),
) -> Verified:
    """All streams of a company, its outbox and facts, the documents of its schemes, texts that have a commitment."""
    names = _streams(scope)
    ledgers = sorted({scheme for name in names if (scheme := scheme_of_stream(name))})
    misfits, payments = list[Misfit](), list[Payment]()
    try:
        payments += SqlPayments(scope).paid()
    except LoanPerfError as error:
        misfits.append(unread("payments", error))
    taken = None if misfits else payments
    versions = list[Scheme]()
    misfits += (*_versions(scope, versions), *_personal(scope))
    misfits += (*_pages(scope), *_facts(scope, authority))
    facts = SqlFacts(scope, authority)
    stated = balances if isinstance(balances, Mapping) or len(ledgers) != 1 else {ledgers[0]: balances}
    found = verify_streams(
        SqlEntries(scope),
        ledgers,
        names,
        heads=heads,
        payments=taken,
        versions=versions,
        facts=facts,
        balances=stated,
    )
    return evolve(found, misfits=(*found.misfits, *misfits, *_strays(ledgers, payments)))


def _pages(scope: Scope) -> Iterator[Misfit]:
    """What SQLite says of its file: a row that its index knows otherwise is read as the index says."""
    if scope.engine.dialect.name != "sqlite":
        return
    with scope.reading() as connection:
        try:
            said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        except UnicodeDecodeError:  # it quotes what is damaged
            said = "what is damaged is no text"
    if said != "ok":
        where, fault = Label("the database file", "数据库文件"), Label(str(said), f"文件损坏：{said}")
        yield Misfit(where, fault)


def _facts(scope: Scope, authority: Authority) -> Iterator[Misfit]:
    """The first row of facts that cannot be read."""
    try:
        held_facts(scope, authority)
    except LoanPerfError as error:
        yield unread("facts", error)


def _streams(scope: Scope) -> list[str]:
    """The streams of which there is anything."""
    with scope.reading() as connection:
        found = {
            str(name)
            for table in (streams, batches, entries, records)
            for name in connection.scalars(select(table.c.stream).where(table.c.company == scope.company).distinct())
        }
    return sorted(found)


def _versions(scope: Scope, found: list[Scheme]) -> Iterator[Misfit]:
    """Documents of schemes that are not those of their fingerprints; the others are added to what was found."""
    try:
        with scope.reading() as connection:
            rows = list(read(connection, schemes, schemes.c.company == scope.company, order="effective"))
    except LoanPerfError as error:
        yield unread("schemes", error)
        return
    for row in rows:
        try:
            scheme = made(schemes, row, scheme_of)
        except LoanPerfError as error:
            yield unread("schemes", error)
            continue
        if scheme.fingerprint == row["fingerprint"]:
            found.append(scheme)
            continue
        name, kept, is_now = row["name"], row["fingerprint"], scheme.fingerprint
        where = Label(f"version {kept} of the scheme {name!r}", f"方案 {name!r} 的版本 {kept}")
        en, zh = f"its document has the fingerprint {is_now}: it was changed", f"其文本的指纹为 {is_now}：文本被改动"
        yield Misfit(where, Label(en, zh))


def _personal(scope: Scope) -> Iterator[Misfit]:
    """Rows of what is personal whose text is not the one of their commitment."""
    try:
        yield from (unread("personal", error) for error in SqlPersonal(scope).unlike())
    except LoanPerfError as error:
        yield unread("personal", error)


def _strays(ledgers: Iterable[str], payments: Iterable[Payment]) -> Iterator[Misfit]:
    """Payments of no ledger; where there is none at all, those of runs without a ledger are well."""
    prefixes = tuple(Streams(scheme=scheme).prefix for scheme in ledgers)
    for payment in payments:
        if not payment.key.startswith(prefixes) and (prefixes or not is_without_ledger(payment)):
            en, zh = (
                f"it is of no ledger that is here, and pays {payment.amount}",
                f"不属于任何账簿，金额 {payment.amount}",
            )
            yield Misfit(Label(f"payment {payment.key}", f"付款 {payment.key}"), Label(en, zh))
