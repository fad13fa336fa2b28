"""A rule of scores and pay is stated once: whoever changes it finds one place, and whoever adds a second one is told.

A rule is the function that reads the choice of a card or plan that it stands for. So of each choice a table here names
the one that works by it; others may look at the choice to say why, or to say what is needed for it.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Self

import attrs
import pytest
from attrs import frozen

import loanperf as lp
from loanperf import tables, tracker

PACKAGE = Path(lp.__file__).parent
PAY = ("_appraisal", "_bonus", "_commission", "_ledger")
DEFINITIONS = {
    *("_holdback", "_commission/_plan", "_commission/_tiers", "_commission/_withheld"),
    *("_scorecard", "_curves"),
}
"""Where choices are read, refused and held, and nothing is worked out."""
STATED = {
    # what accumulates, and how a rate applies
    "applies": {
        *("_commission/_versions:Versions.of_plans", "_commission/_prices:priced"),
        *("_commission/_prices:_of_one_rate", "_ledger/_lives:part_held"),
    },
    "accumulates": {
        *("_commission/_steps:window_of", "_commission/_versions:Versions.of_plans"),
    },
    "resets": {"_commission/_steps:window_of", "run/_carried:_begins_anew"},
    "per": {"_commission/_versions:Versions.of_plans"},
    "rates_by": {"_commission/_eligible:Eligible.rates", "_commission/_eligible:rate_of_all"},
    "year_part": {"_commission/_stocks:_year_part"},
    # whose credit, of which team, by which plan
    "credited": {"_commission/_steps:credited", "_commission/_tracks:parts_of"},
    "unfilled": {"_commission/_tracks:parts_of"},
    "members": {"_commission/_teams:_Seated.members"},
    "precedence": {"_commission/_fitting:Fitting._precedence"},
    "selected_at": {"_commission/_happenings:_by_version", "_commission/_tracks:_Choosing._asked"},
    "uncarried": {"goals/_weights:weights_on"},
    "ramp": {"_commission/_lookups:Lookups.ramp", *("goals/_weights:carried_parts", "goals/_weights:weights_on")},
    # stages, and what ends a deal
    "payable": {"_commission/_happenings:_Component.stages"},
    "dead": {"_commission/_happenings:_Component.cancelled"},
    "deadline_age": {"_commission/_happenings:_Component.expired"},
    # accelerators, gates, caps of a period; caps of persons and payments
    "multipliers": {
        "_commission/_limits:RulesOfPeriod._multiply",
        "_bonus/_amounts:_multiplied",
        "_bonus/_amounts:PlanRules.of",
    },
    "gates_apply": {"_commission/_limits:RulesOfPeriod.apply", "_bonus/_amounts:_gated"},
    "forfeits": {"_commission/_limits:RulesOfPeriod._gate", "_bonus/_amounts:PlanRules.of"},
    "period_least": {"_commission/_limits:RulesOfPeriod._raise"},
    "period_most": {"_commission/_limits:RulesOfPeriod.apply"},
    "excess": {"_commission/_limits:RulesOfPeriod._cap", "_ledger/_caps:capped"},
    "person_most": {"_ledger/_caps:_Caps.most", "_ledger/_caps:capped"},
    "payment_most": {"_ledger/_pay:_limits"},
    "guard_floor": {"_ledger/_pay:_limits"},
    "guard_share": {"_ledger/_pay:_netted"},
    "negative": {"_ledger/_pay:_netted"},
    # what is held back, and when it is released
    "round_line": {"_commission/_due:_why_rounded", "_commission/_periods:terms_of_run"},
    "round_component": {"_commission/_limits:RulesOfPeriod.in_steps"},
    "round_total": {"_commission/_limits:RulesOfPeriod.in_steps", "_bonus/_amounts:PlanRules.of"},
    "holdback": {
        *("_ledger/_entitlement:Cohorts.of", "_ledger/_lives:_instalments", "_ledger/_deferred:of_bonuses"),
        *("_commission/_accrual:Withholding.of", "_ledger/_coded:held_back", "_ledger/_late:stays_held"),
    },
    "condition": {"_ledger/_lives:_by_terms"},
    "condition_age": {"_ledger/_lives:_by_terms"},
    "age": {"_ledger/_lives:instalments_of"},
    # what a bad loan takes, and what a recovery gives back
    "more_than_days": {"_commission/_standings:Standings.onsets"},
    "takes": {
        *("_commission/_standings:Standings.onsets", "_commission/_standings:Standings.recoveries"),
        "_ledger/_strikes:_struck_by",
    },
    "reach": {"_ledger/_strikes:_struck_by"},
    "counting_age": {"_ledger/_strikes:refunds_of"},
    # draws
    "style": {"_ledger/_draws:_terms"},
    "first_period": {"_ledger/_draws:_terms"},
    "last_period": {"_ledger/_draws:_terms"},
    "recovered_from": {"_ledger/_draws:_terms"},
    "recovered_until": {"_ledger/_draws:_terms"},
    # scores and bonuses
    "rounds": {"_appraisal/_rules:Family.sums_exact"},
    "vetoes": {"_appraisal/_points:_after_vetoes"},
    "cap": {"_appraisal/_points:_line", "_bonus/_amounts:amounts", "goals/_division:_stated"},
}
"""By choice, the functions that work by it; two where it is the choice of two things, or is asked on two ways."""
ASKING = {
    # what may limit pay, and how often it did
    *("run/_results:may_be_limited", "analytics/_worked:_what_limited"),
    # why
    *("_appraisal/_appraisal:Appraisal.explain", "_bonus/_award:_why_gate", "_commission/_limits:_why_gated"),
    *("_bonus/_award:_reasons", "_bonus/_award_all:_by_target"),
    "_bonus/_award:_why_rounded",
    *("_commission/_limits:_why_capped", "_commission/_rates:_span", "_commission/_rates:_tier_said"),
    *("_commission/_reasons:_base", "_commission/_reasons:_slices", "_commission/_reasons:_priced"),
    *("_ledger/_moves:Moves._values", "_ledger/_moves:_cut"),
    *("_commission/_tracks:_Choosing.no_plan", "_commission/_tracks:_two_fit"),
    # what is needed, and what may be left out
    *("_commission/_lookups:Lookups.depends_on_earlier", "_commission/_outcomes:Outcome.waiting_lines"),
    *("_commission/_standings:Standings.has_no_size", "_ledger/_amounts:_words"),
    *("_commission/_teams:Teams.of", "_commission/_teams:_Seated._must_stand"),
    *("_appraisal/_appraisal:_of_total", "_appraisal/_appraisal:_why_steps"),
    *("_appraisal/_rules:Family.vetoes", "_appraisal/_rules:places_of", "_appraisal/_rules:shape_of"),
    *("analytics/_why_bonus:_limited", "analytics/_why_bonus:_within"),
    # from which day on a plan asks for all facts
    *("_commission/_scope:_begins", "_commission/_scope:_horizon", "_commission/_scope:horizon_of"),
    *("_commission/_scope:shares_tiers", "_commission/_scope:undecided"),
    # choices that are laid in columns, for the function that works by them
    *("_commission/_apart:priced_apart", "_commission/_earned:_by_step", "_commission/_fitting:Fitting._rank"),
    "_commission/_steps:paid_of_loans",
    *("_commission/_accrual:rank", "_commission/_tracks:_Choosing._alone", "_ledger/_draws:_worked"),
    *("_commission/_lookups:Lookups.quota", "_commission/_lookups:Lookups.target", "_commission/_accrue:_periods_met"),
    # who is in a unit, which is no choice
    *("_commission/_resolve:_of_units", "run/_scores:readings_of_units", "tracker/_tracker:Tracker.observed_units"),
    *("alerts/_states:_sees_unit", "report/_my_team:_unit_of"),
    # what a page shows
    *("report/_score:_limits_of_score", "report/_score:limits_broken"),
    # what a reading is near to, of which alerts warn; it scores and pays nothing
    *("alerts/_found:_near", "alerts/_found:_to_ladder", "alerts/_observed:Observation.of_card"),
    *("progress/_follow:follow_unit", "progress/_progress:Progress.explain", "progress/_progress:_state"),
    # what is kept or broken, and where somebody stands in tiers; it scores and pays nothing
    *("progress/_limits:limits_of", "progress/_limits:_limits_of_gates", "progress/_limits:_of_bonus"),
    *("progress/_limits:limits_of_commission", "progress/_limits:limits_of_risk"),
    "progress/_tiers:tiers_of",
    # what a payee is shown to confirm
    "goals/_letters:_score",
    # what a strategy replaces
    "goals/_strategy:_with_those_of",
    # rules of a cascade, which are checked; whether there is a place for what a unit keeps
    *("goals/_rules:CascadeRules.__attrs_post_init__", "goals/_hand_down:_divided"),
    # what somebody who approves sees, of which a digest is made
    "run/_results:_seen",
}
"""Functions that look at choices and work nothing out by them."""
NAMED = {
    "round": {
        *("_numbers/_whole:rounded", "_numbers/_quotient:Quotient.rounded"),  # columns; their Certain quotients
        *("_quantities:rounded", "_quantities:_rounded_ratio", "_quantities:Money.rounded"),  # a value that is shown
        *("_commission/_due:Terms.rounded", "_commission/_due:Earlier.rounded"),  # of a plan; of what is earned
        "_bonus/_amounts:_rounded",  # of a bonus
    },
    "remainder|allocat|^_?share(d|_pool)$": {
        *("_allocation:allocate", "_allocation:_check_allocation", "_allocation:_largest_remainder"),  # by any step
        *("_numbers/_shares:shared", "_bonus/_pool:share_pool"),  # columns; what a pool adds
    },
    "months_(after|between)": {"_numbers/_days:months_after", "_numbers/_days:months_between"},
    "slice": {"_numbers/_pieces:sliced", "_numbers/_pieces:Pieces.slices", "_ledger/_lives:_by_slices"},
    "veto": {"_appraisal/_points:_after_vetoes", "_appraisal/_rules:Family.vetoes"},
    "^grades": {"_appraisal/_points:grades_of"},
    "attain": {"_appraisal/_points:attainments"},
    "gate$|forfeit": {
        *("_commission/_limits:RulesOfPeriod._gate",),
    },
    "multiply": {"_commission/_limits:RulesOfPeriod._multiply"},
    "cap(ped)?$": {"_commission/_limits:RulesOfPeriod._cap", "_ledger/_caps:capped"},
    "releas": {"_ledger/_lives:Lives._released"},
    "strikes": {"_ledger/_strikes:strikes_of"},
    "refund": {"_ledger/_strikes:refunds_of"},
    "netted|guard": {"_ledger/_pay:_netted"},
    "^drawn$": {"_ledger/_draws:drawn"},
    "expire": {"_commission/_happenings:_Component.expired"},
    "recover": {"_commission/_standings:Standings.recoveries"},
    "reversal|reversing": {"_ledger/_strikes:reversing"},
    "superior|levels_above": {
        *("_org:levels_above", "goals/_confirmations:is_superior"),  # who is above whom; by the roles of a scheme
        "goals/_confirmations:_must_be_superior",
    },
    "must_be_viewer": {"viewer:must_be_viewer"},
    "same_person|speaks?_for|be_themselves": {"_validators:is_same_person", "_validators:must_be_themselves"},
    "has_passed|last_day$": {"_periods:has_passed", "_periods:Period.last_day"},
    "^moved_to$|next_state": {"_streams:moved_to"},
    "^margin": {"_scorecard:margin_to", "_scorecard:Veto.margin"},
    "unscorable|check_goal": {"_appraisal/_points:check_goal", "_appraisal/_faults:unscorable"},
    "comes_after": {"goals/_tree:GoalHolder.comes_after"},
}
"""By a word for a rule, all functions that are called by it; of one that is new, ask what the others lack."""
RETIRED = {
    *("accrue_book", "appraise_book", "award_book", "settle_book", "AccruedBook", "AppraisedBook", "AwardedBook"),
    *("SettledBook", "SubLedger", "BonusKernel", "CurveKernel", "LineKernel", "AskedByRows", "DealCourse", "KeyOrder"),
    *("Deal", "Draft", "Gone", "Happening", "HeldLine", "Hit", "Lot", "Priced", "Share", "StageLine", "WindowSums"),
    *("adjusted", "cohorts_of", "deals_of", "held_pay", "held_units", "moved_on", "part_of", "price", "repriced"),
    *("round_quotient", "rounded_units", "scaled", "shares_of", "terms_of", "walked", "_Till", "_Posting", "_Strike"),
}
"""What worked over rows, or over columns beside them, in the first edition."""
FRACTIONS = {
    # definitions, whose parts must sum to 100%
    **dict.fromkeys(("_commission/_plan", "_holdback"), "is held to 100%"),
    "_commission/_tracks:unsound": "shares that somebody stated are held to 100%",
    # reasons, in the numbers that a reader sees
    **dict.fromkeys(("_commission/_rates", "_commission/_reasons"), "says of one line why"),
    "_appraisal/_appraisal:_why_total": "says of one score what was rounded",
    "_appraisal/_appraisal:Appraisal.beyond_points": "holds one score to its points, as who verifies does",
    "_appraisal/_appraise:_printed": "says of one score what a veto left",
    # constants of a card or plan, once for all payees
    "_appraisal/_points:_after_vetoes": "the score of a veto in steps of points",
    "_appraisal/_points:grades_of": "the starts of grades in steps of points",
    "_appraisal/_rules:weights_of": "weights of a card without what is missing",
    "_commission/_lookups:Lookups.ramp": "the share of a quota of each month in a role, which are few",
    # pools, of which there is one a call
    "_bonus/_pool:bonus_limit": "the most that a pool may be",
    "_bonus/_pool:share_pool": "weights of members; `allocate` divides",
    "_bonus/_pool:_weight": "a score is a number of its row, and a pool has few members",
}
"""Where Fractions are worked with, or a curve is read at one number, and why that is not a payee's."""
CURVES = {
    field.name
    for kind in (vars(lp) | vars(lp.schemes)).values()
    if isinstance(kind, type) and attrs.has(kind)
    for field in attrs.fields(kind)
    if "Curve" in str(field.type)
} | {"curve"}
"""What curves are called in definitions."""
SEEN = ("_scheme/", "cli/", "testing/")
"""Where definitions are read, refused, shown and made up."""


