"""The plain reference of facts and plans -> what was earned: the rules in Fractions, dicts and loops.

Deals are walked one by one, step after step, then periods. What cannot be worked blocks whoever is paid for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any, TypeAlias

from attrs import Factory, asdict, define, evolve, frozen
from dateutil.relativedelta import relativedelta
from tests.reference import MOVES, NON_PERFORMING, ONE, ZERO, History, average_balance, exact, height, within
from tests.reference_calendar import part_of_year
from tests.reference_scores import SMALLEST, divided, nearest

import loanperf as lp
from loanperf.schemes import Cap, Clawback, Component, Curve, DatedPlan, Plan, RateTable, Team, Tiers, Where

FAR = date.max
Group: TypeAlias = tuple[str, str, str]
"""Payee, plan and component: what accumulates together."""
Seat: TypeAlias = tuple[str, lp.Period]
"""A payee in a period."""
Post: TypeAlias = tuple[str, str] | None
"""Role and unit of what is held beside the primary assignments of a payee; None is those."""
Standing: TypeAlias = tuple[DatedPlan, lp.Assignment, Post]
"""The plan of a post of a payee at the end of its days in a period."""
OF_LOANS = ("contracted", "disbursed", "count")
FORWARD = ("forward before", "forward after")
READ = ("indicator", "indicator attainment", "loan")
"""What tiers are read at where nothing accumulates."""


class WrongError(Exception):
    """Something cannot be worked."""


def refuse(when: object, why: str) -> None:
    """Refuse what cannot be worked."""
    if when:
        raise WrongError(why)


# ── how a loan performed ────────────────────────────────────────────────────────────────────────────────────
Gone: TypeAlias = tuple[date, str, Mapping[date, int], int, bool]
"""A day, how principal went on it, how much by the day on which it was drawn, all drawn by then, and if it was all."""


@frozen(eq=False)
class Loan(History):
    """A loan with what happened to it, and who is credited."""

    credits: Sequence[lp.Credit]

    def moved(self, kind: str) -> list[tuple[date, int]]:
        """Days and amounts of a kind of event."""
        return [(event.on, event.amount.units) for event in self.upto(FAR, kind) if event.amount is not None]

    def officers(self) -> list[str]:
        """Every officer that it ever had, from the first on."""
        return [*dict.fromkeys([self.loan.officer, *(event.officer or "" for event in self.upto(FAR, "assigned"))])]

    def concerned(self) -> list[str]:
        """Everybody who is paid for it, or may be."""
        return self.officers() + [credit.payee for credit in self.credits]

    def emptied(self) -> list[date]:
        """Days on which a balance of zero was stated."""
        return [balance.on for balance in self.balances if not balance.outstanding.units]

    def reached(self, milestone: str) -> date | None:
        """The day on which it reached a milestone; None where it has not."""
        if milestone in ("opened", "repaid in full"):
            return self.loan.opened_on if milestone == "opened" else self.repaid_on()
        kinds = ("repaid", "prepaid") if milestone == "first repayment" else (milestone,)
        return min((event.on for event in self.upto(FAR, *kinds)), default=None)

    def repaid_on(self) -> date | None:
        """The day on which all drawings were paid back, by events, else by a balance of zero after the last of them."""
        drawn, left, last, repaid = ZERO, ZERO, FAR, None
        for event in self.upto(FAR, *MOVES):
            if event.kind.value == "written off":
                return None
            amount = exact(event.amount)
            if event.kind.value == "disbursed":
                drawn, left, last, repaid = drawn + amount, left + amount, event.on, None
            else:
                left -= amount
                repaid = event.on if repaid is None and drawn and left <= 0 else repaid
        return repaid or min((on for on in self.emptied() if on > last), default=None)

    def drawn(self) -> list[tuple[date, int]]:
        """Its principal: what was drawn, else signed, else applied for."""
        asked = [] if self.loan.amount is None else [(self.loan.opened_on, self.loan.amount.units)]
        return self.moved("disbursed") or self.moved("signed") or asked

    def gone(self) -> list[Gone]:
        """Principal that was written off, or paid back before its time: drawings are paid back in their order."""
        start = min((on for on, _ in self.drawn()), default=self.loan.opened_on)
        matures = FAR if self.loan.term_months is None else start + relativedelta(months=self.loan.term_months)
        moves: dict[tuple[date, int], int] = defaultdict(int)
        for place, days in enumerate([self.drawn(), *map(self.moved, ("repaid", "prepaid", "written off"))]):
            for on, units in days:
                moves[on, place] += units
        moves |= {(on, 4): 0 for on in self.emptied()}
        found, left, whole = list[Gone](), dict[date, int](), 0
        for (on, place), units in sorted(moves.items()):
            if place == 0:
                left[on], whole = units, whole + units
                continue
            # A balance of zero says that all is gone that was drawn before, however much that was.
            off, rest = dict[date, int](), units if place < 4 else sum(part for day, part in left.items() if day < on)
            for day in sorted(left):
                part = min(rest, left[day])
                left[day], rest = left[day] - part, rest - part
                off |= {day: part} if part else {}
            last = not any(left.values()) and (bool(off) or (place == 4 and not whole and not found))
            if (place in (2, 3) and off) or (last and on < matures):
                found.append((on, "written off" if place == 3 and off else "prepaid", off, whole, last))
        return found

    def said(self, kind: str, more_than: int = 0) -> list[tuple[date, bool]]:
        """Days on which something was said of how it performs, and whether that was bad."""
        if kind == "past due":
            return [(event.on, (event.days or 0) > more_than) for event in self.upto(FAR, kind)]
        events = ((event.on, event.category) for event in self.upto(FAR, "classified"))
        return [(on, category is not None and category.value in NON_PERFORMING) for on, category in events]

    def bad_days(self, rule: Clawback, since: date) -> list[date]:
        """Each day from `since` on on which the event of a clawback began."""
        if rule.on in ("non-performing", "past due"):
            said = [(on, bad) for on, bad in self.said(rule.on, rule.more_than_days) if on >= since]
            return [on for (_, was), (on, bad) in pairwise([(since, False), *said]) if bad and not was]
        whole, gone = rule.takes == "whole", [(on, last) for on, how, _, _, last in self.gone() if how == rule.on]
        if rule.takes == "in proportion":
            return sorted({on for on, _ in gone if on >= since})
        if rule.on == "prepaid":
            days = [on for on, last in gone if last or whole]
            days += [on for on, units in self.moved("prepaid") if units and whole]
        else:
            days = [event.on for event in self.upto(FAR, rule.on)]
        return sorted(on for on in days if on >= since)[:1]

    def recovered(self, rule: Clawback, bad_on: date, until: date) -> list[tuple[date, Fraction]]:
        """After a bad event, days up to `until` and the part of the loan that was recovered by each."""
        found, part, repaid = [], ZERO, self.repaid_on()
        for on, units in self.moved("recovered") if rule.on == "written off" else ():
            lost = sum(less for day, less in self.moved("written off") if rule.takes == "whole" or day <= on)
            if bad_on <= on <= until and lost:
                part = min(ONE, part + Fraction(units, lost))
                found.append((on, part))
        if rule.on in ("non-performing", "past due"):
            healed = [on for on, bad in self.said(rule.on) if not bad] + ([] if repaid is None else [repaid])
            found = [(on, ONE) for on in sorted(healed) if bad_on < on <= until][:1]
        return found


def loans_of(rows: Iterable[lp.Fact], last: date) -> dict[str, Loan]:
    """Every loan, by code; credits of later days are none yet."""
    own, said = dict[str, lp.Loan](), defaultdict[tuple[str, type], list[Any]](list)
    for row in rows:
        if isinstance(row, lp.Loan):
            own[row.loan] = row
        elif isinstance(row, lp.LoanEvent | lp.Balance) or (isinstance(row, lp.Credit) and row.on <= last):
            said[row.loan, type(row)].append(row)
    kinds = (lp.LoanEvent, lp.Balance, lp.Credit)
    return {code: Loan(loan, *(said[code, kind] for kind in kinds)) for code, loan in sorted(own.items())}


# ── plans, readings and targets ─────────────────────────────────────────────────────────────────────────────
Inputs: TypeAlias = Mapping[tuple[str, str, lp.Period], lp.Quantity]
"""By payee, indicator and period."""


@define(eq=False)
class Book:
    """All that is known, and what was found so far."""

    rows: Sequence[lp.Fact]
    plans: Sequence[DatedPlan]
    staff: lp.Organisation
    periods: Sequence[lp.Period]
    readings: Inputs
    targets: Inputs
    loans: Mapping[str, Loan]
    drafts: dict[tuple[int, str], list["Draft"]] = Factory(lambda: defaultdict(list))
    lines: dict[tuple[str, str, str, str, str, lp.Period], "Line"] = Factory(dict)
    """By payee, plan, component, loan, stage and period."""
    blocked: set[str] = Factory(set)
    missing: set[Seat] = Factory(set)
    """Where, in an earlier period, a reading or target is not there."""
    drawing: dict[Seat, tuple[DatedPlan, int]] = Factory(dict)
    """The plan that grants draws, and which period in the role it is."""

    pays: dict[tuple[str, lp.Period, str], int] = Factory(dict)
    """What commissions leave of pay after holdbacks of their own, by payee, period and currency."""

    @property
    def last(self) -> date:
        """The last day of all."""
        return self.periods[-1].last_day

    @contextmanager
    def blocking(self, *payees: str) -> Iterator[None]:
        """Blocks payees where what is done within it goes wrong."""
        try:
            yield
        except (WrongError, lp.errors.LoanPerfError):
            self.blocked.update(payees)

    def place(self, on: date) -> int:
        """The place of a day's period; below 0 before the first."""
        place, period = 0, self.periods[0]
        while period.start > on:
            place, period = place - 1, period.previous()
        while period.end <= on and place + 1 < len(self.periods):
            place, period = place + 1, period.next()
        return place

    def period(self, on: date) -> lp.Period:
        """The period in which a day counts: what is before the first one counts in that."""
        return self.periods[max(self.place(on), 0)]

    def units(self, held: lp.Assignment, on: date) -> Sequence[str]:
        """The units of an assignment, from the top of the tree down."""
        return self.staff.path(held.unit, on) if self.staff.units else ()

    def fitting(self, plans: Iterable[DatedPlan], on: date, held: lp.Assignment) -> list[DatedPlan]:
        """The plans in force on a day whose conditions a payee fulfils, those of most weight."""
        found, units = list[tuple[tuple[int, int, int], DatedPlan]](), self.units(held, on)
        for dated in plans:
            asked = [(getattr(dated.plan, name), (getattr(held, name),)) for name in ("role", "product_line", "tier")]
            if dated.holds_on(on) and all(word in ("", *known) for word, known in [*asked, (dated.plan.unit, units)]):
                found.append((weight_of(dated.plan, units), dated))
        return [dated for weight, dated in found if weight == max(weight for weight, _ in found)]

    def posts(self, payee: str) -> list[Post]:
        """What a payee may hold at once: the primary assignments, and each role in a unit beside them."""
        return [None, *sorted({(held.role, held.unit) for held in self.staff.assignments
                               if held.payee == payee and not held.primary})]  # fmt: skip

    def of_post(self, payee: str, post: Post) -> list[lp.Assignment]:
        """The assignments of a payee to one post, one after the other."""
        mine = [item for item in self.staff.assignments if item.payee == payee]
        return [item for item in mine if (None if item.primary else (item.role, item.unit)) == post]

    def plans_of(self, payee: str, loan: Loan, credited_on: date) -> list[DatedPlan]:
        """The plans of a payee for a loan: of each post, one plan once; the primary post needs none beside others."""
        found = dict[str, DatedPlan]()
        for post in reversed(self.posts(payee)):
            dated = self.plan_of(payee, post, loan, credited_on, alone=not found)
            found |= {} if dated is None else {dated.plan.code: dated}
        return [*found.values()]

    def plan_of(self, payee: str, post: Post, loan: Loan, credited_on: date, *, alone: bool) -> DatedPlan | None:
        """The plan of a post for a loan, fixed on its selection day; each version of a plan has a day of its own."""
        begins, chosen, asked = min((dated.since for dated in self.plans), default=FAR), list[Any](), False
        for dated in self.plans:
            on = loan.reached(dated.plan.selected_at) or FAR
            day = min(on, self.last)
            if day >= begins:
                held = self.held(payee, post, day, max(day, credited_on))
                asked = asked or on <= self.last
                if held is not None and self.fitting([dated], day, held):
                    chosen.append((weight_of(dated.plan, self.units(held, day)), on, dated))
        best = [(on, dated) for weight, on, dated in chosen if weight == max(weight for weight, _, _ in chosen)]
        days = [on for on, _ in best if on <= self.last]
        refuse(days and len({dated.plan.code for _, dated in best}) > 1, "two plans fit")
        if asked and not best:
            held = self.held(payee, post, credited_on)
            none = held is not None and not self.fitting(self.plans, credited_on, held)
            refuse(post is None and alone and none, "no plan fits")
        return next((dated for on, dated in best if days and on == min(days)), None)

    def held(self, payee: str, post: Post, *days: date) -> lp.Assignment | None:
        """What a payee is by a post on the first of some days on which the payee is there."""
        there = [on for on in days if any(item.holds_on(on) for item in self.of_post(payee, None))]
        refuse(not there, "nothing is said of the payee")
        return next((item for item in self.of_post(payee, post) if item.holds_on(there[0])), None)

    def of_post_in(self, payee: str, post: Post, period: lp.Period) -> list[Standing]:
        """The plan of a post of a payee at the end of its days in a period."""
        parts = [(item, part) for item in self.of_post(payee, post) if (part := period.overlap(item.since, item.until))]
        fitting = self.fitting(self.plans, parts[-1][1].last_day, parts[-1][0]) if parts else []
        refuse(len(fitting) > 1, "two plans fit")
        return [(dated, parts[-1][0], post) for dated in fitting]

    def standing(self, payee: str, period: lp.Period) -> list[Standing]:
        """The plans of all posts of a payee at the end of their days in a period."""
        found = [found for post in self.posts(payee) for found in self.of_post_in(payee, post, period)]
        return self.in_order(found, period)

    def in_order(self, found: Iterable[Standing], period: lp.Period) -> list[Standing]:
        """First what lasts longest in a period, then the primary, then what began first, then by role and unit."""
        ends = {item: min(item.until or FAR, period.end) for _, item, _ in found}
        return sorted(found, key=lambda one: (FAR - ends[one[1]], one[2] is not None, one[1].since, one[2] or ()))

    def post_of(self, seat: Seat, code: str) -> Post:
        """The post by which a payee is under a plan in a period: the primary, unless the plan is another's alone."""
        found = list[Standing]()
        for post in self.posts(seat[0]):
            with self.blocking():
                found += self.of_post_in(seat[0], post, seat[1])
        return next((post for dated, _, post in self.in_order(found, seat[1]) if dated.plan.code == code), None)

    def standing_by(self, seat: Seat, post: Post = None) -> tuple[lp.Assignment, date]:
        """The last assignment of a payee to a post by the end of a period, and its last day by then."""
        held = [item for item in self.of_post(seat[0], post) if item.since <= seat[1].last_day]
        refuse(not held, "nothing is said of the payee")
        return held[-1], min(seat[1].last_day, (held[-1].until or FAR) - timedelta(1))

    def months_of_service(self, seat: Seat) -> int:
        """Full months from the first day of a payee to the last one by the end of a period, itself included."""
        _, on = self.standing_by(seat)
        since, months = self.staff.service_since(seat[0], on), 0
        while since + relativedelta(months=months + 1) <= on + timedelta(1):
            months += 1
        return months

    def above(self, seat: Seat, post: Post, level: int) -> str:
        """The unit on a level of the tree above a payee, 1 the top, on the last of their days in a period."""
        path = self.units(*self.standing_by(seat, post))
        refuse(len(path) < level, "no unit of that level")
        return path[level - 1]

    def nth(self, payee: str, period: lp.Period, post: Post) -> int:
        """Which period in the role of a post it is; 1 is that in which it started, in any post, without a break."""
        parts = [item for item in self.of_post(payee, post) if period.overlap(item.since, item.until) is not None]
        refuse(not parts, "nothing is said of the payee")
        since = parts[-1].since
        same = [item for item in self.staff.assignments if (item.payee, item.role) == (payee, parts[-1].role)]
        while before := [item.since for item in same if item.since < since <= (item.until or FAR)]:
            since = min(before)
        return self.place(period.start) - self.place(since) + 1

    def known(self, given: Inputs, seat: Seat, plan: Plan, code: str) -> Fraction | None:
        """A reading or target in the unit of its indicator; None where it is missing.

        That is noted where later periods can be worked without it, and refused where they cannot.
        """
        code, _, level = code.partition("@")
        above = level and self.above(seat, self.post_of(seat, plan.code), int(level))
        payee, period = above or seat[0], seat[1]
        found, dated = given.get((payee, code, period)), next(dated for dated in self.plans if dated.plan is plan)
        item = dated.indicator(code)
        units = ["", "point", "person", dated.currency] if item is None else [item.kind.unit(dated.currency), ""]
        units = units if item is None or item.kind.value != "money" else units[:1]
        if found is not None and (found.unit in units or not (found.value or found.unit)):
            return found.value
        caps = [plan.most, *(item.period_most for item in plan.components)]
        caps += [dated.rules.person_most for dated in self.plans]
        carries = any(cap is not None and cap.excess == "carried" for cap in caps)
        tiered = [(item.base, item.tiers) for item in plan.components if item.tiers is not None]
        lasting = [tiers for base, tiers in tiered if tiers.accumulates in ("to date", "rolling")
                   and (base == "indicator" or tiers.by in ("attainment", *READ))]  # fmt: skip
        refuse(period == self.periods[-1] or plan.draws or carries or lasting, "it is missing")
        self.missing.add(seat)
        return None

    def reading(self, seat: Seat, plan: Plan, code: str, *, attained: bool = False) -> Fraction:
        """A reading, or what part of the target it is."""
        if code == "months_of_service":
            return Fraction(self.months_of_service(seat))
        found = self.known(self.readings, seat, plan, code)
        return ZERO if found is None else found / (self.target(seat, plan, code) if attained else 1)

    def target(self, seat: Seat, plan: Plan, code: str, quota: Any = None) -> Fraction:
        """A target, else a quota that the plan states; as far as it holds for somebody new in the role."""
        stated = quota is not None and (seat[0], code, seat[1]) not in self.targets
        found = quota.value if stated else self.known(self.targets, seat, plan, code)
        if found is None:
            return ONE
        post = None if plan.ramp is None else self.post_of(seat, plan.code)
        found *= ONE if plan.ramp is None else height(plan.ramp, Fraction(self.nth(*seat, post)))
        refuse(found <= 0, "a target of zero")
        return found


