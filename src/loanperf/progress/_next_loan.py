"""Next loan: (facts, plans, one more loan) -> what it would earn: all worked with it, less all worked without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

from attrs import evolve, field, frozen
from attrs.validators import optional

from loanperf._commission import Accruals, CountedBefore, accrue
from loanperf._facts import EventKind, Fact, Facts, Loan, LoanEvent
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period, day
from loanperf._quantities import Money
from loanperf._scheme import SchemeBook
from loanperf._targets import Target
from loanperf._validators import each_of, is_a, must_be
from loanperf.errors import DataError, UnknownPayeeError, shown
from loanperf.progress._ahead import outlook_of
from loanperf.progress._parts import Outlook, TierProgress, summed
from loanperf.progress._progress import NextLoan
from loanperf.progress._tiers import tiers_of
from loanperf.run import Results
from loanperf.run._pay import looks, measured_for_plans
from loanperf.run._scores import scored
from loanperf.run._supplied import Supplied
from loanperf.run._tasks import tasks_of
from loanperf.run._work import measured_parts, results_of

_CODE = "next loan"


def _as_codes(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(each_of(given, str, "PayBasis.payees", "pass a list of codes"))


@frozen(kw_only=True)
class PayBasis:
    """All that pay of a period is worked from: what happened, what was agreed, who works where."""

    period: Period = field(validator=is_a(Period))
    """The pay period."""
    facts: Facts = field(validator=is_a(Facts))
    """From the first day whose loans plans look at: for tiers to date, that of the year. Those that concern the payees
    who are asked about, and of who leads a team the members' too."""
    schemes: SchemeBook = field(validator=is_a(SchemeBook))
    organisation: Organisation = field(validator=is_a(Organisation))
    readings: tuple[Reading, ...] = ()
    """What only the host knows; those without a period are of this one."""
    targets: tuple[Target, ...] = ()
    """Readings of payees and units; those without a period are of this one."""
    counted: tuple[CountedBefore, ...] = ()
    """What had counted for tiers before the facts begin; see `loanperf.opening.counted_before`."""
    since: date | None = field(default=None, validator=optional(is_a(date)))
    """The first day of the books; None is the first fact."""
    payees: frozenset[str] | None = field(default=None, converter=_as_codes)
    """Whose facts these are; None is everybody's. Of others nothing is answered."""

    def must_have(self, *payees: str) -> None:
        """Refuse payees whose facts are not among these.

        Raises:
            DataError: it names those whose facts there are.
        """
        if self.payees is None:
            return
        for payee in sorted({*payees} - self.payees):
            fault = f"the basis has the facts of {', '.join(sorted(self.payees)) or 'nobody'}"
            raise DataError(f"the pay of {payee!r}", fault, f"ask tracker.basis([{payee!r}])")

    def accruals(self, more: Iterable[Fact] = ()) -> Accruals:
        """The commissions that these facts come to, and some facts more."""
        facts, plans, codes = self._with(more), self.schemes.plans(), looks(self.schemes)
        if not plans:
            return Accruals(through=self.period, lines=())
        given = [
            evolve(reading, period=reading.period or self.period)
            for reading in self.readings
            if reading.indicator in codes
        ]
        targets = defaultdict[Period, list[Target]](list)
        for target in self.targets:
            targets[target.period or self.period].append(target)
        return accrue(
            facts,
            plans,
            self.organisation,
            through=self.period,
            since=self.since,
            readings=(*given, *measured_for_plans(facts, self.schemes, self.organisation, self.period)),
            targets=dict(targets),
            counted=self.counted,
        )

    def results(self, payees: Sequence[str], more: Iterable[Fact] = ()) -> Results:
        """What these facts, and some facts more, come to for some payees, as `lp.run` would work them."""
        self.must_have(*payees)
        facts, asked = self._with(more), frozenset(payees)
        tasks, unresolved = tasks_of(self.period, self.organisation, self.schemes)
        mine = [task for task in tasks if task.payee in asked]
        measured = measured_parts(facts, mine, self.organisation.assigned(self.period))
        supplied = Supplied.of(self.period, self.readings, self.targets)
        worked = scored(self.period, mine, self.organisation, measured, supplied, None)
        why = [problem for problem in unresolved if problem.payee in asked]
        return results_of(*worked, why, lambda: facts.problems, facts.came_as)

    def _with(self, more: Iterable[Fact]) -> Facts:
        return self.facts.with_rows([*more])


def next_loan(
    basis: PayBasis,
    payee: str,
    loan: Money | str | Iterable[Fact],
    *,
    as_of: date | str,
    product: str = "",
    like: str = "",
) -> NextLoan:
    """What one more loan of a payee would earn in a period, by commission and by bonus.

    Everything is worked twice by the same steps, with the loan and without it, and the difference is what it earns:
    what it lifts of other loans to a higher tier too, and what a cap leaves of it. Holdbacks, guards and what is netted
    come after that. Nothing is changed or kept.

    Args:
        basis: what pay is worked from.
        payee: whose loan it is.
        loan: its amount; or the facts that describe it, such as `lp.Loan` with events and credits. By an amount it is a
            loan of the payee alone and of a new customer, applied for, investigated, signed and drawn whole on the day
            `as_of`. Nothing else is said of it but what `product` and `like` say.
        as_of: the last day that has passed, in the period.
        product: of a loan that is given by its amount.
        like: the number of a known loan whose terms a loan that is given by its amount has: product, segment, term,
            rates, collateral and so on.

    Raises:
        DataError: the loan is known already or contradicts what is known, it has no amount above zero, no loan is
            `like`, the day is not in the period, the basis lacks the facts of the payee, or something of the payee
            cannot be worked.
        PeriodError: `as_of` is no day.
        UnknownPayeeError: the payee is not assigned in the period.
    """
    must_be(basis, PayBasis, "the basis", "pass loanperf.progress.PayBasis(...)")
    staff, on = basis.organisation.assigned(basis.period), day(as_of)
    if payee not in staff:
        raise UnknownPayeeError(payee, sorted(staff))
    basis.must_have(payee)
    if on not in basis.period:
        raise DataError("the next loan", f"{on} is not in {basis.period}", "give a day of the period")
    amount, more = _described(basis, loan, payee, on, (product, like))
    _must_fit(basis, more)
    without, with_it = _worked(basis, payee), _worked(basis, payee, more)
    before, after = (_outlook(basis.results([payee], rows)) for rows in ((), more))
    return NextLoan(
        payee=payee,
        period=basis.period,
        amount=amount,
        commission=_difference(with_it, without, payee, basis.period),
        before=before,
        after=after,
        tiers=tiers_of([line for line in with_it.of(payee) if line.period == basis.period]),
    )


