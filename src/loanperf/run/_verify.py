"""Verify: what a store keeps of a scheme -> the first thing that does not fit, and whatever else does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cached_property, partial

from attrs import field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, Language, printed, spoken
from loanperf._ledger import Entries, Ledger
from loanperf._ledger._ledger import ledger_of
from loanperf._ledger._opening import StatedBalance, unlike_balances
from loanperf._ledger._payments import are_payments, payment_of
from loanperf._ledger._proofs import bonuses_posted
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scheme import Scheme, SchemeBook
from loanperf._seals import RESTORE_STREAM, Batch, Head, Misfit, misfits, records_label, unlike_heads
from loanperf._tables._columns import Table
from loanperf._tables._words import stacked_tables
from loanperf._validators import each_of
from loanperf.alerts import Alerts
from loanperf.cycle import Cycle
from loanperf.disputes import Disputes, disputes_stream
from loanperf.errors import DataError, LoanPerfError, Problem, shown
from loanperf.goals import Confirmations, confirmations_stream
from loanperf.learning import Learning
from loanperf.ports import EntryStore, FactHistory, Payment
from loanperf.reviews import Reviews
from loanperf.run._alerts import alerts_stream
from loanperf.run._archive import Archive, approvals_of, approvals_stream, results_stream, versions_of, versions_stream
from loanperf.run._history import closes_of
from loanperf.run._host import must_have
from loanperf.run._kept import kept_of, unlike_kept
from loanperf.run._pay import Sent, Streams, must_have_handed, must_have_posted, sent_of
from loanperf.run._proofs import unknown_versions, unlike_numbers, unlike_opening, unlike_words
from loanperf.run._results import Results
from loanperf.run._stood import changed_since, facts_stream

_FORMS = (
    "ledger",
    "payments",
    "versions",
    "approvals",
    "history",
    "posted",
    "facts",
    "alerts",
    "confirmations",
    "disputes",
)
"""The streams of a scheme, by the ends of their names."""
_OF_PERIODS: Mapping[str, Callable[[Iterable[str]], object]] = {
    "results": tuple,
    "reviews": Reviews.of,
    "cycle": Cycle.of,
    "feedback": Learning.of,
}
"""By what stands before the period in the name of a stream: what reads it. Results are read with the ledger."""


def scheme_of_stream(stream: str) -> str:
    """The scheme to which a stream belongs; empty where it is none of a scheme.

    >>> scheme_of_stream("branch pay/ledger"), scheme_of_stream("branch pay/reviews/2026-01-05/2026-01-12")
    ('branch pay', 'branch pay')
    """
    scheme, _, form = stream.rpartition("/")
    return scheme if form in _FORMS else _of_period(stream)[0]


def _of_period(stream: str) -> tuple[str, str]:
    """The scheme of a stream of a period, and what it holds; both empty where it is none."""
    parts = stream.split("/")
    places = [place for place, part in enumerate(parts[:-1]) if part in _OF_PERIODS]
    return ("/".join(parts[: places[-1]]), parts[places[-1]]) if places else ("", "")


def _all_of(found: Iterable[Misfit]) -> tuple[Misfit, ...]:
    return tuple(found)


@frozen(kw_only=True)
class Verified(PlainData):
    """What `verify` found: true where all fits; it iterates as problems, the first thing that does not fit first."""

    misfits: tuple[Misfit, ...] = field(converter=_all_of)
    heads: tuple[Head, ...]
    """How far the streams are that fit, with their seals: keep them elsewhere, and pass them next time."""
    records: int
    """How many records were read."""

    _repr_pretty_ = printed

    def __bool__(self) -> bool:
        return not self.misfits

    def __iter__(self) -> Iterator[Problem]:
        return (misfit.problem for misfit in self.misfits)

    def __len__(self) -> int:
        return len(self.misfits)

    def __repr__(self) -> str:
        return f"Verified({self.text()})"

    def text(self, language: Language = "en") -> str:
        """What came out, in a sentence. Languages are those of `Explanation.text`."""
        spoken_in = spoken(language)
        if not self.misfits:
            return Label(f"{self.records} records fit", f"{self.records} 条记录均相符").to(spoken_in)
        first, more = self.misfits[0].text(spoken_in), len(self.misfits) - 1
        if not more:
            return first
        return Label(f"{first} (and {more} more)", f"{first}（另有 {more} 处不符）").to(spoken_in)


def verify(
    entries: EntryStore,
    schemes: str | Iterable[str],
    *,
    heads: Iterable[Head] = (),
    payments: Iterable[Payment] | None = None,
    versions: SchemeBook | Iterable[Scheme] = (),
    balances: Iterable[StatedBalance] | Mapping[str, Iterable[StatedBalance]] = (),
    facts: FactHistory | None = None,
) -> Verified:
    """See whether what a store keeps of schemes fits: its seals, numbers, payments and versions.

    What was changed, removed, swapped or added breaks the seals. Who can make the seals anew is found by what does not
    lie in the store: a head that was kept elsewhere, payments that were taken, and versions of the scheme.

    Args:
        entries: the store; its streams of the schemes are read, of periods those of the ledger, and those with a head.
        schemes: the name of a scheme or stream, or several.
        heads: how far streams were, as an earlier `verify` or `Database.heads` said.
        payments: all that the sink took, under the keys by which it knows them.
        versions: every version of the schemes that was ever published; beside those that the archive has.
        balances: what finance says of payees of the one scheme that is named; of several, by the name of each.
        facts: the store of the facts, as the runs had it: it must say what it said when the last run that was approved
            stood on it. Where it took rows since, nobody can say what it said before.

    Raises:
        DataError: one of the arguments is of another class; what the store itself raises is passed on.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> verify(MemoryEntries(), "branch")
    Verified(0 records fit)
    """
    asked = each_of((schemes,) if isinstance(schemes, str) else schemes, str, "schemes", "pass names of schemes")
    return verify_streams(
        entries, asked, asked, heads=heads, payments=payments, versions=versions, balances=balances, facts=facts
    )


def verify_streams(
    entries: EntryStore,
    schemes: Sequence[str],
    streams: Iterable[str],
    *,
    heads: Iterable[Head],
    payments: Iterable[Payment] | None,
    versions: SchemeBook | Iterable[Scheme],
    balances: Iterable[StatedBalance] | Mapping[str, Iterable[StatedBalance]],
    facts: FactHistory | None,
) -> Verified:
    """The same of schemes and of streams that are theirs or nobody's; see `verify`."""
    must_have("entries", entries, EntryStore)
    known = each_of(heads, Head, "heads", "pass what Database.heads gave")
    stated = _stated(balances, schemes)
    taken = None if payments is None else each_of(payments, Payment, "payments", "pass ports.Payment objects")
    given = versions.versions if isinstance(versions, SchemeBook) else versions
    documents = each_of(given, Scheme, "versions", "pass a SchemeBook, or schemes")
    names = [*streams, *(f"{scheme}/{form}" for scheme in schemes for form in _FORMS), *(head.stream for head in known)]
    read = {name: _StreamRead.of(entries, name) for name in dict.fromkeys(names)}
    results = [(scheme, period) for scheme in schemes for period in _periods_of(read, scheme)]
    more = [f"{scheme}/{kind}/{period}" for scheme, period in results for kind in _OF_PERIODS]
    read |= {name: _StreamRead.of(entries, name) for name in more if name not in read}
    found = [misfit for name, one in read.items() for misfit in one.unlike(name, known)]
    for of in (Streams(scheme=scheme) for scheme in schemes):
        archived = _archived(read, of, found)
        if read[of.ledger].fits and read[of.payments].fits:
            found += _of_pay(read[of.ledger], read[of.payments], of, taken, (*documents, *archived))
            found += (*_of_balances(read[of.ledger], stated.get(of.scheme, ())), *_of_kept(read, of))
    for scheme, period in results:
        if read[results_stream(scheme, period)].fits:
            found += _of_results(entries, scheme, period, read[Streams(scheme=scheme).ledger])
    for name, one in read.items():
        found += _unread(name, one, _OF_PERIODS.get(_of_period(name)[1], tuple))
    for stream in map(facts_stream, schemes):
        if facts is not None and read[stream].fits and read[stream].lines:
            found += _of_facts(stream, read[stream], facts)
    fitting = [one.head(name) for name, one in read.items() if one.fits and one.marks]
    return Verified(misfits=found, heads=tuple(fitting), records=sum(one.version for one in read.values()))