# ── how code is read ────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Read:
    """A module as this test reads it: functions as `module:class.function`."""

    functions: Sequence[tuple[str, str]]
    """The place of each function or class, and its name."""
    choices: Mapping[str, set[str]]
    """By what is read of something, the places that do."""
    fractions: Sequence[tuple[str, str]]
    """Where a function reads a curve at one number, or works with Fractions: its place, and what it does."""

    @classmethod
    def of(cls, module: str, code: str) -> Self:
        """What stands in some code."""
        found, choices, fractions = list[tuple[str, str]](), defaultdict[str, set[str]](set), list[tuple[str, str]]()
        waiting: list[tuple[str, ast.AST]] = [("", ast.parse(code))]
        while waiting:
            within, parent = waiting.pop()
            for node in ast.iter_child_nodes(parent):
                inner = within
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    inner = f"{within}.{node.name}".lstrip(".")
                    found.append((f"{module}:{inner}", node.name))
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                    choices[node.attr].add(f"{module}:{within}")
                if is_on_fractions(node):
                    fractions.append((f"{module}:{within}", ast.unparse(node)))
                waiting.append((inner, node))
        return cls(found, choices, fractions)


@cache
def modules() -> Mapping[str, Read]:
    """Every module of the package."""
    paths = [(path.relative_to(PACKAGE).with_suffix("").as_posix(), path) for path in sorted(PACKAGE.rglob("*.py"))]
    return {name: Read.of(name, path.read_text(encoding="utf-8")) for name, path in paths}


