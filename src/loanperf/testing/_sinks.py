"""What sinks promise: payments, their answers, notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar

from attrs import evolve

from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.ports import NOTICE_KINDS, Answer, Notice, Notifier, Payment, PaymentAnswers, PaymentSink, PaymentsTaken
from loanperf.testing._promises import Check, at_once, check, raises, same, torn_off
from loanperf.testing._samples import CODES

_Sink = TypeVar("_Sink", bound=PaymentSink)
_Teller = TypeVar("_Teller", bound=Notifier)
_Finance = TypeVar("_Finance", bound=PaymentAnswers)
_MARCH = Period.month(2026, 3)
_MANY = 10_000
_TORN = 2500
_FEW = 25
_PULLS = 10_000
"""Calls after which answers are taken to have no end."""


def _payment(key: str, units: int = 100, payee: str = "lin") -> Payment:
    return Payment(key=key, payee=payee, period=_MARCH, amount=Money.from_units(units, "CNY"))


def check_payment_sink(
    make: Callable[[], _Sink],
    *,
    taken: Callable[[_Sink], Iterable[tuple[str, Money]]],
    reopen: Callable[[_Sink], _Sink] | None = None,
) -> None:
    """Put a `PaymentSink` through everything that its port promises, and `PaymentsTaken` where it has that.

    Args:
        make: a new sink that took nothing, each time.
        taken: the key and the amount of each payment that a sink took, in any order.
        reopen: the same data by new connections, as after a crash; None for a sink that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryPayments
    >>> check_payment_sink(MemoryPayments, taken=lambda sink: [(key, one.amount) for key, one in sink.paid.items()])
    """

    def held(sink: _Sink) -> list[tuple[str, Money]]:
        return sorted(taken(sink), key=lambda one: one[0])

    promises: dict[str, Check[_Sink]] = {
        "no payments are harmless": partial(_pay_nothing, held=held),
        "a payment whose key was taken is not taken again": partial(_pay_once, held=held),
        "a key that was taken is refused another body": partial(_first_stays, held=held),
        "a hand-over is whole or not there": partial(_pay_whole, held=held),
        "payments are taken as they are": partial(_pay_exactly, held=held),
        "many may hand over at once": partial(_pay_at_once, held=held),
        "a huge hand-over is taken": partial(_pay_many, held=held),
        "a sink that says what it took says all of it, by keys that begin with a text": _say_what_was_paid,
    }
    check("PaymentSink", promises, make, reopen)


_Again: TypeAlias = Callable[[Any], Any]
_Held: TypeAlias = Callable[[Any], list[tuple[str, Money]]]
"""The key and amount of each payment that a sink took, in order of key."""


def _pay_nothing(sink: PaymentSink, _: _Again, held: _Held) -> None:
    sink.pay(())
    same([], held(sink), "payments after none was handed over")


def _pay_once(sink: PaymentSink, again: _Again, held: _Held) -> None:
    sink.pay((_payment("a"), _payment("b")))
    sink.pay((_payment("b"), _payment("c"), _payment("c")))
    sink = again(sink)
    expected = [(key, Money.from_units(100, "CNY")) for key in "abc"]
    same(expected, held(sink), "payments that were handed over again")
    sink.pay((_payment("c"), _payment("a")))
    same(expected, held(sink), "payments that were handed over again by a new connection")


def _first_stays(sink: PaymentSink, again: _Again, held: _Held) -> None:
    for other in (_payment("a", 200), _payment("a", 100, "wu")):
        sink.pay((_payment("a", 100),))
        raises(Exception, partial(sink.pay, (_payment("b", 300), other)), "handing over a key with another body")
        same([("a", Money.from_units(100, "CNY"))], held(again(sink)), "payments after a key had another body")


def _pay_whole(sink: PaymentSink, again: _Again, held: _Held) -> None:
    payments = tuple(_payment(f"{number:05}") for number in range(_TORN))
    sink.pay(payments[:1])
    torn_off(sink.pay, payments[1:], "handing over payments that end in the middle")
    same(1, len(held(sink)), "payments after a hand-over that ended in the middle")
    sink = again(sink)
    sink.pay(payments)
    same(_TORN, len(held(sink)), "payments after the whole of it was handed over again")


def _pay_exactly(sink: PaymentSink, again: _Again, held: _Held) -> None:
    payments = [_payment(f"pay/{code}", units, code) for units, code in enumerate(CODES, 1)]
    payments.append(_payment("most", 2**63 - 1))
    sink.pay(tuple(payments))
    expected = sorted(((one.key, one.amount) for one in payments), key=lambda one: one[0])
    same(expected, held(again(sink)), "payments with keys of all kinds, up to 64 bits")


def _pay_at_once(sink: PaymentSink, again: _Again, held: _Held) -> None:
    payments = tuple(_payment(f"{number:03}") for number in range(100))
    parts = [payments, payments[::-1], payments[30:], payments[60::-1], payments, payments[::-1]]
    acts = [partial(sink.pay, part) for part in parts for _ in range(2)]
    at_once(acts, "handing over at once")
    same([(one.key, one.amount) for one in payments], held(again(sink)), "payments that many handed over at once")


def _pay_many(sink: PaymentSink, again: _Again, held: _Held) -> None:
    sink.pay(tuple(_payment(f"{number:05}") for number in range(_MANY)))
    same(_MANY, len(held(again(sink))), "payments of a huge hand-over")


_PREFIXES = ("pay/", "Pay/", "pay_", "pay%", "P", "p", "", "another/")
"""Prefixes to search for: some contain `%` and `_`, which LIKE takes as wildcards; some differ in case alone."""


def _say_what_was_paid(sink: PaymentSink, again: _Again) -> None:
    if not isinstance(sink, PaymentsTaken):
        return
    same([], [*sink.payments_taken("")], "what was taken before anything was")
    keys = [f"{prefix}{code}" for prefix in ("pay/", "Pay/", "pay_", "pay%", "payx") for code in CODES]
    payments = [_payment(key, units, f"payee {units}") for units, key in enumerate(keys, 1)]
    sink.pay(tuple(payments[:10]))
    sink.pay(tuple(payments[5:]))
    for one in (sink, again(sink)):
        for prefix in _PREFIXES:
            expected = sorted(_said(payment) for payment in payments if payment.key.startswith(prefix))
            same(expected, sorted(map(_said, one.payments_taken(prefix))), f"what was taken under {prefix!r}")


def _said(payment: Payment) -> tuple[str, str, str, str]:
    return payment.key, payment.payee, str(payment.period), str(payment.amount)


def check_payment_answers(
    make: Callable[[], _Finance],
    *,
    say: Callable[[_Finance, Answer], object],
    reopen: Callable[[_Finance], _Finance] | None = None,
) -> None:
    """Put `PaymentAnswers` through everything that its port promises.

    Args:
        make: finance that said nothing yet, each time.
        say: have finance say an answer; hand over the payment of its key first where finance wants to know it.
        reopen: the same data by new connections, as after a crash; None for finance that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryPayments
    >>> check_payment_answers(MemoryPayments, say=lambda finance, answer: finance.said.append(answer))
    """

    def before(finance: _Finance, _: Any) -> None:
        found, cursor = _answers(finance, "")
        same([], found, "answers before there is one")
        say(finance, _SAID[0])
        same({_SAID[0]}, set(_answers(finance, cursor)[0]), "answers behind the cursor of none")

    def each(finance: _Finance, again: Callable[[_Finance], _Finance]) -> None:
        cursor, found = "", set[Answer]()
        for answer in _SAID:
            say(finance, answer)
            finance = again(finance)
            more, cursor = _answers(finance, cursor)
            found.update(more)
        same(set(_SAID), found, "answers that were asked for one after the other")
        more, cursor = _answers(finance, cursor)
        same(set(), set(more) - set(_SAID), "answers behind the last cursor that nobody said")

    def asked_again(finance: _Finance, again: Callable[[_Finance], _Finance]) -> None:
        for answer in _SAID:
            say(finance, answer)
        same(set(_SAID), set(_answers(finance, "")[0]), "answers from the first one on")
        same(set(_SAID), set(_answers(again(finance), "")[0]), "answers from the first one on, asked again")

    def meanwhile(finance: _Finance, again: Callable[[_Finance], _Finance]) -> None:
        _say_and_ask(finance, say, again)

    promises: dict[str, Check[_Finance]] = {
        "before there are answers there are none": before,
        "every answer comes behind a cursor": each,
        "the same cursor may be asked again": asked_again,
        "an answer that is said while others ask is not lost": meanwhile,
    }
    check("PaymentAnswers", promises, make, reopen)


_SAID = (
    Answer(key="a", state="paid", on="2026-04-01"),
    Answer(key="工/b", state="rejected", on="2026-04-01", why="账户不存在 '\"\\ 😀"),
    Answer(key="a", state="returned", on="2026-05-09", why="account closed"),
)


def _say_and_ask(
    finance: _Finance, say: Callable[[_Finance, Answer], object], again: Callable[[_Finance], _Finance]
) -> None:
    """Several say while one asks, again and again from where it was; in the end it has heard all."""
    found, cursors = set[Answer](), [""]
    spoken = [[_answer(f"{name}/{number}") for number in range(_FEW)] for name in range(4)]

    def speak(answers: Iterable[Answer]) -> None:
        for answer in answers:
            say(finance, answer)

    def ask() -> None:
        for _ in range(_FEW):
            more, cursor = _answers(finance, cursors[-1])
            found.update(more)
            cursors.append(cursor)

    acts = [partial(speak, answers) for answers in spoken]
    at_once([*acts, ask], "saying and asking at once")
    found.update(_answers(again(finance), cursors[-1])[0])
    lost = sorted(answer.key for answers in spoken for answer in answers if answer not in found)
    same([], lost, "answers that were said while others asked, and lost")


def _answer(key: str) -> Answer:
    return Answer(key=key, state="paid", on="2026-04-01")


def _answers(finance: PaymentAnswers, cursor: str) -> tuple[list[Answer], str]:
    """What is said behind a cursor, to its end, and where to go on."""
    found: list[Answer] = []
    for _ in range(_PULLS):
        answered = finance.answers(cursor)
        same("Answered", type(answered).__name__, "the type of answers()")
        found += answered.answers
        if answered.more and answered.cursor == cursor:
            raise AssertionError(f"it says that there is more, and its cursor stays at {cursor!r}")
        cursor = answered.cursor
        if not answered.more:
            return found, cursor
    raise AssertionError(f"it says that there is more after {_PULLS} calls")


def check_notifier(
    make: Callable[[], _Teller],
    *,
    told: Callable[[_Teller], Iterable[str]],
    reopen: Callable[[_Teller], _Teller] | None = None,
) -> None:
    """Put a `Notifier` through everything that its port promises.

    Args:
        make: a notifier that told nothing, each time.
        told: the key of each notice that it told, in any order.
        reopen: the same data by new connections, as after a crash; None for a notifier that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryNotices
    >>> check_notifier(MemoryNotices, told=lambda teller: teller.told)
    """

    def nothing(teller: _Teller, _: Any) -> None:
        teller.notify(())
        same([], list(told(teller)), "notices after none was given")

    def once(teller: _Teller, again: Callable[[_Teller], _Teller]) -> None:
        teller.notify((_notice("a"), _notice("工/b")))
        teller.notify((_notice("工/b"), _notice("c"), _notice("c")))
        teller = again(teller)
        same(["a", "c", "工/b"], sorted(told(teller)), "notices that were told")
        teller.notify((_notice("c"), _notice("a")))
        same(["a", "c", "工/b"], sorted(told(teller)), "notices that were told, by a new connection")

    def every_key(teller: _Teller, again: Callable[[_Teller], _Teller]) -> None:
        teller.notify(tuple(_notice(code) for code in CODES))
        same(sorted(CODES), sorted(told(again(teller))), "notices with keys of all kinds")

    def every_kind(teller: _Teller, again: Callable[[_Teller], _Teller]) -> None:
        kinds = (*NOTICE_KINDS, "of a later version")
        teller.notify(tuple(evolve(_notice(kind), kind=kind, to="wu", short=Label("1.00 CNY")) for kind in kinds))
        same(sorted(kinds), sorted(told(again(teller))), "notices of all kinds, and of one that is not known yet")

    promises: Mapping[str, Check[_Teller]] = {
        "no notices are harmless": nothing,
        "a notice whose key was told is not told again": once,
        "every notice is told, whatever its key": every_key,
        "a notice of a kind that is not known is told": every_kind,
    }
    check("Notifier", promises, make, reopen)


def _notice(key: str) -> Notice:
    text = Label("1.00 CNY to be paid", "应发 1.00 CNY")
    return Notice(key=key, kind="posted", period=_MARCH, payee="lin", amount=Money.from_units(100, "CNY"), text=text)