def _stated(
    given: Iterable[StatedBalance] | Mapping[str, Iterable[StatedBalance]], schemes: Sequence[str]
) -> dict[str, tuple[StatedBalance, ...]]:
    """What finance says, by the name of the scheme."""
    remedy = "pass loanperf.opening.StatedBalance"
    if isinstance(given, Mapping):
        for scheme in given:
            if scheme not in schemes:
                named = ", ".join(schemes) or "none"
                raise DataError("balances", f"some are of {shown(scheme)}, which has no ledger here", f"use {named}")
        return {scheme: each_of(some, StatedBalance, f"balances of {scheme}", remedy) for scheme, some in given.items()}
    stated = each_of(given, StatedBalance, "balances", remedy)
    if stated and len(schemes) != 1:
        fault = f"they are of one scheme, and {len(schemes)} are named"
        raise DataError("balances", fault, "pass them by the name of the scheme, such as {'branch pay': [...]}")
    return dict.fromkeys(schemes, stated)


def _archived(read: Mapping[str, _StreamRead], streams: Streams, found: list[Misfit]) -> tuple[Scheme, ...]:
    """The versions that the archive has; records of it that say nothing of their stream are added to what was found."""
    scheme = streams.scheme
    versions: list[Scheme] = []
    readers: Mapping[str, Callable[[Iterable[str]], object]] = {
        versions_stream(scheme): lambda lines: versions.extend(versions_of(lines)),
        approvals_stream(scheme): approvals_of,
        streams.history: partial(closes_of, streams.history),
        alerts_stream(scheme): lambda lines: [case.alert for case in Alerts.of(lines).cases.values()],
        confirmations_stream(scheme): Confirmations.of,
        disputes_stream(scheme): Disputes.of,
    }
    for stream, reader in readers.items():
        found += _unread(stream, read[stream], reader)
    return tuple(versions)


