"""What sinks promise: payments, their answers, notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.ports import Answer, Answered, Notice, Notifier, Payment, PaymentAnswers, PaymentSink
from loanperf.testing._promises import Check, at_once, check, same
from loanperf.testing._samples import CODES

_Sink = TypeVar("_Sink", bound=PaymentSink)
_Teller = TypeVar("_Teller", bound=Notifier)
_Finance = TypeVar("_Finance", bound=PaymentAnswers)
_MARCH = Period.month(2026, 3)
_MANY = 10_000


def _payment(key: str, units: int = 100, payee: str = "lin") -> Payment:
    return Payment(key=key, payee=payee, period=_MARCH, amount=Money(units, "CNY"))


def check_payment_sink(
    make: Callable[[], _Sink],
    *,
    taken: Callable[[_Sink], Iterable[tuple[str, Money]]],
    reopen: Callable[[_Sink], _Sink] | None = None,
) -> None:
    """Put a `PaymentSink` through everything that its port promises.

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

    def nothing(sink: _Sink, _: Any) -> None:
        sink.pay(())
        same([], held(sink), "payments after none was handed over")

    def once(sink: _Sink, again: Callable[[_Sink], _Sink]) -> None:
        sink.pay((_payment("a"), _payment("b")))
        sink.pay((_payment("b"), _payment("c")))
        sink = again(sink)
        sink.pay((_payment("a"), _payment("b"), _payment("c")))
        same([(key, Money(100, "CNY")) for key in "abc"], held(sink), "payments that were handed over again")

    def as_they_were(sink: _Sink, again: Callable[[_Sink], _Sink]) -> None:
        payments = [_payment(f"pay/{code}", units, code) for units, code in enumerate(CODES, 1)]
        payments.append(_payment("most", 2**63 - 1))
        sink.pay(tuple(payments))
        expected = sorted(((one.key, one.amount) for one in payments), key=lambda one: one[0])
        same(expected, held(again(sink)), "payments with keys of all kinds, up to 64 bits")

    def at_one_time(sink: _Sink, again: Callable[[_Sink], _Sink]) -> None:
        payments = tuple(_payment(f"{number:03}") for number in range(100))
        acts = [partial(sink.pay, payments[start:]) for start in (0, 30, 60, 0)]
        same([], at_once(acts), "what those raised who handed over at once")
        same([(one.key, one.amount) for one in payments], held(again(sink)), "payments that many handed over at once")

    def huge(sink: _Sink, again: Callable[[_Sink], _Sink]) -> None:
        sink.pay(tuple(_payment(f"{number:05}") for number in range(_MANY)))
        same(_MANY, len(held(again(sink))), "payments of a huge hand-over")

    promises: dict[str, Check[_Sink]] = {
        "no payments are harmless": nothing,
        "a payment whose key was taken is not taken again": once,
        "payments are taken as they are": as_they_were,
        "many may hand over at once": at_one_time,
        "a huge hand-over is taken": huge,
    }
    check("PaymentSink", promises, make, reopen)


def check_payment_answers(make: Callable[[], _Finance], *, say: Callable[[_Finance, Answer], object]) -> None:
    """Put `PaymentAnswers` through everything that its port promises.

    Args:
        make: finance that said nothing yet, each time.
        say: have finance say an answer.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryPayments
    >>> check_payment_answers(MemoryPayments, say=lambda finance, answer: finance.said.append(answer))
    """
    said = [
        Answer(key="a", state="paid", on="2026-04-01"),
        Answer(key="工/b", state="rejected", on="2026-04-01", why="账户不存在 '\"\\"),
        Answer(key="a", state="returned", on="2026-05-09", why="account closed"),
    ]

    def none(finance: _Finance, _: Any) -> None:
        same((), finance.answers("").answers, "answers before there is one")

    def each(finance: _Finance, _: Any) -> None:
        cursor, found = "", list[Answer]()
        for answer in said:
            say(finance, answer)
            more = True
            while more:
                answered = finance.answers(cursor)
                found += answered.answers
                cursor, more = answered.cursor, answered.more
        same(set(said), set(found), "answers that were asked for one after the other")
        same(set(), set(_all(finance, cursor)) - set(said), "answers behind the last cursor that nobody said")

    def again(finance: _Finance, _: Any) -> None:
        for answer in said:
            say(finance, answer)
        same(set(said), set(_all(finance, "")), "answers from the first one on")
        same(set(said), set(_all(finance, "")), "answers from the first one on, asked again")

    promises: dict[str, Check[_Finance]] = {
        "before there are answers there are none": none,
        "every answer comes behind a cursor": each,
        "the same cursor may be asked again": again,
    }
    check("PaymentAnswers", promises, make, None)


def _all(finance: PaymentAnswers, cursor: str) -> list[Answer]:
    found: list[Answer] = []
    answered = Answered(answers=(), cursor=cursor, more=True)
    while answered.more:
        answered = finance.answers(answered.cursor)
        found += answered.answers
    return found


def check_notifier(make: Callable[[], _Teller], *, told: Callable[[_Teller], Iterable[str]]) -> None:
    """Put a `Notifier` through everything that its port promises.

    Args:
        make: a notifier that told nothing, each time.
        told: the key of each notice that it told, in any order.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryNotices
    >>> check_notifier(MemoryNotices, told=lambda teller: teller.told)
    """

    def once(teller: _Teller, _: Any) -> None:
        teller.notify(())
        teller.notify((_notice("a"), _notice("工/b")))
        teller.notify((_notice("工/b"), _notice("c")))
        same(["a", "c", "工/b"], sorted(told(teller)), "notices that were told")

    promises: Mapping[str, Check[_Teller]] = {"a notice whose key was told is not told again": once}
    check("Notifier", promises, make, None)


def _notice(key: str) -> Notice:
    text = Label("1.00 CNY to be paid", "应发 1.00 CNY")
    return Notice(key=key, kind="posted", period=_MARCH, payee="lin", amount=Money(100, "CNY"), text=text)