def _described(
    basis: PayBasis, loan: Money | str | Iterable[Fact], payee: str, on: date, terms: tuple[str, str]
) -> tuple[Money | None, tuple[Fact, ...]]:
    """A loan as facts, and its amount."""
    product, like = terms
    if not isinstance(loan, Money | str):
        how = "pass an amount with its unit, such as '10万元', or a list of facts: lp.Loan with its events"
        facts = cast(tuple[Fact, ...], each_of(loan, object, "the next loan", how))
        known = [fact.amount for fact in facts if isinstance(fact, Loan) and fact.amount is not None]
        return (known[0] if known else None), facts
    amount, found = Money.of(loan), _terms(basis, like)
    if amount.units <= 0:
        raise DataError("the next loan", f"its amount is {amount}", "give more than zero")
    if like and found is None:
        raise DataError("the next loan", f"there is no loan {shown(like)} that it is like", "name one of the facts")
    return amount, _of_amount(amount, payee, on, found, product)


def commission_of(
    basis: PayBasis, payee: str, tier: TierProgress, as_of: date, without: Accruals
) -> tuple[Money, ...] | None:
    """What a loan up to the next tier would earn by commission, one a currency; None where no loan leads there.

    Args:
        basis: what pay is worked from.
        payee: whose loan it is.
        tier: where the payee stands; the loan has the terms of its last one.
        as_of: the day on which it is signed and drawn.
        without: the commissions without it.
    """
    if tier.loan is None or payee in without.blocked:
        return None
    more = _of_amount(tier.loan, payee, as_of, _terms(basis, tier.last_loan))
    _must_fit(basis, more)
    return _difference(basis.accruals(more), without, payee, basis.period)


def _worked(basis: PayBasis, payee: str, more: Iterable[Fact] = ()) -> Accruals:
    """Commissions, of which those of a payee are whole.

    Raises:
        DataError: something of the payee cannot be worked.
    """
    found = basis.accruals(more)
    if payee in found.blocked:
        why = "; ".join(str(problem) for problem in found.why.get(payee, ())[:1])
        raise DataError(f"the commission of {payee!r}", f"it cannot be worked: {why}", "mend that first")
    return found


def _terms(basis: PayBasis, number: str) -> Loan | None:
    """The loan of a number; None where there is none."""
    if not number:
        return None
    return next((fact for fact in basis.facts.only(loans=[number]) if isinstance(fact, Loan)), None)


def _of_amount(amount: Money, payee: str, on: date, like: Loan | None, product: str = "") -> tuple[Fact, ...]:
    """A loan of an amount, signed and drawn on a day, with the terms of another."""
    terms = like or Loan(loan=_CODE, customer=_CODE, officer=payee, opened_on=on)
    return (
        evolve(
            terms,
            loan=_CODE,
            customer=_CODE,
            officer=payee,
            opened_on=on,
            amount=amount,
            first_due_on=None,
            product=product or terms.product,
        ),
        LoanEvent(loan=_CODE, kind=EventKind.APPLIED, on=on),
        LoanEvent(loan=_CODE, kind=EventKind.DUE_DILIGENCE, on=on),
        LoanEvent(loan=_CODE, kind=EventKind.SIGNED, on=on, amount=amount),
        LoanEvent(loan=_CODE, kind=EventKind.DISBURSED, on=on, amount=amount),
    )


def _must_fit(basis: PayBasis, more: tuple[Fact, ...]) -> None:
    """Refuse a loan that is known already, or that its own facts contradict."""
    loans = [fact for fact in more if isinstance(fact, Loan)]
    if not loans:
        raise DataError("the next loan", "no lp.Loan describes it", "pass one with its events, or an amount")
    known = basis.facts.loans
    for loan in loans:
        if loan.loan in known:
            fault = f"there is a loan {shown(loan.loan)} already"
            raise DataError("the next loan", fault, "give it a number of its own")
    problems = Facts.of(more).problems
    if problems:
        raise DataError("the next loan", str(problems[0]), "describe it by facts that fit each other")


def _difference(more: Accruals, less: Accruals, payee: str, period: Period) -> tuple[Money, ...]:
    """What a payee's lines of a period come to more, one a currency."""
    lines = [line.amount for line in more.of(payee) if line.period == period]
    lines += [-line.amount for line in less.of(payee) if line.period == period]
    return summed(lines)


def _outlook(results: Results) -> Outlook | None:
    """Score and bonus of all assignments of a payee: the score of the last, the bonus of all together."""
    rows = [*results]
    if not rows or results.problems:
        return None
    last, paid = outlook_of(rows[-1]), summed(row.award.amount for row in rows if row.award is not None)
    return evolve(last, bonus=paid[0] if len(paid) == 1 else None)