def converted(rows: Iterable[object], amount: lp.Money, into: str, on: date) -> Fraction:
    """An amount in another currency, at the latest rate on or before a day; of two of one day the last."""
    if amount.currency == into:
        return amount.exact
    rates = [row for row in rows if isinstance(row, lp.ExchangeRate) and row.on <= on]
    rates = [rate for rate in rates if (rate.currency, rate.into) == (amount.currency, into)]
    refuse(not rates, "no rate")
    return amount.exact * max(reversed(rates), key=lambda rate: rate.on).rate


def weight_of(plan: Plan, units: Sequence[str]) -> tuple[int, int, int]:
    """How many conditions a plan states, how deep its unit is, and its precedence."""
    conditions = [word for word in (plan.role, plan.product_line, plan.tier, plan.unit) if word]
    return len(conditions), [*units].index(plan.unit) if plan.unit else -1, plan.precedence


# ── credits ─────────────────────────────────────────────────────────────────────────────────────────────────
@frozen
class Share:
    """A part of a loan by one kind of credit; an officer's is not stated, and can be handed over."""

    payee: str
    role: str
    part: Fraction
    stated: bool = True


def shares_of(loan: Loan) -> list[Share]:
    """Everybody with a part in a loan; without a lead that is stated, every officer that it ever had."""
    roles: dict[str, list[lp.Credit]] = defaultdict(list)
    for credit in loan.credits:
        roles[credit.role].append(credit)
    found = []
    for role, held in roles.items():
        stated = [credit.share for credit in held if credit.share is not None]
        refuse(stated and (len(stated) < len(held) or sum(stated) != 1), "parts that do not sum")
        parts = stated or [Fraction(1, len(held))] * len(held)
        found += [Share(credit.payee, role, part) for credit, part in zip(held, parts, strict=True)]
    officers = [] if "lead" in roles else loan.officers()
    return found + [Share(payee, "lead", ONE, stated=False) for payee in officers]


