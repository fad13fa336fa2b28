"""Write the reference page of scheme documents, docs/reference/scheme.md, from the types of a scheme."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from attrs import NOTHING, Attribute, fields, has

import loanperf as lp
from loanperf._commission._tiers import Counts
from loanperf._indicators import Measure
from loanperf._scheme._documents import is_keyed, share_text
from loanperf._scheme._schema import THEN, _words
from loanperf._validators import Factor

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "scheme.md"

HEAD = """\
# Scheme documents

A scheme is one dated document, in TOML (`.toml`) or JSON (`.json`), in UTF-8. `lp.read_scheme` reads it,
`lp.schemes.write_scheme` writes one that reads back to an equal scheme, and `loanperf check` tells what is wrong with
a file. All faults are told at once, each with its path, such as `$.profiles.senior.weights.npl_ratio`, and the line
and column where it stands in the text: those of its key, or in a list those of the item. What is missing has the place
of the table that lacks it. Where a text is no TOML, the first twenty statements that cannot be read are told, and
once they are mended, what the rest says.

Editors that know JSON Schema complete and check a scheme while it is typed. `lp.schemes.json_schema()` returns the
schema, the package ships it as `scheme.schema.json`, and the first line of a TOML file names it: `#:schema
path/to/scheme.schema.json`.

A whole scheme, the template `worked-example`:

```toml
{example}
```

This page is written by `tools/scheme_reference.py`.

## How values are written

(share)=
Share
: a pure number, in quotes: `"30%"`, `"300 bp"`, `"0.3"`, `"1/3"`. A number without quotes is read exactly too, so
  `0.3` and `1` are shares; a bare number above 1 is refused, since `30` may be 30% or thirty times the whole.

(factor)=
Factor
: what multiplies pay, from 0% to 1000%: `"120%"`, `1.2`.

(rate)=
Rate
: a share with its sign, such as `"0.5%"`, `"50 bp"` or `"6‱"`, from 0% to 100% of what it is taken of (of the average
  of a team, up to 1000%); or a price, such as `"5 元"`. A number without a unit is refused. Only a component that says
  `deducts = true` has rates below zero. The same holds for the y of a curve of rates, of a holdback, a clawback or a
  gate.

(quantity)=
Quantity
: a number and its unit, in quotes: `"100万元"`, `"1,200,000 CNY"`, `"3%"`, `"100 point"`, `"2 month"`, `"12 person"`.
  Units are 分, 角, 元, 千元, 万元, 亿元, RMB, 人民币 or an ISO 4217 code, before or behind the number; 美元, 港元,
  港币, 欧元, 日元, 英镑 behind it; %, ‰, ‱, bp, pp; point, month, day, person. A count
  needs no unit (`12`, `"3万"`), and points of an indicator may go without theirs.
  Money always has its currency, and it is that of the scheme. In currencies whose countries write
  decimals and thousands with either sign, three digits behind one (`"3.000 EUR"`) are refused: write `"3000 EUR"` or
  `"3 EUR"`.

(points)=
Points
: a number of points of a score, such as `90`, `"89.5"` or `"90分"`.

(day)=
Day
: `2026-03-31`; TOML needs no quotes, JSON does. Where something ends, `until` is the first day on which it no longer
  holds.

(name)=
Name
: a text, or one for each language: `{{ en = "NPL ratio", zh = "不良率" }}`.