def _unread(stream: str, read: _StreamRead, reader: Callable[[Iterable[str]], object]) -> Iterator[Misfit]:
    """A stream whose records say nothing of what it holds."""
    try:
        reader([line for _, line in read.lines] if read.fits else [])
    except LoanPerfError as error:
        yield unread(stream, error)


def _periods_of(read: Mapping[str, _StreamRead], scheme: str) -> list[Period]:
    """The periods of a ledger; none where it cannot be read, which is told where it is looked at."""
    of_ledger = read[Streams(scheme=scheme).ledger]
    with suppress(LoanPerfError):
        return sorted(of_ledger.ledger.periods) if of_ledger.fits else []
    return []


def _of_facts(stream: str, read: _StreamRead, store: FactHistory) -> Iterator[Misfit]:
    """Facts that are not those on which the last run stood."""
    try:
        yield from changed_since(stream, [line for _, line in read.lines], store)
    except LoanPerfError as error:
        yield unread(stream, error)


def _of_results(store: EntryStore, scheme: str, period: Period, read: _StreamRead) -> Iterator[Misfit]:
    """Archived results that cannot be read, whose score is above their points, or whose bonus the ledger has not."""
    try:
        results = Archive(store, scheme).results(period)
        yield from _of_awards(results, period, read)
        for result in results:
            appraisal = result.appraisal
            if appraisal.beyond_points > 0:
                points = sum((line.points for line in appraisal.lines), Decimal(0))
                where = Label(f"the result of {result.payee} in {period}", f"{result.payee} {period} 的考评结果")
                en = f"its score is {appraisal.score}, and its points come to {points}"
                zh = f"总分为 {appraisal.score}，各项合计 {points}"
                yield Misfit(where, Label(en, zh))
    except LoanPerfError as error:
        yield unread(results_stream(scheme, period), error)