def part_of(component: Component, share: Share, shares: Iterable[Share]) -> Fraction:
    """The part of a loan that a share has; what nobody fills may go to the lead."""
    split = dict(component.split)
    part = split.get(share.role, ZERO)
    if share.role == "lead" and component.unfilled == "lead" and component.credited == "split":
        part += sum(free for role, free in split.items() if role not in {other.role for other in shares})
    return part * share.part


def fits(where: Iterable[Where], loan: lp.Loan, amount: Fraction | None, **day: Any) -> bool:
    """Whether a loan fulfils every term; what is not known fulfils none. `day` is what terms ask of a day."""
    known = vars_of(loan) | {"amount": amount} | day
    others = [term for term in where if term.field != "age"]
    aged = all(of_age(term, loan.opened_on, day["on"]) for term in where if term.field == "age")
    return aged and all(known[term.field] is not None and within(known[term.field], term) for term in others)


def number_of(loan: lp.Loan, name: str) -> Fraction:
    """A number of a loan's own."""
    held = [getattr(loan, rate) for rate in (("interest_rate", "funding_rate") if name == "margin" else (name,))]
    refuse(None in held, "it is not stated")
    return Fraction(held[0] - sum(held[1:]))


def of_numbers(rates: Curve | RateTable, loan: lp.Loan, tiers: Tiers) -> Fraction:
    """The rate of a loan by its own numbers: in a table between its columns, of each the rate that is at its rows."""
    x, table = number_of(loan, str(tiers.number)), rates
    if not isinstance(table, RateTable):
        return height(table, x)
    y, columns = number_of(loan, str(tiers.across)), []
    sides = ((x, table.rows), (y, table.columns))
    inside = all(points[0].value <= at <= points[-1].value for at, points in sides)
    refuse(not inside and table.outside == "problem", "the table ends before")
    for place, column in enumerate(table.columns):
        knots = [[row, cells[place]] for row, cells in zip(table.rows, table.cells, strict=True)]
        columns.append([column.value, height(Curve.of(knots, shape=table.between_rows, closed=table.closed), x)])
    return height(Curve.of(columns, shape=table.between_columns, closed=table.closed), y)


def vars_of(loan: lp.Loan) -> dict[str, Any]:
    """What is known of a loan from the start."""
    return asdict(loan, recurse=False)


def of_age(term: Where, opened: date, on: date) -> bool:
    """Whether a day is within an age: of months on the same day of the month as the opening."""

    def days(bound: lp.Quantity) -> Fraction:
        unit = {"months" if bound.unit == "month" else "days": int(bound.value)}
        return Fraction((opened + relativedelta(**unit) - opened).days)  # type: ignore[arg-type]

    bounds = ("at_least", "above", "at_most", "below")
    held = {name: lp.quantity(days(getattr(term, name))) for name in bounds if getattr(term, name) is not None}
    return within(Fraction((on - opened).days), Where(field="age", **held))


# ── what happens to a deal ──────────────────────────────────────────────────────────────────────────────────
HAPPENS = ("stage", "last stage", "amended", "kept", "reversed", "expired", "went bad", "recovered")
"""What can happen to a deal, in the order in which it happens on one day."""
EARNING = ("part earned", "earned", "taken back", "refunded")
MOVES_ON = {
    "stage": ("part earned", ("waiting", "part earned", "expired")),
    "last stage": ("earned", ("waiting", "part earned", "expired")),
    "expired": ("expired", ("part earned", "taken back", "refunded")),
    "went bad": ("taken back", ("part earned", "earned", "refunded")),
    "recovered": ("refunded", ("taken back",)),
    "kept": ("kept", ("waiting", "expired", *EARNING)),
    "reversed": ("reversed", ("waiting", "expired", *EARNING)),
}
"""The state of a deal after an event, and those before it in which the event changes anything."""