(curve)=
Curve
: a list of knots `[[x, y], …]` with x rising, joined by straight lines; or a table that says more:

  | key | values | meaning |
  |---|---|---|
  | `knots` | `[[x, y], …]` | **required**, or `bands`; each x and y a quantity or share, a bare `0` fits every unit |
  | `bands` | `[[from, to, y], …]` | tiers; each row starts where the one before it ends, the last `to` is `""` |
  | `shape` | `"linear"`, `"step"` | **required**; `step`: the y of a knot holds until the next |
  | `closed` | `"left"`, `"right"` | to which side an x on a step or jump belongs: [from, to) or (from, to] |
  | `then` | `{{ per_point = "0.1%", counted = "pro rata" }}` | how it goes on above the last knot |

  `closed` is `"left"` unless stated: the value at the knot is the one above it. Two knots at one x make a jump of a
  linear curve. `then` adds so much for each point, on a curve over shares for each percentage point; `counted` is
  `"pro rata"` or `"whole"`, which counts whole points only. Below the first knot the first y holds; above the last
  knot the last y, or what `then` says. Bands are a step curve; a gap or an overlap between two rows is refused with
  its bounds.

(filters)=
Filters
: a table of fields of the rows, all of which must pass: `{{ event = "disbursed", product = ["car", "truck"], amount =
  {{ at_least = "5万元" }} }}`. A field is compared with a text or truth value, a list of them, or bounds: `at_least`,
  `above`, `at_most`, `below`. [The views](indicators.md#views) say which fields there are.
"""

SECTIONS: dict[str, str] = {
    "dimensions": """\
A scheme groups indicators into dimensions. performance, risk, growth and team need no mention.""",
    "indicators": """\
Indicators of [the catalogue](indicators.md) need no mention; state one to choose its `options`, or to give it another
`name` or `dimension`. An indicator of another code is declared here: it must state `dimension`, `direction` and
`kind`. One that has `parts` is made of others, down to their facts. See
[how to declare an indicator](../how-to/declare-an-indicator.md).""",
    "scoring": """\
One table for each indicator that scores in its own way; `[scoring.default]` holds for the rest and fills in what a
table does not state. `places` and `rounding` must be stated for every indicator with a weight, in one of the two.""",
    "profiles": """\
A weight profile says how much each indicator counts for a group of payees. Its weights sum to exactly 100%. One that
`stands = "on top"` [changes another](../how-to/roles-and-units.md#profiles-on-top-of-a-profile).""",
    "phases": """\
A strategy phase asks something of the weights. Every profile must keep what the phase asks, with its own weights or
with those stated here.""",
    "timeline": """\
The stretches in which phases hold. Two do not hold on one day.""",
    "who": """\
A rule fits a payee for whom every stated condition holds. The rule with most conditions wins, then the one with the
deeper unit; two that fit equally are refused. A scheme with one profile needs no rule.""",
    "limits": """\
The bounds that every override must keep.""",
    "overrides": """\
The overrides on the path from the top of the tree down to the payee's unit are applied in turn, each within the
limits set above it.""",
    "targets": """\
A shared table of quantities by indicator. The target nearest to the payee holds: the host's, then that of the unit,
of the profile, of the scheme; where none is stated, the limit of the phase (`targets_at_most`).""",
    "seasons": """\
A target that is stated of a year, half or quarter spreads over it by these weights, wherever it is stated: by the
scheme, a profile or a unit. A host's target for a period holds as it is. Who joins within a period has what the days of
theirs weigh. The indicator must add up day by day.""",
    "carried": """\
What a payee misses of such a target is added to that of the next period (捆绑), by `lp.run` with a ledger, from what it
archived of the period before. See [how to carry on what was missed](../how-to/set-targets.md#what-was-missed).""",
    "vetoes": """\
A reading past its limit replaces the whole score, unless the score is lower already. The indicator needs no
weight.""",
    "grades": """\
Bands of the printed score, each from `at_least` up to the next grade. The lowest holds below itself
too.""",
    "bonus": """\
Without it there is a score and no award. [The order of the steps](../how-to/gates-and-grades.md#the-order) is
fixed.""",
    "common": """\
What all plans have, written once. A plan that states the same key has its own in place of it, a component of the same
code in place of that component; `without` of a plan names what it has not of what is common. An explanation names what
of a plan is common, and what it does without.""",
    "plans": """\
A commission plan says what is paid for loans, at what rate, in which stages, and on what terms it is kept. The plan
fits a payee for whom every stated condition holds (`role`, `product_line`, `tier`, `unit`); the one with most
conditions wins, then the one with the deeper unit. A scheme without weight profiles pays commissions only.""",
    "pay": """\
How payees are netted and paid, over all their plans.""",
    "calendar": """\
Which days are a pay period, and when years begin: `lp.run` and `lp.accrue` go from period to period by it, and tiers
that accumulate to date begin anew with its years, halves and quarters. A ledger is kept by one kind of periods for
good. Without this table, periods have the length of that which is worked, and years begin in January.""",
    "confirmation": """\
What a payee confirms before it holds: a version is in force once its payee confirmed it, after the days of silence, or
once a superior set it with a reason. A run that keeps a ledger reads [what was proposed and
confirmed](../how-to/confirm-targets.md), and says in each result which version it used. Of `results` it reads
[the appraisal cycle](../how-to/run-a-cycle.md): they hold once they are approved and published.""",
    "alerts": """\
When payees and units are warned while there is time, by code: `scheme.alerts` are the rules for [warning
early](../how-to/warn-early.md). An alert rule scores and pays nothing; its indicator needs no weight.""",
}
"""What each table is for, in the order of the document."""

EXAMPLES: dict[str, str] = {
    "dimensions": """\
[dimensions.digital]
name = { en = "digital", zh = "数字化" }""",
    "indicators": """\
[indicators.npl_ratio.options]          # of the catalogue, with another convention
written_off = "included"

[indicators.app_downloads]              # supplied by the host
name = { en = "app downloads", zh = "手机银行下载数" }
dimension = "digital"
direction = "higher is better"
kind = "count"

[indicators.car_volume]                 # measured from facts
name = { en = "car loans drawn", zh = "车贷放款量" }
dimension = "performance"
direction = "higher is better"
kind = "money"
measure = { over = "loan events", sum = "amount", where = { event = "disbursed", product = "car" } }

[indicators.car_margin]                 # made of others
dimension = "performance"
direction = "higher is better"
kind = "money"
parts = { car_volume = "2%", loan_amount = "-0.1%" }""",
    "scoring": """\
[scoring.default]
places = 1
rounding = "half even"
floor = "0%"
cap = "150%"

[scoring.npl_ratio]                     # on the reading itself
of = "value"
curve = { knots = [["1%", "120%"], ["3%", "100%"], ["5%", "0%"]], shape = "linear" }""",
    "profiles": """\
[profiles.senior]
name = { en = "senior", zh = "资深客户经理" }
targets = { app_downloads = 20 }

[profiles.senior.weights]
car_volume = "60%"
npl_ratio = "30%"
app_downloads = "10%"

[profiles.new_hire.weights]
car_volume = "50%"
npl_ratio = "10%"
training_completion_rate = "40%\"""",
    "phases": """\
[phases.caution]
name = { en = "caution", zh = "审慎期" }
require = [{ of = ["risk"], at_least = "40%" }]
targets_at_most = { npl_ratio = "5%" }

[phases.caution.weights]
senior = { car_volume = "50%", npl_ratio = "40%", app_downloads = "10%" }
new_hire = { car_volume = "20%", npl_ratio = "40%", training_completion_rate = "40%" }""",
    "timeline": """\
[[timeline]]
phase = "caution"
since = 2026-07-01
until = 2027-01-01""",
    "who": """\
[[who]]
role = "new hire"
profile = "new_hire"

[[who]]                                 # everybody else
profile = "senior\"""",
    "limits": """\
[limits.npl_ratio]
at_least = "20%"
at_most = "40%\"""",
    "overrides": """\
[[overrides]]
unit = "north"
profile = "senior"
since = 2026-04-01
weights = { car_volume = "50%", npl_ratio = "40%", app_downloads = "10%" }
targets = { npl_ratio = "2.5%" }
limits = { npl_ratio = { at_least = "30%", at_most = "40%" } }""",
    "targets": """\
[targets]
npl_ratio = "3%"
training_completion_rate = "100%\"""",
    "seasons": """\
[seasons.car_volume]
of = "year"
weights = ["20%", "20%", "20%", "40%"]
step = "1元\"""",
    "carried": """\
[carried.car_volume]
resets = "year\"""",
    "vetoes": """\
[[vetoes]]
indicator = "compliance_score"
test = "below"
limit = "60 point\"""",
    "grades": """\
[grades]
A = { at_least = 110, name = { en = "outstanding", zh = "优秀" }, coefficient = "120%" }
B = { at_least = 60 }
C = { at_least = 0, coefficient = "50%" }""",
    "bonus": """\
[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = { per_point = "0.1%", counted = "pro rata" }
rounding = "half up"
cap = "2 month"

[[bonus.gates]]
indicator = "npl_ratio"

[bonus.gates.forfeits]
knots = [["0%", "0%"], ["1.5%", "30%"], ["2%", "50%"], ["2.5%", "100%"]]
shape = "step"
closed = "right\"""",
    "common": """\
[common]
rounding = "half up"

[common.holdback]
share = "20%"
instalments = [{ after_months = 12, share = "100%" }]""",
    "plans": """\
[plans.corporate]
name = { en = "corporate", zh = "对公" }
role = "senior"
rounding = "half up"
ramp = { bands = [[1, 4, "50%"], [4, "", "100%"]], shape = "step" }
gates = [{ indicator = "npl_ratio", forfeits = { bands = [["0%", "2%", "0%"], ["2%", "", "50%"]], shape = "step" } }]
most = { most = "5万元", excess = "carried" }
holdback = { share = "20%", instalments = [{ after_months = 36, share = "100%" }], condition = "performing" }
clawbacks = [{ on = "past due", more_than_days = 90, attainment = "stays", share = "100%", refund = "95%" }]
draws = [{ least = "3000元", kind = "recoverable", last_period = 3 }]

[plans.corporate.components.loans]
base = "disbursed"
where = { product = ["car", "truck"], amount = { at_least = "5万元" } }
rate = "0.3%"                           # where none of the rates fits
dead = "reverse"
stages = [{ milestone = "due diligence complete", share = "20%" }, { milestone = "disbursed", share = "80%" }]
split = { lead = "70%", assistant = "30%" }
most = "2万元"

[plans.corporate.components.loans.tiers]
by = "amount"
applies = "marginal"
accumulates = "period"

[[plans.corporate.components.loans.rates]]
where = { product = "car" }
curve = { bands = [["0元", "100万元", "0.5%"], ["100万元", "", "0.8%"]], shape = "step" }

[plans.corporate.components.downloads]
base = "indicator"
indicator = "app_downloads"
rate = "5元"
multipliers = [{ indicator = "car_volume", curve = [["80%", "100%"], ["120%", "150%"]] }]

[plans.leads]
role = "lead"
rounding = "half up"

[plans.leads.components.override]
base = "team"
team = { total = "sum" }
rate = "5%\"""",
    "pay": """\
[pay]
guard_share = "30%"
guard_floor = "2000元"
payment_most = { most = "10万元", excess = "carried" }""",
    "calendar": """\
[calendar]
periods = "month"
begins = 2026-04-01""",
    "confirmation": """\
[confirmation]
of = ["targets", "plan"]
unconfirmed = "hold"
silence_days = 5
superiors = ["team lead"]""",
    "alerts": """\
[alerts.npl_line]
indicator = "npl_ratio"
kind = "threshold"
severity = "critical"
test = "above"
limit = "5%"
margin = "0.5%"
escalate_after = 2

[alerts.behind]
indicator = "loan_amount"
kind = "pace"
limit = "80%"
advice = { en = "agree with the lead on what is drawn by when", zh = "与主管商定放款计划和时间" }""",
}
"""A piece of a document for each table; together they are one scheme, which the tests read."""

FORMS: dict[str, str] = {
    "Deduct.start": "number, such as `100`",
    "Clawback.share": "[share](#share), or [curve](#curve) of them",
    "Component.split": "[share](#share) by kind of credit",
    "Component.rate": "[rate](#rate)",
    "Holdback.share": "[share](#share), or [curve](#curve) of them",
    "Rate.rate": "[rate](#rate)",
    "IndicatorEntry.options": "text or whole number by option",
    "Phase.weights": "[share](#share) by indicator, by profile",
}
"""What is written otherwise than its type says."""

_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    bool: "`true` or `false`",
    str | int: "text or whole number",
    date: "[day](#day)",
    Fraction: "[share](#share)",
    Factor: "[factor](#factor)",
    Decimal: "[points](#points)",
    lp.Quantity: "[quantity](#quantity)",
    lp.Label: "[name](#name)",
    lp.schemes.Curve: "[curve](#curve)",
    tuple[lp.schemes.Where, ...]: "[filters](#filters)",
    tuple[lp.schemes.Where, ...] | Counts: '`"what is paid"`, `"every loan"`, or [filters](#filters)',
}
CHECKS = """\
## What is checked

A document is refused, with every fault and its path, where

- a key is unknown, missing or of another form than it should be; a value is no quantity, or has another unit than its
  indicator;
- the weights of a profile, a phase or an override do not sum to exactly 100%;
- a code names no indicator, dimension, profile or phase of the scheme; the nearest name is suggested;
- a phase asks what a profile does not keep, or two phases hold on one day;
- an override is outside the limits, or widens them;
- `places` or `rounding` of an indicator with a weight is stated nowhere;
- a curve has no knots, knots that do not rise, or other units than it should have; a gate forfeits less than 0% or more
  than 100%;
- two rules of `who` are for the same payees, or two grades start at one score;
- the shares of a plan's stages, of its split or of the instalments of its holdback do not sum to exactly 100%; its
  rates, tiers or caps are in other units than what they are of; two plans are for the same payees, or two rates for
  the same loans.

Some faults show only when a card is resolved: no rule of `who` fits a payee, two fit equally, or a unit's weights are
not what a phase allows.
"""