def readers(read: Mapping[str, Read], choice: str) -> set[str]:
    """The functions that work by a choice of a card or plan."""
    some = (module for name, module in read.items() if name not in DEFINITIONS and not name.startswith(SEEN))
    return {place for module in some for place in module.choices.get(choice, ())} - ASKING


def named(read: Mapping[str, Read], word: str) -> set[str]:
    """The functions that are called by a word, but those that say why."""
    some = (module for name, module in read.items() if not name.startswith(SEEN))
    return {
        place
        for module in some
        for place, name in module.functions
        if re.search(word, name) and not re.match("_?why|_slices$", name) and not name[0].isupper()
    }


def on_fractions(read: Mapping[str, Read]) -> list[tuple[str, str]]:
    """Where steps of scores and pay work with Fractions, without a reason to."""
    return [
        said
        for name, module in read.items()
        if name.startswith(PAY) and name not in FRACTIONS
        for said in module.fractions
        if said[0] not in FRACTIONS
    ]


def is_on_fractions(node: ast.AST) -> bool:
    """Whether code reads a curve at one number, or works with Fractions."""
    match node:
        case ast.Call(func=ast.Attribute(attr="limits")):
            return True
        case ast.Call(func=ast.Attribute(attr="at", value=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in CURVES
        case ast.BinOp(left=one, right=other):
            return is_fraction(one) or is_fraction(other)
        case ast.Call(func=ast.Name(id="sum" | "min" | "max"), args=given):
            return any(map(is_fraction, given))
        case _:
            return False


def is_fraction(node: ast.AST) -> bool:
    """Whether code makes a Fraction, or says that it has one."""
    match node:
        case ast.Call(func=ast.Name(id="Fraction")) | ast.Attribute(attr="exact"):
            return True
        case _:
            return False


# ── the tests ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_edges_offer_no_step_of_scores_or_pay() -> None:
    """Books are scored and paid by the steps that everybody calls."""
    steps = re.compile(r"_*(measure|score|appraise|award|accrue|settle|pay|numbers)(_book|_all)?s?")

    for edge in (tables, tracker):
        assert [] == [name for name in dir(edge) if steps.fullmatch(name)]
    assert [] == [name for name in modules() if name.startswith("tracker/") and steps.fullmatch(name.split("/")[1])]


def test_what_is_retired_is_defined_nowhere() -> None:
    """An old rule that can be imported is one that somebody will call, or mend in vain."""
    assert [] == [place for module in modules().values() for place, name in module.functions if name in RETIRED]


def test_no_step_works_with_fractions() -> None:
    """A rule in Fractions beside one over columns is a second one, however short it is."""
    assert [] == on_fractions(modules())
    done = {place for name, module in modules().items() for one, _ in module.fractions for place in (name, one)}
    assert [] == sorted({*FRACTIONS} - done)


@pytest.mark.parametrize("choice", STATED)
def test_a_choice_is_worked_by_in_one_place(choice: str) -> None:
    """A second function that reads how a plan releases pay is a second rule of releases."""
    assert STATED[choice] == readers(modules(), choice)


def test_whoever_only_looks_at_a_choice_is_there() -> None:
    """A name that stays on the list lets the next function of that name state what it likes."""
    looks = {place for module in modules().values() for choice in STATED for place in module.choices.get(choice, ())}

    assert [] == sorted(ASKING - looks)


@pytest.mark.parametrize("word", NAMED)
def test_a_rule_is_found_by_its_name(word: str) -> None:
    """Whoever looks for a rule finds all functions that are called by it, and no other."""
    assert NAMED[word] == named(modules(), word)


# ── a search that misses a second statement keeps nothing ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    "code",
    [
        "def more(plan, units): return units * plan.guard_share",
        "def more(rule): return [cut.age for cut in rule.instalments]",
        "class More:\n    def way(self, gate):\n        match gate.forfeits:\n            case _: return 1",
        "more = lambda tiers: tiers.resets == 'year'",
    ],
)
def test_a_second_reader_of_a_choice_is_found(code: str) -> None:
    """Wherever it stands: in steps, in the edges, in a class or outside of all functions."""
    for module in ("_ledger/_more", "tracker/_more", "_commission/_limits"):
        read = dict(modules()) | {"more": Read.of(module, code)}
        assert any(STATED[choice] != readers(read, choice) for choice in STATED), module


@pytest.mark.parametrize("name", ["rounded_half", "_share_pool", "net_guard", "release_part", "refunded", "slices_of"])
def test_a_second_function_of_a_name_is_found(name: str) -> None:
    """Also where it reads no choice, and is handed numbers."""
    read = dict(modules()) | {"tracker/_more": Read.of("tracker/_more", f"class Some:\n    def {name}(self): ...")}

    assert any(NAMED[word] != named(read, word) for word in NAMED)


@pytest.mark.parametrize(
    "code",
    [
        "def more(plan): return plan.curve.at(1)",
        "def more(gate, value): return 1 - gate.forfeits.at(value)",
        "def more(curve, x): return curve.limits(x)[0]",
        "def more(units): return Fraction(units) * 2",
        "def more(units): return max(0, Fraction(units, 3))",
        "def more(money): return money.exact / 2",
        "def more(parts): return sum(parts, Fraction(0))",
    ],
)
def test_work_with_fractions_is_found(code: str) -> None:
    """By any of the ways in which the first edition went about it."""
    assert on_fractions({"_ledger/_more": Read.of("_ledger/_more", code)})