@frozen(eq=False)
class Track:
    """A loan as a payee is paid for it by one component."""

    book: Book
    loan: Loan
    share: Share
    shares: Sequence[Share]
    dated: DatedPlan
    component: Component

    @property
    def part(self) -> Fraction:
        """The payee's part."""
        return part_of(self.component, self.share, self.shares)

    @property
    def group(self) -> Group:
        """With what it accumulates."""
        return self.share.payee, self.dated.plan.code, self.component.code

    def is_theirs(self, on: date) -> bool:
        """Whether the payee has it on a day."""
        officer = self.loan.loan.officer if self.component.held_at == "origination" else self.loan.officer(on)
        return self.share.stated or self.share.payee == officer

    def amount(self, on: date) -> Fraction | None:
        """The amount of the loan as known on a day: drawn, else signed, else applied for; None where none is."""
        drawn = [] if self.component.base == "contracted" else self.loan.upto(on, "disbursed")
        known = [(event.amount, event.on) for event in drawn or self.loan.upto(on, "signed")]
        known = known or [(self.loan.loan.amount, self.loan.loan.opened_on)]
        into = self.dated.currency
        amounts = [converted(self.book.rows, money, into, day) for money, day in known if money is not None]
        return sum(amounts, ZERO) if amounts else None

    def mine(self, amount: Fraction) -> Fraction:
        """The payee's part of an amount, so that the parts of all sum to it in whole smallest units."""
        smallest, opened = SMALLEST[self.dated.currency], self.loan.loan
        whole = amount * smallest
        if self.component.credited == "full" or whole.denominator != 1 or (whole * self.part).denominator == 1:
            return amount * self.part
        since = {(credit.payee, credit.role): credit.on for credit in self.loan.credits}
        roles = [role for role, _ in self.component.split]

        def turn(share: Share) -> tuple[bool, date, int, str]:
            on = since.get((share.payee, share.role), opened.opened_on)
            is_other = share.stated and share.payee != opened.officer
            return is_other, on, [*roles, share.role].index(share.role), share.payee

        held = [share for share in self.shares if not share.stated][:1]
        others = sorted([*(share for share in self.shares if share.stated), *held], key=turn)
        mine = others.index(self.share if self.share.stated else held[0])
        parts = [part_of(self.component, share, self.shares) for share in others]
        return Fraction(divided(int(whole), [*parts, max(ZERO, 1 - sum(parts))])[mine], smallest)

    def bases(self, amount: Fraction | None) -> tuple[Fraction, Fraction] | None:
        """What is paid, and what counts for the tier; None where the amount is needed and not known."""
        component, tiers, whole = self.component, self.component.tiers, amount or ZERO
        by_amount = component.base != "count" or (tiers is not None and tiers.by == "amount")
        if amount is None and (by_amount or component.weighed_by is not None):
            return None
        loans = self.part * (ONE if component.weighed_by is None else height(component.weighed_by, whole))
        return loans if component.base == "count" else self.mine(whole), self.mine(whole) if by_amount else loans

    def happens(self) -> list["Step"]:
        """What happened to it up to the last day."""
        last, stages, found, reached = self.book.last, self.component.steps, list[Step](), ZERO
        for place, stage in enumerate(stages):
            reached += stage.share
            event = "last stage" if place == len(stages) - 1 else "stage"
            for on in self.reached(stage.milestone, event):
                if on <= last:
                    due = on if stage.payable is None else max(on, self.loan.reached(stage.payable) or FAR)
                    found.append(Step(self, on, event, stage.milestone, due, reached))
        days = sorted(step.on for step in found)
        kind = "signed" if self.component.base == "contracted" else "disbursed"
        later = {event.on for event in self.loan.upto(last, kind)[1:] if self.component.base != "count"}
        return found + self.ends(days) + [Step(self, on, "amended", "amended") for on in later - {*days}]

    def reached(self, milestone: str, event: str) -> list[date]:
        """The days on which a stage is reached, not before its amount is known; at the end, those of all drawings."""
        if event == "last stage" and milestone == "disbursed":
            return sorted({drawn.on for drawn in self.loan.upto(FAR, "disbursed")})
        on, known = self.loan.reached(milestone), date.min
        if self.bases(None) is None and self.loan.loan.amount is None:
            kinds = ("signed",) if self.component.base == "contracted" else ("signed", "disbursed")
            known = min((event.on for event in self.loan.upto(FAR, *kinds)), default=FAR)
        return [] if on is None else [max(on, known) if known <= self.book.last else on]

    def ends(self, days: Sequence[date]) -> list["Step"]:
        """Its cancellation, the day on which a next stage came too late, bad events and recoveries."""
        last, component, loan = self.book.last, self.component, self.loan
        dead = "kept" if component.dead == "keep" else "reversed"
        found = [Step(self, event.on, dead, "cancelled") for event in loan.upto(last, "cancelled")]
        if component.expires_days is not None or component.expires_months is not None:
            limit = relativedelta(days=component.expires_days or 0, months=component.expires_months or 0)
            done = loan.reached(component.steps[-1].milestone) or FAR
            for day, following in pairwise([*days, FAR]):
                on = day + limit
                found += [Step(self, on, "expired", "expired")] if on <= last and on < min(done, following) else []
        if days:
            must_have_size(self.dated.plan, loan, last)
        for rule in self.dated.plan.clawbacks if days else ():
            for on in (on for on in loan.bad_days(rule, days[0]) if on <= last):
                found.append(Step(self, on, "went bad", "went bad", lowers=rule.attainment == "lowered"))
                if rule.refund:
                    found += [Step(self, day, "recovered", "") for day, _ in loan.recovered(rule, on, last)]
        return found


def must_have_size(plan: Plan, loan: Loan, last: date) -> None:
    """Refuse a loan of which a part is gone where nothing says how much there was."""
    rules = [rule for rule in plan.clawbacks if rule.takes in ("in proportion", "when paid off")]
    gone = any(on <= last for rule in rules for on, _ in loan.moved(rule.on))
    refuse(gone and not loan.drawn(), "nobody knows how much was drawn")


@frozen(eq=False)
class Step:
    """Something that happens to a deal on a day."""

    track: Track
    on: date
    event: str
    stage: str
    due: date = Factory(lambda self: self.on, takes_self=True)
    """When it is paid; far away where that is not known."""
    reached: Fraction = ZERO
    """The shares of the stages up to this one."""
    lowers: bool = False
    """Whether it takes the loan out of its tier."""


# ── prices ──────────────────────────────────────────────────────────────────────────────────────────────────
@define(eq=False)
class Sums:
    """What has accumulated in a window: in earlier periods of a rolling sum, and in it; and the base by its curve."""

    before: Fraction = ZERO
    tier: Fraction = ZERO
    paid: dict[Curve, Fraction] = Factory(dict)


@define(eq=False)
class Lot:
    """A part of a base as it was priced in the window of its day; `tier` is what it counts for, in the tiers' unit."""

    window: Any
    component: Component
    curve: Curve
    paid: Fraction
    counted: Fraction
    tier: Fraction
    pay: Fraction


@define(eq=False)
class Deal:
    """A deal as far as it is priced, or a base that is no deal's."""

    state: str = "waiting"
    total: Fraction = ZERO
    lots: list[Lot] = Factory(list)
    own: Sums = Factory(Sums)
    """What has accumulated of it alone."""
    reached: Fraction = ZERO
    others: Fraction = ZERO
    """What it earned in other hands, in stages."""
    away: Fraction = ZERO
    """The base that came in other hands, in one stage."""
    theirs: Fraction = ZERO
    """The base that is theirs, of which what is priced is a part, or by a rate of each loan the loan."""
    earned: Fraction = ZERO

    def base(self, name: str) -> Fraction:
        """The base that is priced: `paid`, or `counted`."""
        return sum((getattr(lot, name) for lot in self.lots), ZERO)

    @property
    def curve(self) -> Curve:
        """The rates at which it was priced last."""
        return self.lots[-1].curve if self.lots else NOTHING


NOTHING = Curve.of([[0, 0]], shape="step")
ONE_RATE = Tiers(by="amount", applies="forward after", accumulates="per transaction")