def page() -> str:
    """The page as text."""
    example = lp.schemes.template_text("worked-example").split("\n", 2)[2].strip()
    blocks = [HEAD.format(example=example), "## The document\n\n" + _table(lp.Scheme)]
    blocks += [_section(name) for name in SECTIONS]
    blocks += [_templates(), CHECKS]
    return "\n".join(block.strip() + "\n" for block in blocks)


def example() -> str:
    """The scheme that the examples of all sections make up together."""
    return "\n\n".join(
        ['name = "example"\ncurrency = "CNY"\neffective = 2026-01-01', *(EXAMPLES[name] for name in SECTIONS)]
    )


def _section(name: str) -> str:
    kind = get_type_hints(lp.Scheme)[name]
    lines = [f"({name})=", f"## {_title(name, kind)}", "", SECTIONS[name], "", "```toml", EXAMPLES[name], "```", ""]
    inner = _inner(kind)
    lines += [_table(inner), ""] if inner else []
    for key, part in _tables_in(inner) if inner else ():
        lines += [f"### {key}", "", *(_measures(part) if part == Measure else [_table(part)]), ""]
    return "\n".join(lines)


def _title(name: str, kind: Any) -> str:
    """The table's head as a document has it."""
    if get_origin(kind) is not tuple:
        return f"`[{name}]`"
    if not is_keyed(kind):
        return f"`[[{name}]]`"
    return f"`[{name}]`" if get_origin(get_args(kind)[0]) is tuple else f"`[{name}.CODE]`"


