"""Archive: what runs came to, kept for ever beside the ledger; any past moment comes out again as it was.

Results of a period are the stream `<scheme>/results/<period>`, a record a result that is new or says something else
than before; versions of the scheme are `<scheme>/versions`, approvals `<scheme>/approvals`. What is personal of a
result, its name, salary and what was worked out of that, is in none of them: a record has the commitment of it, and a
`PersonalStore` the rest, from which it can be erased.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from attrs import Attribute, evolve, field, frozen

from loanperf._appraisal import Appraisal, Calibrated
from loanperf._bonus import Award
from loanperf._data import PlainData
from loanperf._indicators import Reading, parts_gone
from loanperf._ledger import Ledger, read_ledger
from loanperf._ledger._ledger import line_of
from loanperf._org import Assignment
from loanperf._periods import Period, day, must_be_period
from loanperf._scheme import Scheme, SchemeBook, parse_scheme, write_scheme
from loanperf._scorecard import Card
from loanperf._seals import lines_proven
from loanperf._validators import is_a, is_code, must_be, must_be_storable, person_of
from loanperf.errors import ConflictError, DataError, LoanPerfError, PeriodError, shown
from loanperf.goals import UsedVersion
from loanperf.ports import EntryStore, PersonalStore
from loanperf.run._results import Result, Results, Run

_Kept = TypeVar("_Kept")
_Key: TypeAlias = tuple[str, str]
"""A payee, and the days of the period in which the assignment holds."""
_ATTEMPTS = 10
"""How often what somebody else has appended meanwhile is read again."""


# ── results ─────────────────────────────────────────────────────────────────────────────────────────────────


def results_stream(scheme: str, period: Period) -> str:
    """The stream of the results of a period."""
    return f"{scheme}/results/{period}"


def personal_of(results: Results) -> list[tuple[str, str]]:
    """What is personal of each result, as JSON, behind its payee."""
    found = list[tuple[str, str]]()
    for result in results:
        held = result.assignment.data()
        said = {"name": result.name, **{name: held[name] for name in _PERSONAL}}
        award = {} if result.award is None else result.award.data()
        said |= {name: award.get(name) for name in _OF_AWARD}
        found.append((result.payee, json.dumps(said, ensure_ascii=False)))
    return found


_PERSONAL = ("salary", "base")
"""Of an assignment."""
_OF_AWARD = ("exact", "multiple", "steps")
"""Of an award: how it was worked out of those."""


def new_results(
    kept: Iterable[str],
    results: Results,
    entries: int,
    commitments: Sequence[str | None] | None = None,
    facts: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """The records to append, so that the stream says what the results say; none where it does.

    Args:
        kept: the records of the stream.
        results: of the period.
        entries: how many entries the ledger has now.
        commitments: of what is personal of each result; None where that is kept nowhere.
        facts: by kind, the digest of the facts on which the results stand.
    """
    said = _Said.of(kept)
    lines, stood = list[str](), _digest_of_facts(facts) if facts else ""
    gone = {key for key, data in said.results.items() if data is not None}
    for place, result in enumerate(results):
        card, data = _written(result)
        data["personal"] = None if commitments is None else commitments[place]
        key = result.payee, str(result.part)
        gone.discard(key)
        if said.results.get(key) == data:
            continue
        if data["card"] not in said.cards:
            said.cards[data["card"]] = card
            lines.append(line_of("card", {"id": data["card"], "card": card}))
        if stood not in said.facts:
            said.facts[stood] = facts
            lines.append(line_of("facts", {"id": stood, "digests": {**facts}}))
        lines.append(line_of("result", {"entries": entries, "facts": stood, **data}))
    lines += [line_of("withdrawn", {"entries": entries, "payee": payee, "part": part}) for payee, part in sorted(gone)]
    return lines


def _written(result: Result) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card of a result, and the result without it: numbers, with places where cards and readings say the rest."""
    appraisal = result.in_numbers.appraisal
    data = appraisal.data()
    card = data.pop("card")
    for scored in data["lines"]:
        scored["line"] = card["lines"].index(scored["line"])
        scored["reading"] = None if scored["reading"] is None else data["readings"].index(scored["reading"])
    data["measured"] = [reading.is_measured for reading in appraisal.readings]
    paid = result.award
    award = None if paid is None else {"period": paid.period, "amount": str(paid.amount)}
    held = {name: value for name, value in result.assignment.data().items() if name not in _PERSONAL}
    head = {"payee": result.payee, "part": str(result.part), "assignment": held, "card": _digest(card)}
    agreed = {"agreed": [one.data() for one in result.agreed]} if result.agreed else {}
    decided = {} if result.calibrated is None else {"calibrated": result.calibrated.data()}
    return card, head | {"appraisal": data, "award": award} | agreed | decided