@define(eq=False)
class Pricing:
    """The prices of one payee and component, with what has accumulated by window."""

    book: Book
    payee: str
    dated: DatedPlan
    component: Component
    sums: dict[Any, Sums]
    tiers: Tiers = Factory(lambda self: self.component.tiers or ONE_RATE, takes_self=True)
    alone: bool = Factory(lambda self: self.tiers.accumulates == "per transaction", takes_self=True)
    """Whether each deal accumulates for itself."""
    of_its_day: bool = Factory(lambda self: self.tiers.applies in FORWARD or self.tiers.by in READ, takes_self=True)
    """Whether each deal has the rate of its day, and goes at the rate at which it came."""
    loan: lp.Loan | None = None
    """Whose own numbers rates may be read at."""
    per: Fraction = Factory(lambda self: self.component.per.value if self.component.per else ONE, takes_self=True)
    """What of the base a rate is for."""

    def window(self, on: date) -> Any:
        """What a day accumulates in."""
        if self.component.tiers is None or self.tiers.accumulates in ("period", "rolling"):
            return max(-1, self.book.place(on))
        parts = {"year": 1, "half": 2, "quarter": 4}.get(self.tiers.resets)
        return self.tiers.resets, parts and part_of_year(on, parts, self.dated.calendar)

    def counted(self, base: Fraction, on: date) -> Fraction:
        """A base in the unit of the tiers."""
        if self.tiers.by == "count" and self.component.base != "count":
            return Fraction(base > 0)
        if self.tiers.by != "attainment":
            return base
        seat = self.payee, self.book.period(on)
        return base / self.book.target(seat, self.dated.plan, self.tiers.indicator, self.tiers.quota)

    def price(self, sums: Sums, tier: Fraction, paid: Fraction, curve: Curve, on: date | None = None) -> Fraction:
        """What something pays that adds to what has accumulated; what is read at an indicator is read on a day."""
        x, applies = sums.before + sums.tier, self.tiers.applies
        if self.tiers.by in READ and on is None:
            return ZERO
        if self.tiers.by in READ and on is not None:
            attained, seat = self.tiers.by == "indicator attainment", (self.payee, self.book.period(on))
            if self.loan is not None and self.tiers.number is not None:
                return of_numbers(curve, self.loan, self.tiers) * paid
            at = self.book.reading(seat, self.dated.plan, self.tiers.indicator, attained=attained)
            return height(curve, at) * paid
        if self.tiers.by == "earned":
            amount = of_earned(curve, x, paid)
            sums.tier += amount
            return amount
        sums.tier += tier
        if applies in ("flat", "interpolated"):
            had = sum((height(held, x) * base for held, base in sums.paid.items()), ZERO)
            sums.paid[curve] = sums.paid.get(curve, ZERO) + paid
            return sum((height(held, x + tier) * base for held, base in sums.paid.items()), ZERO) - had
        if applies == "marginal":
            return paid * mean_height(curve, x, x + tier)
        return height(curve, x if applies == "forward before" else x + tier) * paid

    def reprice(self, deal: Deal, on: date, curve: Curve, paid: Fraction, counted: Fraction) -> Fraction:
        """What another base changes: what is gone goes out of the windows in which it came, what is new comes now.

        Of another rate, all that was priced by this version of the component goes, and comes again.
        """
        kept = Deal(lots=[lot for lot in deal.lots if deal.curve == curve or lot.component is not self.component])
        stays, still = min(paid, kept.base("paid")), min(counted, kept.base("counted"))
        amount = self.take_out(deal, deal.base("paid") - stays, deal.base("counted") - still)
        if (paid, counted) != (stays, still):
            window, tier = self.window(on), self.counted(counted, on) - self.counted(still, on)
            sums = deal.own if self.alone else self.sums.setdefault(window, Sums())
            if self.tiers.accumulates == "rolling":
                before = range(window - self.tiers.periods + 1, window)
                sums.before = sum((self.sums[place].tier for place in before if place in self.sums), ZERO)
            pay = self.price(sums, tier, paid - stays, curve, on)
            deal.lots.append(Lot(window, self.component, curve, paid - stays, counted - still, tier, pay))
            amount += pay
        return amount / self.per

    def take_out(self, deal: Deal, paid: Fraction, counted: Fraction) -> Fraction:
        """Take a part of the base out, of the last lots first; what is left of a loan is one loan still."""
        amount, partly = ZERO, counted < deal.base("counted")
        for lot in reversed(deal.lots):
            off, less = min(paid, lot.paid), min(counted, lot.counted)
            if off or less:
                paid, counted = paid - off, counted - less
                by, base = getattr(lot.component.tiers, "by", ""), lot.component.base
                stays = partly and by == "count" and base != "count"
                tier = ZERO if stays or not lot.counted else lot.tier * less / lot.counted
                gone = lot.pay * off / lot.paid if lot.paid else ZERO
                change = self.price(deal.own if self.alone else self.sums[lot.window], -tier, -off, lot.curve)
                amount += -gone if self.of_its_day else change
                lot.paid, lot.counted, lot.tier = lot.paid - off, lot.counted - less, lot.tier - tier
                lot.pay -= gone
        deal.lots = [lot for lot in deal.lots if lot.paid or lot.counted]
        return amount

    def lower(self, deal: Deal, on: date) -> Fraction:
        """What others lose as a deal no longer counts in the open window; what it was paid itself is not lost."""
        amount = ZERO
        for lot in deal.lots:
            if not self.alone and lot.window == self.window(on) and lot.tier:
                change = self.price(self.sums[lot.window], -lot.tier, -lot.paid, lot.curve)
                amount += ZERO if self.of_its_day else change + lot.pay
                lot.counted = lot.tier = ZERO
        return amount / self.per

    def alone_of(self, base: Fraction, counted: Fraction, by: date, *terms: Any, **day: Any) -> Fraction:
        """What a base that is no deal's comes to by a day."""
        curve = curve_for(self.component, *terms, **day) if base else NOTHING
        paid = day["part"] * self.per if base > 0 and of_loan(self.component, curve) else base
        return self.reprice(Deal(), by, curve, paid, counted)

    def change(self, deal: Deal, step: Step) -> Fraction:
        """What the base from a step on changes; what is drawn in other hands, of one stage, is theirs."""
        track, component = step.track, self.component
        loan, amount = track.loan.loan, track.amount(step.on)
        paid, counted = track.bases(amount) or (ZERO, ZERO)
        pays = fits(component.where, loan, amount)
        curve = curve_for(component, loan, amount) if paid and pays else deal.curve
        own = paid = max(ZERO, paid - deal.away) if pays else ZERO
        if of_loan(component, curve):
            paid = track.part * self.per if own and (not deal.away or deal.theirs) else ZERO
        counted = max(ZERO, counted - deal.away) if counts(component, loan, amount) else ZERO
        if len(component.steps) == 1 and not track.is_theirs(step.on):
            deal.away += max(ZERO, own - deal.theirs)
            return ZERO
        deal.theirs = own
        return self.reprice(deal, step.on, curve, paid, counted)

    def walk(self, deal: Deal, step: Step) -> list["Draft"]:
        """What one step of a deal earns, or takes."""
        was, (state, before) = deal.state, MOVES_ON.get(step.event, ("", ()))
        deal.state = state if was in before else was
        earning, theirs = deal.state in EARNING, step.track.is_theirs(step.on)
        windows = self.windows(deal.lots)
        if step.event in ("stage", "last stage") and earning:
            deal.reached = max(deal.reached, step.reached)
            if theirs:
                return self.earn(deal, step)
            self.pass_by(deal, step)
        if step.event == "amended" and deal.reached == 1 and earning and theirs and deal.earned:
            return self.earn(deal, step)
        if deal.state in ("reversed", "expired") and deal.state != was:
            return self.end(deal, step, windows)
        if step.event == "went bad" and step.lowers and deal.state in ("taken back", "kept"):
            return self.fell_back(step, self.lower(deal, step.on), windows)
        return []

    def earn(self, deal: Deal, step: Step) -> list["Draft"]:
        """A stage in the hands of the payee: what is due by it, less what was earned."""
        deal.total += self.change(deal, step)
        due = deal.reached * bounded(self.component, deal.total, deal.base("paid"), step.track.part) - deal.others
        amount, deal.earned, windows = due - deal.earned, due, self.windows(deal.lots[-1:])
        return [self.draft(step, amount, windows=windows, in_parts=True)] if amount or deal.base("paid") else []

    def pass_by(self, deal: Deal, step: Step) -> None:
        """A stage in other hands: theirs is what is drawn there; of several stages, what they would earn."""
        held, self.sums = self.sums, {at: evolve(sums, paid={**sums.paid}) for at, sums in self.sums.items()}
        tried = evolve(deal, lots=[evolve(lot) for lot in deal.lots], own=evolve(deal.own, paid={**deal.own.paid}))
        tried.total += self.change(tried, step)
        self.sums, deal.away = held, tried.away
        if len(self.component.steps) > 1:
            due = deal.reached * bounded(self.component, tried.total, tried.base("paid"), step.track.part)
            deal.others = due - deal.earned

    def end(self, deal: Deal, step: Step, windows: Sequence[Any]) -> list["Draft"]:
        """A deal that ends: what it earned goes, and what others had gained by it."""
        others = deal.total + self.reprice(deal, step.on, deal.curve, ZERO, ZERO)
        found = [self.draft(step, ZERO, ends=True, in_parts=True)] if deal.earned else []
        deal.total = deal.earned = deal.reached = deal.others = deal.away = deal.theirs = ZERO
        return found + self.fell_back(step, others, windows)

    def windows(self, lots: Iterable[Lot]) -> list[tuple[Any, ...]]:
        """The windows in which some lots came, by plan and component."""
        return [*dict.fromkeys((self.dated.plan.code, self.component.code, "window", lot.window) for lot in lots)]

    def fell_back(self, step: Step, amount: Fraction, windows: Sequence[Any]) -> list["Draft"]:
        """What other loans lose as tiers fall back."""
        step = evolve(step, stage="fell back")
        return [self.draft(step, amount, windows=windows, fell_back=True)] if amount else []

    def draft(self, step: Step, amount: Fraction, **given: Any) -> "Draft":
        """A line before the rules of its period."""
        track, on = step.track, step.on if step.due == FAR else step.due
        given |= {"loan": track.loan.loan.loan, "credit": track.share.role}
        return Draft(self.dated, self.component.code, on, amount, stage=step.stage, earned_on=step.on, **given)


def bounded(component: Component, amount: Fraction, paid: Fraction, part: Fraction) -> Fraction:
    """What is earned, within the least and the most for a loan."""
    least, most = component.least, component.most
    amount = max(amount, least.value * part) if least is not None and paid > 0 else amount
    return amount if most is None else min(amount, most.value * part)


def mean_height(curve: Curve, x: Fraction, y: Fraction) -> Fraction:
    """The mean height of steps between two places."""
    if x == y:
        return height(curve, x)
    low, high = min(x, y), max(x, y)
    edges = [low, *(knot for knot, _ in curve.knots if low < knot < high), high]
    return sum(height(curve, (start + end) / 2) * (end - start) for start, end in pairwise(edges)) / (high - low)


def of_earned(curve: Curve, earned: Fraction, base: Fraction) -> Fraction:
    """What a base earns where a tier ends once enough is earned."""
    at, left, up = earned, base, base > 0
    while left:
        passed = [y for x, y in curve.knots if (x <= at if up else x < at)] or [curve.knots[0][1]]
        ahead = [x for x, _ in curve.knots if (x > at if up else x < at)]
        rate, part = passed[-1], left
        if ahead and rate:
            room = (min(ahead) if up else max(ahead)) - at
            part = room / rate if abs(left * rate) > abs(room) else left
        left, at = left - part, at + part * rate
    return at - earned


def curve_for(component: Component, loan: lp.Loan | None = None, amount: Fraction | None = None, **day: Any) -> Curve:
    """The rates that hold for a loan: those with most terms of which all are fulfilled; one rate is a flat curve."""
    fitting = [rate for rate in component.rates if not rate.where or (loan and fits(rate.where, loan, amount, **day))]
    fitting = fitting[:1] if component.rates_by == "first" else fitting
    most = max((len(rate.where) for rate in fitting), default=0)
    best: list[Any] = [rate for rate in fitting if len(rate.where) == most] or [component]
    refuse(len(best) > 1 or (best[0].rate or best[0].curve or best[0].table) is None, "no rate, or two")
    return best[0].curve or best[0].table or Curve.of([[0, best[0].rate]], shape="step")