def _inner(kind: Any) -> Any:
    """The class of which a table, or each table of a list, is; None where it has no keys of its own."""
    kind = _stated(kind)
    if kind in _WORDS:
        return None
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    return kind if kind == Measure or (has(kind) and kind not in _WORDS) else None


def _stated(kind: Any) -> Any:
    """A type without its None."""
    parts = tuple(part for part in get_args(kind) if part is not NoneType)
    if NoneType not in get_args(kind):
        return kind
    return Measure if parts == get_args(Measure) else parts[0]


def _tables_in(kind: type) -> Iterator[tuple[str, Any]]:
    """Tables within a table at any depth, each kind once, with the head under which it stands."""
    found: dict[Any, list[str]] = {}
    deeper = [kind]
    while deeper:
        for item, hint in _fields(deeper.pop(0)):
            if (inner := _inner(hint)) is None:
                continue
            many = inner != Measure and get_origin(hint) is tuple
            if inner not in found and inner != Measure:
                deeper.append(inner)
            found.setdefault(inner, []).append(f"each of `{item.name}`" if many else f"`{item.name}`")
    for inner, heads in found.items():
        yield ", ".join(dict.fromkeys(heads)), inner


def _measures(measure: Any) -> Iterator[str]:
    heads = {"Total": "A sum or a count", "Ratio": "A ratio", "Deduct": "Points that are lost"}
    for part in get_args(measure):
        yield f"{heads[part.__name__]}:\n"
        yield _table(part) + "\n"