def _digest(card: dict[str, Any]) -> str:
    return sha256(line_of("card", card).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _digest_of_facts(digests: Mapping[str, str]) -> str:
    said = line_of("facts", dict(sorted(digests.items())))
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _read(data: Mapping[str, Any], card: Card, personal: Mapping[str, Any]) -> Result:
    """A result as it was, with what is personal of it."""
    said = {**data["appraisal"], "card": card}
    measured = said.pop("measured")
    readings = [
        evolve(found, parts=parts_gone) if was else found
        for found, was in zip(map(Reading.from_data, said["readings"]), measured, strict=True)
    ]
    said["readings"] = readings
    said["lines"] = [
        {
            **scored,
            "line": card.lines[scored["line"]],
            "reading": None if scored["reading"] is None else readings[scored["reading"]],
        }
        for scored in said["lines"]
    ]
    appraisal = Appraisal.from_data(said)
    award = None
    if data["award"] is not None:
        known = {name: personal.get(name) or unknown for name, unknown in _UNKNOWN.items()}
        award = Award.from_data({"payee": data["payee"], **data["award"], **known, "appraisal": appraisal})
    held = {**data["assignment"], **{name: personal.get(name) for name in _PERSONAL}}
    return Result(
        payee=data["payee"],
        name=personal.get("name", ""),
        assignment=Assignment.from_data(held),
        part=Period.parse(data["part"]),
        appraisal=appraisal,
        award=award,
        agreed=tuple(map(UsedVersion.from_data, data.get("agreed", ()))),
        calibrated=Calibrated.from_data({"period": data["part"], **data["calibrated"]})
        if "calibrated" in data
        else None,
    )


_UNKNOWN: Mapping[str, Any] = MappingProxyType({"exact": "0", "multiple": "0", "steps": []})
"""What an award has where nobody knows any more how it was worked out."""


@frozen
class _Said:
    """What the records of a stream of results say in the end."""

    cards: dict[str, Any] = field(factory=dict)
    read: dict[str, Card] = field(factory=dict)
    """Those of them that were asked for."""
    results: dict[_Key, dict[str, Any] | None] = field(factory=dict)
    """None where a result was withdrawn."""
    facts: dict[str, Mapping[str, str]] = field(factory=lambda: {"": {}})
    """By their code, digests of kinds of facts."""
    stood: dict[_Key, str] = field(factory=dict)
    """By result, the code of the facts on which it stands; empty where none are known."""

    @classmethod
    def of(cls, records: Iterable[str], each: Callable[[int, _Key, _Said], None] | None = None) -> _Said:
        """Read records, the first to the last.

        Args:
            records: of the stream.
            each: called with the number of a record, whom it is about, and what is said by then.

        Raises:
            DataError: a record is none of the stream.
        """
        said = cls()
        for number, record in enumerate(records, 1):
            try:
                ((what, data),) = json.loads(record).items()
                key = said._add(what, data)
            except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
                raise _unreadable(number, error) from None
            if key is not None and each is not None:
                each(number, key, said)
        return said

    def card(self, code: str) -> Card:
        """A card by its digest."""
        if code not in self.read:
            self.read[code] = Card.from_data(self.cards[code])
        return self.read[code]

    def _add(self, what: str, data: dict[str, Any]) -> _Key | None:
        if what == "card":
            if _digest(data["card"]) != data["id"]:
                raise ValueError(f"the card {shown(data['id'])} is another one")
            self.cards[data["id"]] = data["card"]
            return None
        if what == "facts":
            if _digest_of_facts(data["digests"]) != data["id"]:
                raise ValueError(f"the digests {shown(data['id'])} are others")
            self.facts[data["id"]] = data["digests"]
            return None
        del data["entries"]
        key = data["payee"], data["part"]
        self.stood[key] = data.pop("facts", "")
        if self.stood[key] not in self.facts:
            raise KeyError(self.stood[key])
        if what not in ("result", "withdrawn"):
            raise KeyError(what)
        self.results[key] = data if what == "result" else None
        return key


def results_in(records: Iterable[str]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The card and the data of each result that the records of a period say in the end, in order."""
    said = _Said.of(records)
    yield from ((said.cards[data["card"]], data) for _, data in sorted(said.results.items()) if data is not None)


def _unreadable(number: int, error: Exception) -> DataError:
    said = str(error) if isinstance(error, LoanPerfError) else repr(error)
    fault = f"it is none of an archive: {shown(said, 200)}"
    return DataError(f"record {number} of the archive", fault, "restore the stream as it was written")


# ── approvals ───────────────────────────────────────────────────────────────────────────────────────────────


def _somebody(_: Approval, attribute: Attribute[str], value: object) -> None:
    if not is_code(value):
        remedy = "name who approves, in printable characters, without blanks around it"
        raise DataError("an approval", f"{attribute.name} is {shown(value)}", remedy)


def _a_text(_: Approval, attribute: Attribute[str], value: object) -> None:
    must_be_storable(f"{attribute.name} of an approval", value)


def _a_day(value: Any) -> date | None:
    try:
        return None if value is None else day(value)
    except PeriodError as error:
        raise DataError("an approval", f"on is {shown(value)}, {error.fault}", error.remedy) from None


@frozen(kw_only=True)
class Approval(PlainData):
    """That somebody approved a run, such as before anything of it is paid.

    Raises:
        DataError: nobody is named, the day is none, or another field is of another class.
    """

    by: str = field(validator=_somebody)
    """The code of who approved."""
    on: date | None = field(default=None, converter=_a_day)
    """The day on which they did; None where the host does not say."""
    period: Period = field(validator=is_a(Period))
    over: str = field(validator=_a_text)
    """The digest of what was approved; see `Run.digest`."""
    rows: int = field(default=0, validator=is_a(int))
    """Rows that had come in."""
    used: int = field(default=0, validator=is_a(int))
    """Those that could be used."""
    blocked: tuple[str, ...] = field(default=(), validator=is_a(tuple))
    """Payees who could not be worked."""
    why: str = field(default="", validator=_a_text)
    """What they say of it."""


def must_not_be_own(run: Run, by: str) -> None:
    """Refuse who would approve pay of their own; codes that differ in case, width or blanks are of one person.

    Raises:
        DataError: the run has a result, an entry or a payment of theirs.
    """
    if person_of(by) in _paid(run):
        raise DataError(
            "an approval", f"{by} would approve pay of their own in {run.period}", "let somebody else approve"
        )


def _paid(run: Run) -> frozenset[str]:
    """Who has a result, an entry or a payment in a run."""
    entries = run.entries
    paid = {*run.results.payees, *entries.words.payee.of(entries.payee), *(one.payee for one in run.payments)}
    return frozenset(map(person_of, paid))


# ── the archive ─────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Archive:
    """What runs of a scheme came to, as it was kept: results, versions of the scheme, approvals.

    `run` with a `Keeping` adds to it whenever it posts; nothing in it is changed or removed. A result has its card,
    targets, readings, points, score, grade, vetoes and award, and its reasons as numbers; of a reading that was
    measured it has the numerator and the denominator, and not each fact. Name, salary and base of a payee, and how the
    award was worked out of them, are there where a `personal` store has them, and were not erased since.
    """

    store: EntryStore
    """What the run keeps its ledger in."""
    scheme: str
    """The name of the scheme."""
    personal: PersonalStore | None = None
    """What the run keeps personal fields in."""

    def results(self, period: Period, *, as_of: int | None = None) -> Results:
        """The results of a period, in order of payee and date, as they stood at some moment.

        Args:
            period: which was worked.
            as_of: how many records the stream `<scheme>/results/<period>` had then, see `history`; None is now.

        Raises:
            PeriodError: it is no period.
            DataError: a record cannot be read.
            StoreError: a record is not as it was written.
        """
        must_be_period(period)
        records = [*self._read(results_stream(self.scheme, period))]
        said = _Said.of(records if as_of is None else records[:as_of])
        there = [key for key in sorted(said.results) if said.results[key] is not None]
        told = self._told(said.results[key] for key in there)
        return Results.gathered(self._result(said, key, told) for key in there)

    def history(self, payee: str, period: Period) -> tuple[tuple[int, Result | None], ...]:
        """What was kept of a payee for a period, the oldest first: the number of each record, and the result.

        A result that a later run did not have any more is withdrawn, and None stands there.

        Raises:
            PeriodError: it is no period.
            DataError: a record cannot be read.
            StoreError: a record is not as it was written.
        """
        must_be_period(period)
        found = list[tuple[int, Result | None]]()

        def note(number: int, key: _Key, said: _Said) -> None:
            if key[0] == payee:
                data = said.results[key]
                found.append((number, None if data is None else self._result(said, key, self._told([data]))))

        _Said.of(self._read(results_stream(self.scheme, period)), note)
        return tuple(found)

    def facts(self, payee: str, period: Period, *, as_of: int | None = None) -> dict[str, dict[str, str]]:
        """On which facts the results of a payee stand: by their days, and by kind of facts the SHA-256 of all of them.

        `digests_of` gives the same of facts that are the same, in whatever order they come. There are none of a result
        that was kept by a run over a source that is no `FactHistory`, of the facts of some loans alone, or without any.

        Args:
            payee: whose.
            period: which was worked.
            as_of: as for `results`.

        Raises:
            PeriodError: it is no period.
            DataError: a record cannot be read.
            StoreError: a record is not as it was written.
        """
        must_be_period(period)
        said = _Said.of([*self._read(results_stream(self.scheme, period))][:as_of])
        mine = [key for key, data in sorted(said.results.items()) if key[0] == payee and data is not None]
        return {key[1]: {**said.facts[said.stood[key]]} for key in mine}

    def ledger(self, *, as_of: int | None = None) -> Ledger:
        """The ledger of the scheme as it stood at some moment, such as for `lp.statement` of a payee as it was then.

        Args:
            as_of: how many records the stream `<scheme>/ledger` had then, which is how many lines the ledger had and
                what a `Head` of it counts; None is now.

        Raises:
            DataError: it is no whole number from 0 on, or the stream never had so many records.
            LedgerError: the records are those of no ledger.
            StoreError: a record is not as it was written.
        """
        lines = [*self._read(ledger_stream(self.scheme))]
        if as_of is not None and not (type(as_of) is int and 0 <= as_of <= len(lines)):
            fault = f"it is {shown(as_of)}, and the ledger has {len(lines)} records"
            raise DataError("as_of", fault, "give how many records it had")
        return read_ledger(lines[:as_of])

    def _read(self, stream: str) -> Iterator[str]:
        """The records of a stream, once each is seen to fit its seal."""
        return lines_proven(stream, self.store.batches(stream))

    def _told(self, results: Iterable[Mapping[str, Any] | None]) -> Mapping[str, str]:
        """What is personal of results, by commitment."""
        if self.personal is None:
            return {}
        asked = dict.fromkeys(data["personal"] for data in results if data is not None and data["personal"])
        told = self.personal.told(tuple(asked))
        must_be(told, Mapping, "what personal.told() returned", "return the texts by commitment, and await it yourself")
        return told

    def _result(self, said: _Said, key: _Key, told: Mapping[str, str]) -> Result:
        data = said.results[key] or {}
        try:
            return _read(data, said.card(data["card"]), json.loads(told.get(data["personal"], "{}")))
        except (AttributeError, LookupError, TypeError, ValueError, LoanPerfError) as error:
            fault = f"it cannot be read: {shown(str(error), 200)}"
            raise DataError(f"the archived result of {key[0]} in {key[1]}", fault, "restore the stream") from None

    def versions(self) -> tuple[Scheme, ...]:
        """Every version of the scheme by which something was worked, in the order in which they came.

        Raises:
            DataError: a record cannot be read, or a document is not the one of its fingerprint.
            StoreError: a record is not as it was written.
        """
        return versions_of(self._read(versions_stream(self.scheme)))

    def approve(self, run: Run, *, by: str, on: date | None = None, why: str = "") -> Approval:
        """Keep that somebody approved what a run would post and pay; the same is kept once.

        Args:
            run: as `run` gave it, held or dry.
            by: the code of who approves, without blanks around it; never of a payee of the run, in whatever case.
            on: the day, or text of it such as `2026-04-02`.
            why: what they say of it.

        Raises:
            DataError: it is pay of their own, nobody is named, the run is of another scheme, or something is of another
                class; nothing is kept then.
            ConflictError: others keep appending.
        """
        must_be(run, Run, "what is approved", "pass what lp.run gave")
        self._must_be_of(run)
        blocked = tuple(one.payee for one in run.blocked)
        given = Approval(
            by=by, on=on, period=run.period, over=run.digest, rows=run.rows, used=run.used, blocked=blocked, why=why
        )
        must_not_be_own(run, by)
        record, stream = line_of("approval", given.data()), approvals_stream(self.scheme)
        if _approval(record) != given:
            raise DataError("an approval", f"it does not read back from {shown(record)}", "pass plain texts and a day")
        for attempt in range(_ATTEMPTS):
            known = tuple(self.store.read(stream))
            try:
                if record not in known:
                    self.store.append(stream, [record], expected=len(known))
            except ConflictError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        return given

    def _must_be_of(self, run: Run) -> None:
        """Refuse a run of another scheme, whose approval would stand where nobody looks for it."""
        if run.scheme != self.scheme:
            fault = f"the run of {run.period} is by the scheme {run.scheme!r}, and this archive is of {self.scheme!r}"
            raise DataError("an approval", fault, f"use Archive(store, {run.scheme!r})")

    def approvals(self) -> tuple[Approval, ...]:
        """Every approval that was kept, in order.

        Raises:
            DataError: a record cannot be read.
            StoreError: a record is not as it was written.
        """
        return approvals_of(self._read(approvals_stream(self.scheme)))

    def approved(self, persons: int = 1, *, prepared_by: str = "") -> Callable[[Run], bool]:
        """What `run` takes as `approve`: whether enough people have approved just what it would post and pay.

        Args:
            persons: how many different ones, 1 or more; with who prepared the run, 1 makes four eyes. Codes that differ
                in case, width or blanks are of one person.
            prepared_by: who runs it, whose own approval does not count; nor does that of a payee of the run.

        Raises:
            DataError: it is no whole number from 1 on, or who prepared it is no text.

        >>> from loanperf.adapters.memory import MemoryEntries
        >>> Archive(MemoryEntries(), "branch pay").approvals()
        ()
        """
        must_be(prepared_by, str, "prepared_by", "pass the code of who prepares the run")
        if type(persons) is not int or persons < 1:
            raise DataError("persons", f"it is {shown(persons)}", "ask for 1 person or more")

        def approve(run: Run) -> bool:
            self._must_be_of(run)
            over = run.digest
            by = {person_of(one.by) for one in self.approvals() if one.over == over}
            return len(by - {person_of(prepared_by)} - _paid(run)) >= persons

        return approve


def _approval(record: str) -> Approval:
    return Approval.from_data(json.loads(record)["approval"])


def approvals_of(records: Iterable[str]) -> tuple[Approval, ...]:
    """What the records of a stream of approvals say.

    Raises:
        DataError: one is none.
    """
    return tuple(_each(_approval, records))


def approvals_stream(scheme: str) -> str:
    """The stream of approvals."""
    return f"{scheme}/approvals"


# ── versions of the scheme ──────────────────────────────────────────────────────────────────────────────────


def ledger_stream(scheme: str) -> str:
    """The stream of entries and closings."""
    return f"{scheme}/ledger"


def versions_stream(scheme: str) -> str:
    """The stream of versions of the scheme."""
    return f"{scheme}/versions"


def versions_of(records: Iterable[str]) -> tuple[Scheme, ...]:
    """What the records of a stream of versions say.

    Raises:
        DataError: one is none, or a document is not the one of its fingerprint.
    """
    return tuple(_each(_version, records))


def _each(read: Callable[[str], _Kept], records: Iterable[str]) -> Iterator[_Kept]:
    """What each record says; one that cannot be read is named."""
    for number, record in enumerate(records, 1):
        try:
            yield read(record)
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
            raise _unreadable(number, error) from None


def _version(record: str) -> Scheme:
    data = json.loads(record)["version"]
    scheme = parse_scheme(data["document"], "json", source=f"version {data['fingerprint']}")
    if scheme.fingerprint != data["fingerprint"]:
        raise ValueError(f"its document is that of version {scheme.fingerprint}")
    return scheme


def new_versions(kept: Iterable[str], book: SchemeBook) -> list[str]:
    """The records of versions of a book that are not the last that was kept for their effective date."""
    last = {scheme.effective: scheme.fingerprint for scheme in versions_of(kept)}
    return [
        line_of(
            "version",
            {
                "fingerprint": scheme.fingerprint,
                "effective": scheme.effective.isoformat(),
                "document": write_scheme(scheme, "json"),
            },
        )
        for scheme in book.versions
        if last.get(scheme.effective) != scheme.fingerprint
    ]