def of_loan(component: Component, curve: Curve) -> bool:
    """Whether a rate is of each loan, whatever the amount; what is drawn here has no two of one height."""
    held = [
        rate.curve or rate.table or Curve.of([[0, rate.rate or 0]], shape="step")
        for rate in component.rates
        if rate.of == "loan"
    ]
    return curve in held


def counts(component: Component, loan: lp.Loan, amount: Fraction | None, **day: Any) -> bool:
    """Whether a loan counts for the tiers of a component."""
    if component.tiers is None or component.tiers.counts == "every loan":
        return component.tiers is not None
    where = component.where if component.tiers.counts == "what is paid" else component.tiers.counts
    return fits(where, loan, amount, **day)


# ── lines of a period ───────────────────────────────────────────────────────────────────────────────────────
@define(eq=False)
class Draft:
    """A line before the rules of its period."""

    dated: DatedPlan
    component: str
    on: date
    gross: Fraction
    loan: str = ""
    credit: str = ""
    stage: str = ""
    earned_on: date | None = None
    net: Fraction = Factory(lambda self: self.gross, takes_self=True)
    ends: bool = False
    """Whether all goes that its deal came to."""
    windows: Sequence[tuple[Any, ...]] = ()
    """In which it accumulated, by plan and component."""
    fell_back: bool = False
    in_parts: bool = False
    """Whether it is a part of a deal; the parts sum."""
    passed: bool = False
    """Whether multipliers and gates have had their share before."""

    @property
    def deal(self) -> tuple[str, ...]:
        """What it is a part of."""
        return self.dated.plan.code, self.component, self.loan, self.credit


@define(eq=False)
class Line:
    """A line of what was earned, and how much of it on which day."""

    dated: DatedPlan
    on: date
    earned_on: date
    units: int = 0
    gross: Fraction = ZERO
    parts: dict[date, int] = Factory(lambda: defaultdict(int))


Earlier: TypeAlias = dict[tuple[Any, ...], tuple[Fraction, Fraction, int]]
"""What was earned in earlier periods: before rules, after them, and in smallest units."""
NOTHING_YET = ZERO, ZERO, 0


def ruled(
    book: Book, seat: Seat, lines: list[Draft], earlier: Earlier, sums: Mapping[Group, Any]
) -> tuple[list[tuple[Draft, int]], list[Draft]]:
    """The lines of a plan in smallest units after multipliers, the least, gates and caps; and what is carried.

    The version in force on the last day has the rules.
    """
    code, last = lines[0].dated.plan.code, seat[1].last_day
    in_force = [dated for dated in book.plans if dated.plan.code == code and dated.holds_on(last)]
    dated = (in_force or sorted((line.dated for line in lines), key=lambda dated: dated.since))[-1]
    plan = dated.plan
    for line in lines:
        take_back(line, earlier)
    lines.sort(key=lambda line: (line.on, line.ends, line.component, line.loan, line.stage))

    left, done = [*plan.components], set[str]()
    while ready := [item for item in left if done >= {*item.sums}]:
        for component in ready:
            base = came_to(lines, component.sums, earlier)
            if base > 0:
                pricing = Pricing(book, seat[0], dated, component, sums[seat[0], plan.code, component.code])
                lines.append(Draft(dated, component.code, last, pricing.alone_of(base, base, last)))
            multiply(book, seat, plan, component, lines)
        for component in ready:
            mine = [line for line in lines if line.component == component.code and not line.ends]
            if component.period_least is not None and mine:
                lacking = component.period_least.value - sum(line.net for line in mine)
                least = Draft(mine[-1].dated, component.code, last, lacking, stage="least")
                lines += [least] if lacking > 0 else []
        for component in ready:
            gate(book, seat, plan, component, lines)
        done |= {item.code for item in ready}
        left = [item for item in left if item.code not in done]
    multiply(book, seat, plan, plan, lines)
    gate(book, seat, plan, plan, lines)
    over = [moved for item in plan.components for moved in cut(lines, item.period_most, item.code)]
    over += cut(lines, plan.most, "")
    ended = {line.deal for line in lines if line.ends}
    units = in_steps(next(dated for dated in book.plans if dated.plan is plan), lines, earlier, last)
    return units, [moved for moved in over if moved.deal not in ended]


def in_steps(dated: DatedPlan, lines: Iterable[Draft], earlier: Earlier, last: date) -> list[tuple[Draft, int]]:
    """Lines in smallest units; what rounding to steps changes of each component, then of the whole, is one more."""
    plan, units = dated.plan, [(line, in_units(line, earlier)) for line in lines]
    steps = [(plan.round_component, item.code) for item in plan.components]
    for step, code in [*steps, (plan.round_total, "")]:
        mine = [amount for line, amount in units if code in ("", line.component)]
        if step is not None and mine:
            change = nearest(Fraction(sum(mine), step.units), step.mode) * step.units - sum(mine)
            amount = Fraction(change, SMALLEST[dated.currency])
            line = Draft(dated, code or plan.components[-1].code, last, amount, stage="rounded")
            units += [(line, change)] if change else []
    return units


def new(part: Plan | Component, lines: Sequence[Draft]) -> list[Draft]:
    """Lines of a part of a plan to which multipliers and gates apply."""
    live = [line for line in lines if not (line.ends or line.passed or line.stage == "carried")]
    return [line for line in live if isinstance(part, Plan) or line.component == part.code]


def multiply(book: Book, seat: Seat, plan: Plan, part: Plan | Component, lines: Sequence[Draft]) -> None:
    """Take lines times the factors of a part of a plan."""
    mine, looks = new(part, lines), [(item.looks_at, item.of, item.curve) for item in part.multipliers]
    for code, of, curve in looks if mine else ():
        factor = height(curve, book.reading(seat, plan, code, attained=of == "attainment"))
        for line in mine:
            line.net *= factor


def gate(book: Book, seat: Seat, plan: Plan, part: Plan | Component, lines: Sequence[Draft]) -> None:
    """Take off lines what the gates of a part of a plan forfeit."""
    mine = new(part, lines)
    shares = [height(gate.forfeits, book.reading(seat, plan, gate.looks_at)) for gate in part.gates if mine]
    left = max(1 - sum(shares), ZERO) if plan.gates_apply == "added" else prod((1 - x for x in shares), start=ONE)
    for line in mine:
        line.net *= left


def came_to(lines: Sequence[Draft], codes: Sequence[str], earlier: Earlier) -> Fraction:
    """What components come to: of a deal that ends what was earned of it before is gone."""
    total = ZERO
    for place, line in enumerate(lines):
        if line.component in codes and line.stage != "carried" and line.ends:
            total -= Fraction(earlier.get(line.deal, NOTHING_YET)[2], SMALLEST[line.dated.currency])
        elif line.component in codes and line.stage != "carried":
            later = any(other.ends and other.deal == line.deal for other in lines[place:])
            total += ZERO if later and line.loan else line.net
    return total


def cut(lines: Sequence[Draft], cap: Cap | None, component: str) -> list[Draft]:
    """Take what is above a cap off the last lines; what is carried of them."""
    live, carried = [line for line in lines if not line.ends and component in ("", line.component)], list[Draft]()
    over = ZERO if cap is None else sum((line.net for line in live), ZERO) - cap.most.value
    for line in reversed(live):
        off = min(over, line.net)
        if off > 0:
            line.net, over = line.net - off, over - off
            carried.append(evolve(line, stage="carried", gross=off, net=off))
    return carried if cap is not None and cap.excess == "carried" else []


def take_back(line: Draft, earlier: Earlier) -> None:
    """What takes back where rules had cut what was earned takes that part of what was posted, in whole units."""
    keys = line.windows if line.fell_back else [line.deal] if line.in_parts and not line.ends else []
    had = [earlier[key] for key in keys if key in earlier]
    if had and line.gross < 0:
        gross, net, posted = map(sum, zip(*had, strict=True))
        line.passed = True
        if gross and gross != net:
            units = nearest(posted * -line.gross / gross, line.dated.plan.rounding)
            line.net = -Fraction(units, SMALLEST[line.dated.currency])


def in_units(line: Draft, earlier: Earlier) -> int:
    """A line in smallest units; the parts of a deal so that they sum to its rounded whole."""
    _, before, had = earlier.get(line.deal, NOTHING_YET) if line.in_parts else NOTHING_YET
    if line.ends:
        earlier[line.deal] = NOTHING_YET
        return -had
    plan = line.dated.plan
    step, mode = (plan.round_line.units, plan.round_line.mode) if plan.round_line else (1, plan.rounding)
    units = nearest((before + line.net) * SMALLEST[line.dated.currency] / step, mode) * step - had
    new = ZERO if line.stage == "carried" else line.gross
    for key in [*line.windows, *([line.deal] if line.in_parts else [])]:
        gross, net, posted = earlier.get(key, NOTHING_YET)
        earlier[key] = gross + new, net + line.net, posted + units
    return units