def _fields(kind: type) -> Iterator[tuple["Attribute[Any]", Any]]:
    hints = get_type_hints(kind)
    for item in fields(kind):
        if item.init and item.name != "code":
            yield item, hints[item.name]


def _table(kind: type) -> str:
    words = _words(kind)
    lines = ["| key | written as | | meaning |", "|---|---|---|---|"]
    for item, hint in _fields(kind):
        link = f"[`{item.name}`](#{item.name})" if kind is lp.Scheme and item.name in SECTIONS else f"`{item.name}`"
        form = FORMS.get(f"{kind.__name__}.{item.name}") or _form(hint)
        lines.append(f"| {link} | {form} | {_default(item)} | {_cell(words[item.name])} |")
        if kind is lp.schemes.Bonus and item.name == "curve":
            lines.append(f"| `then` | as in a [curve](#curve) | | {_cell(THEN)} |")
    return "\n".join(lines)


def _form(kind: Any) -> str:
    kind = _stated(kind)
    if kind in _WORDS:
        return _WORDS[kind]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value!r}`".replace("'", '"') for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f'`"{item.value}"`' for item in kind)
    if get_origin(kind) is tuple:
        return _form_of_many(kind)
    return "table"


def _form_of_many(kind: Any) -> str:
    item = get_args(kind)[0]
    if not is_keyed(kind):
        return "list of tables" if has(item) and item not in _WORDS else f"list of {_form(item)}"
    if get_origin(item) is tuple:
        return f"{_form(get_args(item)[1])} by indicator"
    return "table by code"


def _default(item: "Attribute[Any]") -> str:
    if item.default is NOTHING:
        return "**required**"
    if item.default in (None, (), "", lp.Label(""), date.min):
        return ""
    value = item.default
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        shares = ", ".join(f'{code} = "{share_text(share)}"' for code, share in value)
        return f"`{{ {shares} }}`"
    if isinstance(value, bool):
        return f"`{value}`".lower()
    return f"`{share_text(value)}`" if isinstance(value, Fraction) else f"`{value}`"


def _templates() -> str:
    how = "`lp.template(name)` reads one, `lp.schemes.template_text(name)` gives its text to start from."
    lines = ["## Templates", "", how, ""]
    lines += ["| name | 名称 | | for |", "|---|---|---|---|"]
    for name in lp.schemes.TEMPLATES:
        title = lp.template(name).title or lp.Label(name)
        remark = re.findall(r"^# (.*)$", lp.schemes.template_text(name), re.MULTILINE)[0]
        lines.append(f"| `{name}` | {title.zh} | {title.en} | {_cell(remark)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
