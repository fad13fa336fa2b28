"""What must be refused: for each kind of value, arguments of which one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import evolve
from hypothesis import strategies as st

from loanperf._alert_rules import AlertRule
from loanperf._commission import (
    Cap,
    Clawback,
    Component,
    Draw,
    PayRules,
    Plan,
    Rate,
    Stage,
    Tiers,
)
from loanperf._curves import Curve, RateTable, Then
from loanperf._facts import ROW_OF
from loanperf._feeds import FeedRow, Pulled
from loanperf._holdback import Holdback, Instalment
from loanperf._indicators import Direction
from loanperf._kinds import KINDS, Category, EventKind, FactColumn, TypeName
from loanperf._ledger import Answer, Closing
from loanperf._org import Assignment, Organisation, Payee, Unit
from loanperf._periods import PayCalendar, Period, Tenor
from loanperf._quantities import Money, Quantity, Rounding
from loanperf._scheme import Confirmation, Limit, scheme_of
from loanperf._scorecard import Bonus, Constraint, Gate, Grade, Multiplier, Profile, Scoring, Veto
from loanperf._targets import CarriedTarget, Season
from loanperf.ports import Answered

_Words: TypeAlias = dict[str, Any]
_Wrong: TypeAlias = dict[str, tuple[object, ...]]
_NO_CODE: tuple[object, ...] = ("", "  ", "a\nb", "\x00", None, 7)
_NO_MONEY: tuple[object, ...] = (1.5, float("nan"), "12 apples", "1e999 元", True, "", "-1 元")
_NO_DAY: tuple[object, ...] = ("2026-02-30", "yesterday", "", 46082, None, datetime(2026, 3, 1, 12, tzinfo=UTC))
_NO_SHARE: tuple[object, ...] = ("101%", "-1%", 0.5, "1 元", True, "half", Decimal("NaN"))
_NO_WORD: tuple[object, ...] = ("often", "", None, 3)
_NO_COUNT: tuple[object, ...] = (-1, 1.5, True, "1")
_NO_POINTS: tuple[object, ...] = ("5%元", 0.5, "1 元")
_NO_TRUTH: tuple[object, ...] = (1, 0, "yes", "no", None)
_FLAT = Curve.of([["0%", "0%"], ["100%", "100%"]], shape="step")
_PAID = Component(code="loans", base="disbursed", rate="1%")

_VALUES: Mapping[Callable[..., Any], tuple[_Words, _Wrong]] = {
    Money: (
        {"amount": "1 CNY", "currency": "CNY"},
        {"amount": (1.0, True, 1, None, "", "1 USD"), "currency": ("yuan", "USD")},
    ),
    Money.of: ({"value": "1 元"}, {"value": (*_NO_MONEY[:-1], "0.001 元", "1", 1, "5%"), "currency": ("USD", "RMB")}),
    Quantity: ({"value": Fraction(1)}, {"value": (1.0, "1", None, 1), "unit": ("%", "元", "kg", None)}),
    Period: ({"start": "2026-03-01", "end": "2026-04-01"}, {"start": (*_NO_DAY, "2026-04-01"), "end": _NO_DAY}),
    Period.month: (
        {"year": 2026, "month": 3},
        {"year": (0, 9998, "2026", 1.5), "month": (0, 13), "first_day": (0, 29)},
    ),
    Period.parse: (
        {"text": "2026-03"},
        {"text": ("2026-13", "2026-Q5", "March", "", "2026-02-30/2026-03-01", None, 3)},
    ),
    Tenor: ({"months": 1}, {"months": _NO_COUNT, "days": _NO_COUNT}),
    Tenor.parse: ({"text": "3 months"}, {"text": ("", "soon", "-3 months", "P", "1.5 years", None, 3)}),
    Then: (
        {"per_point": "1%", "counted": "whole", "point": "2"},
        {"per_point": (0.01, "1 元", "x"), "counted": _NO_WORD, "point": (0.5, "x", "-1", 0)},
    ),
    Curve.of: (
        {"knots": [["0%", "0%"], ["80%", "50%"]], "shape": "step"},
        {
            "knots": (
                [],
                [["0%"]],
                [["80%", 0], ["0%", 0]],
                [["0%", 0], ["0%", 1]],
                [["5%", 0], ["9 元", 1]],
                [[0.5, 0]],
                7,
            ),
            "shape": _NO_WORD,
            "closed": _NO_WORD,
        },
    ),
    Curve.of_bands: (
        {"bands": [["0元", "1000元", "1%"], ["1000元", None, "2%"]]},
        {
            "bands": (
                [],
                [["0元", "1000元", "1%"]],
                [["0元", "1000元", "1%"], ["900元", None, "2%"]],
                [["0元", "1000元", "1%"], ["1100元", None, "2%"]],
                [["0元", None, "1%"], ["1000元", None, "2%"]],
                [["5元", "5元", "1%"], ["5元", None, "2%"]],
            ),
            "shape": ("linear",),
        },
    ),
    RateTable: (
        {
            "rows": ["0%", "50%"],
            "columns": [0, 12],
            "cells": [["1%", "2%"], ["3%", "4%"]],
            "between_rows": "step",
            "between_columns": "linear",
            "outside": "edge",
        },
        {
            "rows": ([], ["0%"], ["50%", "0%"], ["0%", "0%"], ["5%", "9 元"], [0.5, "1%"], None, 7),
            "columns": ([], [0], [12, 0], [0.5, 1], None, 7),
            "cells": ([], [["1%"]], [["1%", "2%"]], [["1%", "5 元"], [0, 0]], [[0.5, 0], [0, 0]], None, 7),
            "between_rows": _NO_WORD,
            "between_columns": _NO_WORD,
            "outside": _NO_WORD,
            "closed": _NO_WORD,
        },
    ),
}
_NO_ROW = {"withdrawn": {"row": [""], "revision": [1]}}
_FEEDS: Mapping[Callable[..., Any], tuple[_Words, _Wrong]] = {
    FeedRow: (
        {"row": "1", "revision": 0, "says": None},
        {
            "row": (*_NO_CODE, "\ud800"),
            "revision": (-1, 2**63, 1.0, True, "1"),
            "says": ("a fact", {}, Decimal(1)),
        },
    ),
    Pulled: (
        {"rows": [], "cursor": ""},
        {
            "cursor": ("\ud800", "1\udfff", None, 1),
            "tables": (
                "loans",
                {"loan": {}},
                {"withdrawn": {"row": ["1"]}},
                {"withdrawn": {"row": [""], "revision": [1]}},
            ),
        },
    ),
    Answer: (
        {"key": "k", "state": "paid", "on": "2026-03-01"},
        {"key": ("\ud800", None), "state": ("done", "", None), "on": _NO_DAY, "why": ("\udfff", None)},
    ),
    Answered: ({"answers": [], "cursor": ""}, {"cursor": ("\ud800", None, 1)}),
    Closing: (
        {"period": Period.month(2026, 3), "act": "closed", "by": "chen"},
        {"act": ("reopened", "shut", None), "by": ("", "  ")},
    ),
}
_EAST, _LIN = Unit(code="east"), Assignment(payee="lin", unit="east", role="officer", since="2026-01-01")
_PEOPLE: Mapping[Callable[..., Any], tuple[_Words, _Wrong]] = {
    Assignment: (
        {"payee": "lin", "unit": "east", "role": "officer", "since": "2026-01-01"},
        {
            "payee": _NO_CODE,
            "unit": _NO_CODE,
            "role": _NO_CODE,
            "since": _NO_DAY,
            "salary": _NO_MONEY,
            "base": _NO_MONEY,
            "primary": ("no", 1, None),
        },
    ),
    Unit: ({"code": "east"}, {"code": _NO_CODE, "parent": _NO_CODE[:4], "since": _NO_DAY}),
    Payee: ({"code": "lin"}, {"code": _NO_CODE}),
    Organisation: (
        {"units": [_EAST], "assignments": [_LIN], "payees": [Payee(code="lin", name="Lin")]},
        {
            "units": ([], [Unit(code="west")], [_EAST, _EAST], [Unit(code="east", parent="east")])[1:],
            "assignments": (
                [_LIN, _LIN],
                [_LIN, evolve(_LIN, primary=False)],
                [evolve(_LIN, primary=False)],
                [Assignment(payee="wu", unit="north", role="officer", since="2026-01-01")],
            ),
            "payees": ([Payee(code="lin", name="Lin"), Payee(code="lin", name="林")],),
        },
    ),
}
_OURS: _Words = {
    "name": "ours",
    "currency": "CNY",
    "effective": "2026-01-01",
    "profiles": {"standard": {"weights": {"loan_amount": "100%"}}},
    "targets": {"loan_amount": "30万元"},
    "scoring": {"default": {"places": 1, "rounding": "half up"}},
}
_SCHEMES: Mapping[Callable[..., Any], tuple[_Words, _Wrong]] = {
    Profile: (
        {"code": "standard", "weights": [("loan_amount", "60%"), ("npl_ratio", "40%")]},
        {
            "weights": (
                [("loan_amount", "60%")],
                [("loan_amount", "60%"), ("npl_ratio", "41%")],
                [("loan_amount", "120%"), ("npl_ratio", "-20%")],
                [("loan_amount", 0.6), ("npl_ratio", 0.4)],
                [("loan_amount", "50%"), ("loan_amount", "50%")],
                [],
                None,
                ["loan_amount"],
            ),
            "targets": ([("npl_ratio", "many")], ["npl_ratio"], None),
        },
    ),
    Scoring: (
        {"rule": Direction.HIGHER, "places": 1, "rounding": Rounding.HALF_UP},
        {
            "rule": ("higher is better", None),
            "of": _NO_WORD,
            "places": (*_NO_COUNT, 10),
            "rounding": _NO_WORD,
            "missing": _NO_WORD,
            "cap": ("1 元", 1.5, "x"),
            "floor": ("1 元", 0.5, "x"),
        },
    ),
    Veto: (
        {"indicator": "npl_ratio", "test": "above", "limit": "5%"},
        {"indicator": (None, 7), "test": _NO_WORD, "limit": (0.05, "x", None), "score": (0.5, "5 元", "x")},
    ),
    Grade: ({"code": "A", "at_least": 90}, {"at_least": (0.5, "90 元", None), "coefficient": ("-1%", 0.5, "1 元")}),
    Gate: (
        {"indicator": "npl_ratio", "forfeits": _FLAT},
        {"indicator": (None, 7), "forfeits": ("10%", None), "level": (0, 21, True, "1")},
    ),
    Multiplier: (
        {"indicator": "npl_ratio", "curve": _FLAT},
        {"indicator": (None, 7), "of": _NO_WORD, "curve": ("10%", None), "level": (0, 21, True, "1")},
    ),
    Bonus: (
        {"unit": "share", "curve": _FLAT, "rounding": Rounding.DOWN},
        {
            "unit": _NO_WORD,
            "curve": (None, "10%"),
            "rounding": _NO_WORD,
            "cap": ("x", 0.5),
            "gates": (["gate"], None),
            "holdback": ("40%", Holdback(share="40%", repaid="releases")),
            "gates_apply": _NO_WORD,
        },
    ),
    Season: (
        {"code": "loan_amount", "of": "year", "weights": ["20%", "20%", "60%"]},
        {
            "code": (None, 7),
            "of": (*_NO_WORD, "month"),
            "weights": ([], ["50%"], ["120%", "-20%"], "100%", [0.5, 0.5]),
            "step": ("0 元", "-1 元", 0.5),
        },
    ),
    Confirmation: (
        {"of": ("targets",), "unconfirmed": "hold"},
        {
            "of": ((), ("scores",), ("plan", "plan"), "targets"),
            "unconfirmed": (*_NO_WORD, "keep"),
            "silence_days": (0, -1, 1.5, True, 36501),
            "superiors": ("head", (7,)),
        },
    ),
    CarriedTarget: ({"code": "loan_amount", "resets": "year"}, {"code": (None, 7), "resets": (*_NO_WORD, "month")}),
    AlertRule: (
        {"code": "line", "indicator": "npl_ratio", "kind": "threshold", "test": "above", "limit": "5%"},
        {
            "code": ("", " x", 7, "x" * 101),
            "indicator": (None, 7),
            "kind": (*_NO_WORD, "near"),
            "severity": (*_NO_WORD, "bad"),
            "of": _NO_WORD,
            "test": (None, "over"),
            "limit": (None, 0.05, "x"),
            "in_a_row": (0, 1, True),
            "after": _NO_SHARE,
            "margin": ("-1%", 0.5),
            "worse_by": (0, "-1%", 0.5),
            "escalate_after": (0, -1, 1.5, True, 367),
            "advice": ("call", 7),
        },
    ),
    Constraint: ({"of": ("risk",)}, {"of": (["risk"], (7,)), "at_least": _NO_SHARE, "at_most": _NO_SHARE}),
    Limit: ({"code": "npl_ratio"}, {"code": (None, 7), "at_least": _NO_SHARE, "at_most": _NO_SHARE}),
    scheme_of: (
        {"document": _OURS},
        {
            "document": (
                *({}, [], None, "name = 'ours'"),
                *({key: value for key, value in _OURS.items() if key != gone} for gone in _OURS if gone != "targets"),
                _OURS | {"name": " "},
                _OURS | {"currency": "RMB"},
                _OURS | {"effective": "soon"},
                _OURS | {"until": "2026-01-01"},
                _OURS | {"profiles": {"standard": {"weights": {"loan_amount": "99%"}}}},
                _OURS | {"profiles": {"standard": {"weights": {"loan_amuont": "100%"}}}},
                _OURS | {"targets": {"loan_amount": "3%"}},
                _OURS | {"scoring": {"default": {"places": 10, "rounding": "half up"}}},
                _OURS | {"scorings": {}},
                _OURS | {"who": [{"profile": "senior"}]},
                _OURS | {"profiles": {"standard": {"stands": "on top", "weights": {"loan_amount": "100%"}}}},
                _OURS | {"profiles": {"standard": {"stands": "beside", "weights": {"loan_amount": "100%"}}}},
                _OURS | {"common": {"roundings": "half up"}},
                _OURS | {"common": {"holdback": {"share": "200%"}}},
            )
        },
    ),
}
_PLANS: Mapping[Callable[..., Any], tuple[_Words, _Wrong]] = {
    Stage: (
        {"milestone": "signed", "share": "20%"},
        {"milestone": _NO_WORD, "share": _NO_SHARE, "payable": ("often", "", 3)},
    ),
    Rate: (
        {"rate": "1%"},
        {"rate": (None, 0.01, "x"), "curve": (_FLAT, "1%"), "table": (_FLAT, "1%"), "where": (("amount",),)},
    ),
    Tiers: (
        {"by": "amount", "applies": "flat", "accumulates": "period"},
        {
            "by": (*_NO_WORD, "attainment", "earned", "indicator"),
            "applies": _NO_WORD,
            "accumulates": (None, "often"),
            "periods": (0, 121, 1.5, True),
            "resets": _NO_WORD,
            "quota": ("0 元", "-1 元", 0.5),
            "across": ("ltv", "often", "", 3),
        },
    ),
    Cap: ({"most": "1 元", "excess": "lost"}, {"most": (*_NO_MONEY, "5%"), "excess": _NO_WORD}),
    Instalment: (
        {"after_months": 12, "share": "100%"},
        {"after_months": (*_NO_COUNT, 601, None), "after_days": (*_NO_COUNT, 7), "share": _NO_SHARE},
    ),
    Holdback: (
        {"share": "20%", "instalments": (Instalment(after_months=12, share="100%"),)},
        {
            "share": _NO_SHARE,
            "applies": _NO_WORD,
            "instalments": ((), (Instalment(after_months=1, share="50%"),), ("12 months",)),
            "condition_months": _NO_COUNT,
            "years": (0, 51, 1.5, 3),
            "roles": ((("clerk", "2"),), ("clerk",)),
            "leavers": _NO_WORD,
            "condition_days": (0, 1.5, True),
            "condition": (*_NO_WORD, "reading"),
            "indicator": ("npl_ratio", 1),
            "at_most": ("2%", "2 apples"),
            "at_least": ("2%", 0.5),
        },
    ),
    Clawback: (
        {"on": "written off", "share": "100%", "takes": "whole", "attainment": "stays"},
        {
            "on": _NO_WORD,
            "share": _NO_SHARE,
            "takes": (*_NO_WORD, "when paid off"),
            "reach": _NO_WORD,
            "attainment": _NO_WORD,
            "refund": _NO_SHARE,
            "refund_months": (0, 1.5),
            "refund_days": (0, 1.5, True),
        },
    ),
    Draw: (
        {"least": "3000 元", "kind": "plain"},
        {"least": (*_NO_MONEY, "5%"), "kind": _NO_WORD, "style": (*_NO_WORD, "advance"), "first_period": (0, True)},
    ),
    Component: (
        {"code": "loans", "base": "disbursed", "rate": "1%"},
        {
            "base": (*_NO_WORD, "indicator", "team"),
            "rate": (None, 0.01, "x"),
            "curve": (_FLAT,),
            "stages": ((Stage(milestone="signed", share="50%"),), ("signed",)),
            "dead": ("often",),
            "expires_days": (0, 1.5, True),
            "expires_months": (0, 601, True),
            "split": ((), (("lead", "50%"),), (("lead", "50%"), ("lead", "50%"))),
            "least": ("5%", 0.5),
            "period_most": ("1 元",),
            "sums": (("loans",), "loans"),
            "in_part": (*_NO_WORD, "by days"),
        },
    ),
    Plan: (
        {"code": "sales", "components": (_PAID,), "rounding": Rounding.DOWN},
        {
            "code": ("bonus", None, 7),
            "components": ((), (_PAID, _PAID), ("loans",)),
            "rounding": _NO_WORD,
            "selected_at": _NO_WORD,
            "most": ("1 元",),
        },
    ),
    PayRules: (
        {},
        {
            "negative": _NO_WORD,
            "guard_share": _NO_SHARE,
            "guard_floor": (*_NO_MONEY, "5%"),
            "payment_most": ("1 元", Cap(most="1 元", excess="lost")),
            "holdback": ("40%", Holdback(share="40%", repaid="releases")),
        },
    ),
    PayCalendar: (
        {"periods": "half month"},
        {"periods": _NO_WORD, "begins": (*_NO_DAY, "2026-01-14", "2026-01-31")},
    ),
}


# ── facts, by the table of kinds ────────────────────────────────────────────────────────────────────────────

_RIGHT: Mapping[TypeName, object] = {
    **dict[TypeName, object].fromkeys(("loan", "customer", "payee", "key", "code"), "一"),
    "day": "2026-03-01",
    "truth": True,
    "money": "10 元",
    "points": 1,
    "currency": "USD",
    "rate": "7.1",
}
"""A value of each type that a row may need."""
_SPOILT: Mapping[TypeName, tuple[object, ...]] = {
    **dict[TypeName, tuple[object, ...]].fromkeys(("loan", "customer", "payee", "key", "code"), _NO_CODE),
    "text": ("a\nb", None, 7),
    "word": ("disbursed", "loss", 3, None),
    "currency": ("$", "RMB", "", None),
    "day": _NO_DAY,
    "truth": _NO_TRUTH,
    "money": (*_NO_MONEY[:-1], None),
    "whole": _NO_COUNT[1:],
    "share": (*_NO_SHARE, "4 元"),
    "points": (*_NO_POINTS, None),
    "rate": (7.1, "7.1 CNY", None),
}
"""What is no value of each type, whatever the column."""


def _facts() -> dict[Callable[..., Any], tuple[_Words, _Wrong]]:
    """The arguments of each row class."""
    found: dict[Callable[..., Any], tuple[_Words, _Wrong]] = {}
    for name, kind in KINDS.items():
        right = {item: _right(column) for item, column in kind.columns.items() if not column.optional}
        wrong = {item: _spoilt(column, right) for item, column in kind.columns.items()}
        for amount in kind.money[1:]:
            wrong[amount] += ("1 USD",)
        if name == "events":
            right |= {"kind": EventKind.DISBURSED, "amount": "10 元"}
            wrong["kind"] += (EventKind.CLASSIFIED, EventKind.ASSIGNED)
            wrong |= {
                "amount": (*wrong["amount"], None),
                "days": (3,),
                "officer": ("lin",),
                "category": (Category.LOSS,),
            }
        found[ROW_OF[name]] = right, wrong
    return found


def _right(column: FactColumn) -> object:
    return "CNY" if column.unlike else _RIGHT.get(column.type)


def _spoilt(column: FactColumn, right: _Words) -> tuple[object, ...]:
    """Values that a column refuses beside those of its row that are right."""
    nothing = column.optional and column.default is None
    found = [value for value in _SPOILT[column.type] if not (nothing and value is None)]
    if column.type == "share" and column.high != 1:
        found.remove("101%")
    if column.type == "money":
        found += ["-1 元"] if column.low == 0 else []
        found += ["0 元"] if column.above == 0 else []
    else:
        found += [] if column.low is None else [column.low - 1]
        found += [] if column.high is None else [column.high + 1]
        found += [] if column.above is None else [column.above]
    found += [right[other] for other in (column.after, column.unlike) if other]
    found += ["11 元"] if column.within else []
    return tuple(found)


_WRONG: Mapping[Callable[..., Any], tuple[_Words, _Wrong]] = MappingProxyType(
    {**_VALUES, **_facts(), **_FEEDS, **_PEOPLE, **_SCHEMES, **_PLANS}
)
"""By kind: arguments that are right, and for each some that are wrong."""
REFUSING: tuple[Callable[..., Any], ...] = tuple(_WRONG)
"""The kinds, and ways to read them, for which `invalid` has arguments."""


def invalid(kind: Callable[..., Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments that a kind refuses with a `LoanPerfError`: one of them is wrong, the others are right.

    Args:
        kind: one of `REFUSING`, such as `lp.Loan` or `lp.Money.of`.
    """
    right, wrong = _WRONG[kind]
    return st.sampled_from([right | {name: value} for name, values in wrong.items() for value in values])


def sound(kind: Callable[..., Any]) -> dict[str, Any]:
    """The arguments that `invalid` spoils, before they are spoiled: the kind takes them.

    Args:
        kind: one of `REFUSING`.
    """
    return dict(_WRONG[kind][0])
