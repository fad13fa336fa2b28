"""Proofs: a ledger -> what of it does not fit the numbers of its reasons, or the versions of the scheme."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from loanperf._explanations import Explanation, Label
from loanperf._ledger import Entries, Ledger
from loanperf._ledger._proofs import due_and_posted, told_reasons, unlike_openings, unlike_reasons
from loanperf._quantities import Money
from loanperf._scheme import Scheme, SchemeBook
from loanperf._seals import Misfit
from loanperf.errors import LoanPerfError, Problem, shown


def unlike_numbers(stream: str, entries: Entries, since: int = 0) -> Iterator[Misfit]:
    """Entries whose amount is not what is due less what was posted, by the numbers that are kept of their reasons.

    Args:
        stream: of the ledger.
        entries: all of it.
        since: lines of which nothing stands behind so many entries are passed over.
    """
    amounts, reasons = unlike_reasons(entries, since)
    for place in amounts.tolist():
        due, posted = due_and_posted(entries, place)
        yield _unlike(stream, entries, place, f"{due} - {posted}")
    for place in reasons.tolist():
        _, posted = due_and_posted(entries, place)
        en = f"entry {place + 1} says that {posted} was posted of its line before, and that is not so"
        zh = f"第 {place + 1} 笔分录称该行此前已登记 {posted}，与账簿不符"
        yield Misfit(_of_stream(stream), Label(en, zh))


def unlike_words(stream: str, entries: Entries) -> Iterator[Misfit]:
    """Entries whose amount is not the one in their reasons, of those that are kept whole; and reasons that are none."""
    for place, rule, reason in told_reasons(entries):
        try:
            told = Explanation.from_data(json.loads(reason))
        except (RecursionError, ValueError, LoanPerfError) as error:
            yield _unreadable(stream, place, shown(str(error), 200))
            continue
        if told.rule != rule:
            yield _unreadable(stream, place, f"{told.rule!r} != {rule!r}")
            continue
        entry, said, now = entries[place], _said_amount(told), _said_money(told, "now")
        if said is not None and said != entry.amount:
            yield _unlike(stream, entries, place, str(said))
        elif rule == "entry.override" and now != entry.set_to:
            en = f"entry {place + 1} sets its line to {entry.set_to}, and its reason says {now}"
            zh = f"第 {place + 1} 笔分录将该行调整为 {entry.set_to}，其理由称 {now}"
            yield Misfit(_of_stream(stream), Label(en, zh))


def unlike_opening(stream: str, entries: Entries) -> Iterator[Misfit]:
    """Payees of whom the lines of an opening do not come to what it says was paid out of them."""
    for (payee, currency), units in unlike_openings(entries).items():
        due, paid = (Money.from_units(one, currency) for one in units)
        en = f"the lines of {payee} in the opening come to {due} to be paid, and {paid} was paid out of them"
        zh = f"期初中 {payee} 的各行应发 {due}，所记已发为 {paid}"
        yield Misfit(_of_stream(stream), Label(en, zh))


def _said_amount(reason: Explanation) -> Money | None:
    """The amount that the top of a reason says; None where it says none."""
    if reason.rule in ("entry.difference", "entry.override"):
        now, before = (_said_money(reason, name) for name in ("now", "before"))
        return None if now is None or before is None else now - before
    amount = _said_money(reason, "amount")
    return -amount if amount is not None and reason.rule == "entry.returned" else amount


def _said_money(reason: Explanation, name: str) -> Money | None:
    """An amount that a reason says under a name; None where that is none."""
    try:
        return Money.of(str(dict(reason.values).get(name, "")))
    except LoanPerfError:
        return None


def _unreadable(stream: str, place: int, fault: str) -> Misfit:
    en, zh = f"the reason of entry {place + 1} is none: {fault}", f"第 {place + 1} 笔分录的理由无法读取：{fault}"
    return Misfit(_of_stream(stream), Label(en, zh))


def _unlike(stream: str, entries: Entries, place: int, reason: str) -> Misfit:
    entry = entries[place]
    en = f"entry {entry.number} of {entry.payee} is {entry.amount}, and the numbers of its reason come to {reason}"
    zh = f"{entry.payee} 的第 {entry.number} 笔分录为 {entry.amount}，按其理由的数字应为 {reason}"
    return Misfit(_of_stream(stream), Label(en, zh))


def _of_stream(stream: str) -> Label:
    return Label(f"stream {stream!r}", f"流水 {stream!r}")


def named_versions(entries: Entries) -> Iterator[tuple[str, int]]:
    """The versions of the scheme that entries name, each with the first place, in order of places."""
    codes = {*entries.version.tolist()}
    for place, code in sorted((int((entries.version == code).nonzero()[0][0]), code) for code in codes):
        version = entries.words.version.texts[code]
        if version:
            yield version, place


def unknown_versions(ledger: Ledger, known: Collection[str]) -> Iterator[Misfit]:
    """Versions that entries name, and of which no document has the fingerprint; where any document is known."""
    if not known:
        return
    for version, place in named_versions(ledger.entries):
        if version not in known:
            en = f"no scheme has this fingerprint, which entry {place + 1} names: its document was changed or removed"
            zh = f"第 {place + 1} 笔分录所用的版本没有相应文本：文本被改动或删除"
            yield Misfit(Label(f"version {version} of the scheme", f"方案版本 {version}"), Label(en, zh))


def changed_versions(ledger: Ledger, book: SchemeBook, archived: Sequence[Scheme]) -> Iterator[Problem]:
    """A problem for each version that entries name and that the book does not have, unless another took its place.

    Args:
        ledger: as it stands.
        book: by which the run works.
        archived: versions by which earlier runs worked that were approved, in order: of one effective date the last.
    """
    since = {scheme.fingerprint: scheme.effective for scheme in archived}
    last = {scheme.effective: scheme.fingerprint for scheme in archived}
    known = {scheme.fingerprint for scheme in book.versions}
    for version, place in named_versions(ledger.entries):
        replaced = version in since and last[since[version]] != version
        if version not in known and not replaced:
            fault = f"entry {place + 1} names it, and the book has it no more"
            remedy = "publish it as it was, or approve the run if it was changed on purpose"
            yield Problem(f"version {version} of the scheme", fault, "", remedy)