def _of_awards(results: Results, period: Period, read: _StreamRead) -> Iterator[Misfit]:
    """Payees whose awards for a closed period come to another amount than the ledger has as their bonus.

    An amount that was set by hand is nobody's award, and a bonus that no award gives again stays posted.
    """
    with suppress(LoanPerfError):
        ledger = read.ledger
        awarded = defaultdict[tuple[str, str], int](int)
        for result in results if ledger.is_closed(period) else ():
            if result.award is not None:
                awarded[result.payee, result.award.amount.currency] += result.award.amount.units
        posted, by_hand = bonuses_posted(ledger, period)
        for (payee, currency), units in awarded.items():
            if payee in by_hand or posted.get((payee, currency), 0) == units:
                continue
            said, found = (Money.from_units(one, currency) for one in (units, posted.get((payee, currency), 0)))
            where = Label(f"the bonus of {payee} in {period}", f"{payee} {period} 的奖金")
            en, zh = f"the archived awards come to {said}, and the ledger has {found}", f"存档为 {said}，账簿为 {found}"
            yield Misfit(where, Label(en, zh))


@frozen(kw_only=True)
class _StreamRead:
    """A stream as it was read once."""

    misfits: tuple[Misfit, ...]
    marks: Mapping[int, str]
    """The seals, by the version up to which each goes."""
    version: int
    lines: tuple[tuple[int, str], ...]
    """Records that are text, each with its version."""
    entries: Entries
    versions: tuple[int, ...]
    """Of each of the entries."""

    @classmethod
    def of(cls, store: EntryStore, stream: str) -> _StreamRead:
        """A stream, with what does not fit its seals."""
        found: list[Misfit] = []
        marks, version = dict[int, str](), 0
        lines, tables, versions = list[tuple[int, str]](), list[Table](), list[int]()

        def seen() -> Iterator[Batch]:
            nonlocal version
            for batch in store.batches(stream):
                yield batch
                marks[batch.version], version = batch.seal, max(version, batch.version)
                if isinstance(batch.records, Table):
                    tables.append(batch.records)
                    versions.extend(range(batch.before + 1, batch.before + batch.count + 1))
                else:
                    lines.extend(enumerate(batch.records, batch.before + 1))

        entries = Entries.none()
        try:
            found.extend(misfits(stream, seen()))
            if tables:
                table = stacked_tables(tables)
                entries = Entries.read(table)
                found.extend(_of_keys(stream, versions, table, entries))
        except LoanPerfError as error:
            found.append(unread(stream, error))
        return cls(
            misfits=tuple(found),
            marks=marks,
            version=version,
            lines=tuple(lines),
            entries=entries,
            versions=tuple(versions),
        )

    def unlike(self, stream: str, heads: Iterable[Head]) -> Iterator[Misfit]:
        """What does not fit its seals, or heads that were kept elsewhere."""
        yield from self.misfits
        yield from unlike_heads(stream, self.version, self.marks, heads)

    @property
    def fits(self) -> bool:
        """Whether nothing was found."""
        return not self.misfits

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger that the records come to.

        Raises:
            LoanPerfError: they come to none.
        """
        return ledger_of(self.entries, self.versions, self.lines)

    def head(self, stream: str) -> Head:
        """How far it is."""
        return Head(stream=stream, version=self.version, seal=self.marks[self.version])


def unread(stream: str, error: LoanPerfError) -> Misfit:
    """What cannot be read at all."""
    where, fault, remedy = (str(getattr(error, name, "")) for name in ("where", "fault", "remedy"))
    said = fault or str(error).partition("; ")[0]
    place = Label(f"stream {stream!r}, {where}", f"流水 {stream!r}，{where}") if where else Label(stream, stream)
    return Misfit(place, Label(said, f"无法使用：{said}"), Label(remedy, remedy) if remedy else RESTORE_STREAM)


def _of_keys(stream: str, versions: Sequence[int], table: Table, entries: Entries) -> Iterator[Misfit]:
    """Entries whose key is not the one that their other columns make."""
    texts = [*entries.keys.texts(entries.words), None]
    made, kept = [texts[line] for line in entries.line.tolist()], table["line"]
    words = [*kept.words, None]
    said = [words[code] for code in kept.values.tolist()]
    if made == said:
        return
    for version, its, other in zip(versions, said, made, strict=True):
        if its != other:
            where = records_label(stream, version - 1, version)
            en, zh = (
                f"its line is {its!r}, and what it is of makes {other!r}",
                f"其行键为 {its!r}，按其内容应为 {other!r}",
            )
            yield Misfit(where, Label(en, zh))
            return


# ── pay ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_pay(
    of_ledger: _StreamRead,
    of_payments: _StreamRead,
    streams: Streams,
    payments: Iterable[Payment] | None,
    versions: Iterable[Scheme],
) -> Iterator[Misfit]:
    """What of the ledger does not fit itself, what was handed over, what was taken, and the versions of the scheme."""
    try:
        ledger = of_ledger.ledger
        sent = sent_of(streams.payments, (line for _, line in of_payments.lines))
        must_have_posted(streams, ledger, sent)
        must_have_handed(streams, ledger, sent)
    except LoanPerfError as error:
        yield unread(streams.ledger, error)
        return
    yield from unlike_numbers(streams.ledger, ledger.entries)
    yield from unlike_words(streams.ledger, ledger.entries)
    yield from unlike_opening(streams.ledger, ledger.entries)
    yield from unknown_versions(ledger, {scheme.fingerprint for scheme in versions})
    if payments is not None:
        yield from _of_payments(streams, ledger, sent, payments)


def _of_kept(read: Mapping[str, _StreamRead], streams: Streams) -> Iterator[Misfit]:
    """What closes left of a ledger, where it is not what that has. One that cannot be read is reported elsewhere."""
    mine, of_ledger = read[streams.posted], read[streams.ledger]
    if not mine.fits or not mine.lines:
        return
    try:
        kept = kept_of(streams.posted, (line for _, line in mine.lines))
    except LoanPerfError as error:
        yield unread(streams.posted, error)
        return
    with suppress(LoanPerfError):
        yield from unlike_kept(streams.posted, kept, of_ledger.ledger, of_ledger.marks)


def _of_balances(read: _StreamRead, stated: Iterable[StatedBalance]) -> Iterator[Misfit]:
    """Balances that finance states otherwise. A ledger that cannot be read gives none: it is reported elsewhere."""
    unlike = list[tuple[StatedBalance, str, Money, Money]]()
    with suppress(LoanPerfError):
        unlike += unlike_balances(read.ledger, stated) if stated else ()
    for said, name, amount, found in unlike:
        where = Label(f"payee {said.payee} at the end of {said.through}", f"{said.payee} {said.through} 期末")
        fault = Label(f"{name} is {found}, and finance says {amount}", f"{name} 为 {found}，财务为 {amount}")
        yield Misfit(where, fault, Label("find out which of them is right", "请核实何者为准"))


def _of_payments(streams: Streams, ledger: Ledger, sent: Sent, taken: Iterable[Payment]) -> Iterator[Misfit]:
    """Payments that were taken and not posted, posted and not taken, or of which the two say different things."""
    held = {one.key: one for one in taken if one.key.startswith(streams.prefix)}
    posted = dict[str, tuple[int, Payment]]()
    try:
        for place in are_payments(ledger.entries).tolist():
            (payment,) = streams.handed([payment_of(ledger.entries[place])])
            posted[payment.key] = (place + 1, payment)
    except LoanPerfError as error:
        yield unread(streams.ledger, error)
        return
    for key, (number, payment) in posted.items():
        where = Label(f"payment {key}", f"付款 {key}")
        if key not in held and number <= sent.handed:
            en = f"it was handed over, of {payment.amount} by entry {number}, and is not there"
            yield Misfit(where, Label(en, f"第 {number} 笔分录的 {payment.amount} 已移交，现已不在"))
        elif key in held and held[key] != payment:
            en = f"it is of {_body(held[key])}, and entry {number} says {_body(payment)}"
            yield Misfit(where, Label(en, f"其为 {_body(held[key])}，而第 {number} 笔分录为 {_body(payment)}"))
    for key in held.keys() - posted.keys():
        en = f"the ledger has posted no such payment of {_body(held[key])}"
        yield Misfit(Label(f"payment {key}", f"付款 {key}"), Label(en, f"账簿从未登记此付款：{_body(held[key])}"))


def _body(payment: Payment) -> str:
    return f"{payment.amount} to {payment.payee} for {payment.period}"