# ── what is paid by period ──────────────────────────────────────────────────────────────────────────────────
def balances(book: Book, tracks: Sequence[Track]) -> None:
    """Lines of balances and margins: one a loan and period."""
    for track in tracks:
        with book.blocking(track.share.payee):
            stated = [row.outstanding for row in track.loan.balances]
            stated += [event.amount for event in track.loan.events if event.amount is not None]
            refuse(any(money.currency != track.dated.currency for money in stated), "a balance in another currency")
            must_have_size(track.dated.plan, track.loan, book.last)
    sums: dict[Group, dict[Any, Sums]] = defaultdict(dict)
    for place, period in enumerate(book.periods):
        for track in tracks:
            with book.blocking(track.share.payee):
                pricing = Pricing(book, track.share.payee, track.dated, track.component, sums[track.group])
                book.drafts[place, track.share.payee] += balance_line(track, period, pricing)


def balance_line(track: Track, period: lp.Period, pricing: Pricing) -> list[Draft]:
    """The line of a balance in a period, where there is one."""
    loan, component, currency, last = track.loan.loan, track.component, track.dated.currency, period.last_day
    events = [event for event in track.loan.events if event.amount is None or event.amount.currency == currency]
    stated = [balance for balance in track.loan.balances if balance.outstanding.currency == currency]
    average = average_balance(History(loan, events, stated), period, {})
    held = average * track.part if isinstance(average, Fraction) else ZERO
    there = held and loan.opened_on <= last and not track.loan.upto(last, "cancelled") and track.is_theirs(last)
    day = day_of(track, last)
    pays, matters = fits(component.where, loan, held, **day), counts(component, loan, held, **day)
    if not there or not (pays or matters):
        return []
    refuse(component.year_part == "months/12" and not period.months, "no whole months")
    parts = {"months/12": (period.months, 12), "days/365": (period.days, 365), "days/360": (period.days, 360)}
    base = held * Fraction(*parts.get(component.year_part, (1, 1)))
    if component.base == "interest margin":
        refuse(None in (loan.interest_rate, loan.funding_rate), "no rates")
        base *= (loan.interest_rate or ZERO) - (loan.funding_rate or ZERO)
    paid = base if pays else ZERO
    amount = pricing.alone_of(paid, base if matters else ZERO, last, loan, held, **day)
    amount = bounded(component, amount, paid, track.part) if pays else amount
    return [Draft(track.dated, component.code, last, amount, loan=loan.loan)] if pays or amount else []


def day_of(track: Track, on: date, receipt: str = "") -> dict[str, Any]:
    """What terms may ask of a day."""
    said = [event.days or 0 for event in track.loan.upto(on, "past due")]
    return {"on": on, "days_past_due": Fraction(said[-1] if said else 0), "receipt": receipt, "part": track.part}


def receipts(book: Book, tracks: Sequence[Track]) -> None:
    """Lines of what came in: one a receipt, in order of day and loan, for who held the loan then."""
    came = [
        (event.on, at, kind, place, track, event)
        for at, track in enumerate(tracks)
        for kind, word in enumerate(RECEIPTS)
        for place, event in enumerate(track.loan.upto(book.last, word))
    ]
    sums: dict[Group, dict[Any, Sums]] = defaultdict(dict)
    for track in tracks:
        with book.blocking(track.share.payee):
            must_have_size(track.dated.plan, track.loan, book.last)
    for on, _, kind, _, track, event in sorted(came, key=lambda item: item[:4]):
        place, payee = book.place(on), track.share.payee
        if place < 0 or not (event.amount and event.amount.units and track.part and track.is_theirs(on)):
            continue
        with book.blocking(payee):
            loan, component, day = track.loan.loan, track.component, day_of(track, on, [*RECEIPTS.values()][kind])
            size = track.amount(on) if "field='amount'" in str(component) else None
            pays, matters = fits(component.where, loan, size, **day), counts(component, loan, size, **day)
            if pays or matters:
                base = converted(book.rows, event.amount, track.dated.currency, on) * track.part
                pricing = Pricing(book, payee, track.dated, component, sums[track.group])
                bases = base if pays else ZERO, base if matters else ZERO
                amount = pricing.alone_of(*bases, on, loan, size, **day)
                line = Draft(track.dated, component.code, on, amount, loan=loan.loan)
                book.drafts[place, payee] += [line] if pays or amount else []


RECEIPTS = {"repaid": "repayment", "prepaid": "prepayment", "recovered": "recovery"}


Member: TypeAlias = tuple[str, Post]
"""Somebody in a team, and the post by which."""


def members(book: Book, component: Component, lead: lp.Assignment, period: lp.Period) -> list[Member]:
    """The team of a lead: who works in the unit or below it; not who leads it too."""
    team, unit = component.team or Team(total="sum"), lead.unit
    on = period.start if team.as_of == "start" else period.last_day
    found = list[Member]()
    for item in (item for item in book.staff.assignments if item.holds_on(on)):
        inside = item.unit == unit or (team.members == "all" and unit in book.units(item, on))
        if inside and item.payee != lead.payee and (not team.roles or item.role in team.roles):
            of_unit = [dated for dated, held, _ in book.standing(item.payee, period) if held.unit == unit]
            if "team" not in [other.base for dated in of_unit for other in dated.plan.components]:
                found.append((item.payee, None if item.primary else (item.role, item.unit)))
    return found


Teams: TypeAlias = Mapping[str, Mapping[tuple[str, str], Sequence[Member]]]
"""By lead, plan and component: the members."""


def work_periods(book: Book) -> None:
    """Period after period, payee after payee from the leaves to the root."""
    carried, hanging = defaultdict[str, list[Draft]](list), defaultdict[str, set[tuple[str, ...]]](set)
    earlier: dict[str, Earlier] = defaultdict(dict)
    sums: dict[Group, dict[Any, Sums]] = defaultdict(dict)
    for place, period in enumerate(book.periods):
        held, teams = people(book, period)
        pay: dict[Member, list[lp.Money]] = defaultdict(list)
        earning = {payee for at, payee in book.drafts if at == place} | {*carried} | {*held}
        fixed = [item for dated in book.plans for item in dated.plan.components if item.in_part != "whole"]
        earning |= {item.payee for item in book.staff.assignments} if fixed else set()
        for payee in in_turn(earning, teams):
            drafts = book.drafts[place, payee] + [evolve(draft, on=period.start) for draft in carried.pop(payee, [])]
            with book.blocking(payee):
                refuse(payee in under(payee, teams), "teams that hold each other")
                for dated in held.get(payee, ()):
                    drafts += periodic(book, dated, (payee, period), teams, pay, sums)
                drafts += by_days(book, (payee, period), sums)
                on = hanging[payee]
                late = any(not draft.ends and (draft.fell_back or draft.deal in on) for draft in drafts)
                refuse(on and late, "it hangs on what is missing")
                for code in sorted({draft.dated.plan.code for draft in drafts}):
                    mine = [draft for draft in drafts if draft.dated.plan.code == code]
                    amounts, over = ruled(book, (payee, period), mine, earlier[payee], sums)
                    if over:
                        carried[payee] += over
                    by = payee, book.post_of((payee, period), code) if teams else None
                    for draft, units in amounts:
                        pay[by].append(lp.Money.from_units(units, draft.dated.currency))
                        add(book, payee, period, draft, units)
            if (payee, period) in book.missing:
                hanging[payee] |= {draft.deal for draft in drafts if draft.in_parts or draft.fell_back}


def people(book: Book, period: lp.Period) -> tuple[dict[str, list[DatedPlan]], Teams]:
    """The plans of each payee in a period, where any plan pays for more than loans; and the teams of those who lead."""
    held, teams = dict[str, list[DatedPlan]](), dict[str, dict[tuple[str, str], list[Member]]]()
    bases: set[str] = {item.base for dated in book.plans for item in dated.plan.components}
    bases |= {"draws" for dated in book.plans if dated.plan.draws}
    for payee in book.staff.codes if bases & {"fixed", "indicator", "team", "draws"} else ():
        with book.blocking(payee):
            standing = book.standing(payee, period)
            held[payee] = [*{dated.plan.code: dated for dated, _, _ in reversed(standing)}.values()]
            for dated, _, post in standing:
                if dated.plan.draws and (payee, period) not in book.drawing:
                    book.drawing[payee, period] = dated, book.nth(payee, period, post)
    for payee, plans in held.items():
        with book.blocking(payee):
            leads = [(dated, item) for dated, item, _ in book.standing(payee, period) if dated in plans]
            for dated, lead in leads:
                for item in (item for item in dated.plan.components if item.base == "team"):
                    ours = teams.setdefault(payee, {}).setdefault((dated.plan.code, item.code), [])
                    ours += [member for member in members(book, item, lead, period) if member not in ours]
    return held, teams


def under(lead: str, teams: Teams) -> set[str]:
    """Everybody in the teams of a payee, and in the teams of those."""
    found, new = set[str](), {lead}
    while new:
        new = {who for code in new for team in teams.get(code, {}).values() for who, _ in team} - found
        found |= new
    return found


def in_turn(payees: set[str], teams: Teams) -> list[str]:
    """Payees without a team, then leads: those of teams that hold each other, then each after the leads in its team."""
    below = {lead: under(lead, teams) & {*teams} for lead in teams}
    return sorted(
        payees | {*teams},
        key=lambda code: (code in below, code not in below.get(code, ()), len(below.get(code, ())), code),
    )


def periodic(
    book: Book, dated: DatedPlan, seat: Seat, teams: Teams, pay: Mapping[Member, Any], sums: Mapping[Group, Any]
) -> list[Draft]:
    """The lines of a payee that are no loan's: of fixed pay, of an indicator, and of what a team earned."""
    found, (payee, period) = list[Draft](), seat
    last, plan = period.last_day, dated.plan
    mine = [item for item in plan.components if item.base in ("fixed", "indicator", "team") and item.in_part == "whole"]
    for component in mine:
        base = book.reading(seat, plan, component.indicator) if component.base == "indicator" else ONE
        if component.base == "team" and component.team is not None:
            ours = teams.get(payee, {}).get((plan.code, component.code), ())
            refuse(any(member in book.blocked for member, _ in ours), "somebody's pay is not known")
            if any((member, period) in book.missing for member, _ in ours):
                book.missing.add(seat)
            amounts = [converted(book.rows, money, dated.currency, last) for member in ours for money in pay[member]]
            many = len({member for member, _ in ours})
            base = sum(amounts, ZERO) / (max(1, many) if component.team.total == "average" else 1)
        pricing = Pricing(book, payee, dated, component, sums[payee, plan.code, component.code])
        found.append(Draft(dated, component.code, last, pricing.alone_of(base, base, last)))
    return found


def by_days(book: Book, seat: Seat, sums: Mapping[Group, Any]) -> list[Draft]:
    """The fixed amounts of a payee by days, or for full periods, by each plan that fits on some of them."""
    if not any(item.in_part != "whole" for dated in book.plans for item in dated.plan.components):
        return []
    days, (payee, period), found = defaultdict[int, int](int), seat, list[Draft]()
    mine = [item for post in book.posts(payee) for item in book.of_post(payee, post)]
    spans = [(item, span) for item in mine if (span := period.overlap(item.since, item.until)) is not None]
    until: dict[str, date] = defaultdict(lambda: period.start)
    for held, span in sorted(spans, key=lambda part: part[1].start):
        fitting = book.fitting(book.plans, span.last_day, held)
        refuse(len(fitting) > 1, "two plans fit")
        for dated in fitting:
            since = max(span.start, until[dated.plan.code])
            days[book.plans.index(dated)] += max((span.end - since).days, 0)
            until[dated.plan.code] = max(until[dated.plan.code], span.end)
    for place, many in sorted(days.items()):
        dated = book.plans[place]
        for component in (item for item in dated.plan.components if item.in_part != "whole"):
            part = Fraction(many, period.days) if component.in_part == "by days" else Fraction(many // period.days)
            pricing = Pricing(book, payee, dated, component, sums[payee, dated.plan.code, component.code])
            amount = pricing.alone_of(part, part, period.last_day) if part else ZERO
            found += [Draft(dated, component.code, period.last_day, amount)] if part else []
    return found


def add(book: Book, payee: str, period: lp.Period, draft: Draft, units: int) -> None:
    """Add a line; what one stage earned in one period is one line."""
    key = payee, draft.dated.plan.code, draft.component, draft.loan, draft.stage, period
    earned_on = draft.earned_on or draft.on
    line = book.lines.setdefault(key, Line(draft.dated, draft.on, earned_on))
    line.dated, line.on, line.earned_on = draft.dated, max(line.on, draft.on), min(line.earned_on, earned_on)
    line.units, line.gross = line.units + units, line.gross + draft.gross
    line.parts[earned_on] += units


# ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────
def earned(
    rows: Sequence[lp.Fact],
    plans: Sequence[DatedPlan],
    staff: lp.Organisation,
    through: lp.Period,
    *,
    refused: Iterable[lp.Fact] = (),
    since: date | None = None,
    readings: Iterable[lp.Reading] = (),
    targets: Mapping[lp.Period, Iterable[lp.Target]] | None = None,
) -> Book:
    """Everything that was earned from the first fact to the end of a period."""
    known = [(item, item.period or through) for item in readings if item.value is not None]
    seen = [row.on for row in rows] + [period.start for item, period in known if item.period is not None]
    first = max(min(seen, default=through.start), min((dated.since for dated in plans), default=date.min))
    periods = [through]
    while periods[0].start > (since or first):
        periods.insert(0, periods[0].previous())
    values = {(item.subject, item.indicator, period): item.value for item, period in known if item.value}
    goals = [(goal, goal.period or period) for period, held in (targets or {}).items() for goal in held]
    asked = {(goal.payee, goal.indicator, period): goal.value for goal, period in goals}
    book = Book(rows, plans, staff, periods, values, asked, loans_of(rows, through.last_day))
    check(book, refused)
    tracks = tracks_of(book)
    walk_all(book, [track for track in tracks if track.component.base in OF_LOANS])
    balances(book, [track for track in tracks if track.component.base in ("balance", "interest margin")])
    receipts(book, [track for track in tracks if track.component.base == "receipts"])
    work_periods(book)
    return book


def check(book: Book, refused: Iterable[lp.Fact]) -> None:
    """Block whoever is paid for a loan whose rows are refused, or whose amounts or credits make no sense."""
    roles = {role for dated in book.plans for item in dated.plan.components for role, _ in item.split}
    for loan in book.loans.values():
        moved = [event.amount for event in loan.upto(FAR, *MOVES, "recovered") if event.amount is not None]
        if len({money.currency for money in moved}) > 1 or {credit.role for credit in loan.credits} - roles:
            book.blocked.update(loan.concerned())
    for row in refused:
        if isinstance(row, lp.Loan | lp.LoanEvent | lp.Credit | lp.Balance):
            book.blocked |= {getattr(row, name, "") or "" for name in ("officer", "payee")} - {""}
            book.blocked.update(book.loans[row.loan].concerned() if row.loan in book.loans else ())


def tracks_of(book: Book) -> list[Track]:
    """Each loan as each payee may be paid for it by each component of the plan that holds for it."""
    found = []
    for loan in book.loans.values():
        shares = list[Share]()
        with book.blocking(*loan.concerned()):
            shares = shares_of(loan)
        for share in shares:
            days = [event.on for event in loan.events if loan.officer(event.on) == share.payee]
            own = share.stated or share.payee == loan.loan.officer
            on = loan.loan.opened_on if own else min(days, default=FAR)
            with book.blocking(share.payee):
                for dated in book.plans_of(share.payee, loan, on) if own or on <= book.last else ():
                    found += [Track(book, loan, share, shares, dated, item) for item in dated.plan.components]
    return found


def by_version(step: Step) -> Step:
    """A drawing under the version of the plan in force on its own day, where each drawing earns for itself."""
    track, (code, plan) = step.track, (step.track.component.code, step.track.dated.plan)
    if plan.selected_at == "disbursed" and step.stage == "disbursed" and not track.dated.holds_on(step.on):
        for dated in track.book.plans if track.component.is_by_drawing else ():
            for item in dated.plan.components if dated.plan.code == plan.code and dated.holds_on(step.on) else ():
                if item.code == code and item.is_by_drawing:
                    steps = evolve(track, dated=dated, component=item).happens()
                    return next(other for other in steps if (other.on, other.event) == (step.on, step.event))
    return step


def walk_all(book: Book, tracks: Sequence[Track]) -> None:
    """Walk the deals of each payee and component in order of day."""
    groups: dict[Group, list[Step]] = defaultdict(list)
    for track in tracks:
        with book.blocking(track.share.payee):
            groups[track.group] += [by_version(step) for step in track.happens()] if track.part else []
    for (payee, _, _), steps in sorted(groups.items()):
        sums, deals = dict[Any, Sums](), defaultdict[tuple[str, str], Deal](Deal)
        kept: dict[tuple[str, str], list[tuple[date, Draft]]] = defaultdict(list)
        for step in sorted(steps, key=lambda step: (step.on, step.track.loan.loan.loan, HAPPENS.index(step.event))):
            dated, component, loan = step.track.dated, step.track.component, step.track.loan.loan
            pricing = Pricing(book, payee, dated, component, sums, loan=loan)
            of = step.track.loan.loan.loan, step.track.share.role
            with book.blocking(payee):
                known = step.track.bases(step.track.amount(step.on)) is not None or "stage" not in step.event
                for draft in pricing.walk(deals[of], step) if known else ():
                    kept[of] = [(due, line) for due, line in kept[of] if due <= step.on or not draft.ends]
                    kept[of].append((step.due, draft))
                late = step.due != FAR and book.place(step.due) > max(book.place(step.on), 0)
                refuse(late and (payee, book.period(step.on)) in book.missing, "it hangs on what is missing")
        for due, draft in (item for lines in kept.values() for item in lines):
            if due <= book.last and book.place(due) >= 0:
                book.drafts[book.place(due), payee].append(draft)
