"""Write the reference page of indicators, docs/reference/indicators.md, from the catalogue itself."""

import re
from collections.abc import Callable, Iterator, Mapping
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from typing import get_args

import loanperf as lp
from loanperf._indicators import FIELDS, Field, HeldAt, Rescheduled
from loanperf._kinds import KINDS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "indicators.md"
UNITS = {
    lp.schemes.Kind.MONEY: "currency",
    lp.schemes.Kind.RATIO: "%",
    lp.schemes.Kind.COUNT: "number",
    lp.schemes.Kind.POINTS: "point",
}
HEAD = """\
# Indicators

The catalogue: what each indicator counts, and the options with which a scheme chooses between honest conventions. A
scheme names an indicator by its code and states the options that differ from the defaults:

```toml
[indicators.npl_ratio.options]
written_off = "included"
```

A flow is of the events dated in the period and adds up day by day, so that half a month has half the target; a stock
is as of the last day. `held_at` says whose loan it is: `origination`
is the officer who opened it, `event` the officer on the day of the event, `as of` the officer on the last day of the
period. A ratio with nothing to divide by is no reading; a team's ratio is the sum over the sum.

A reading or target beyond its bounds is refused, whether a host supplies it, a file says it or a scheme states it: a
payee with an NPL ratio of -2%, or 850% of all customers kept, has no score until that is mended. A goal of it is
refused too, and an alert rule that looks at it gives a problem. Amounts without bounds
may be below zero, since a month can take back more than it brings. What a lender counts in another way is an indicator
of its own, which has no bounds.

This page is written by `tools/catalogue.py`.
"""
VIEWS = """\
## Views

A host declares an indicator of its own as a sum of a field over the rows of a view, a number of rows, or one such total
over another. Rows are filtered by their fields: a text or truth by its values, the others by bounds. Amounts are in the
currency of the scheme. A row that lacks a value that a measure needs is reported as a problem and left out.
"""
ROWS = {
    "loan events": "An event of a loan, dated in the period.",
    "loans": "A loan opened by the last day of the period and not cancelled by then, as it stands on that day.",
    "customers": "A customer and one payee who held it in the period or on the day before.",
    **{name: kind.viewed for name, kind in KINDS.items() if kind.view},
}


def page() -> str:
    """The page as text."""
    blocks = [HEAD, _table(), *(_section(code, make) for code, make in lp.CATALOGUE.items()), VIEWS]
    blocks += [_view(view, fields) for view, fields in FIELDS.items()]
    return "\n".join(block.strip() + "\n" for block in blocks)


def _table() -> str:
    heads = "code | indicator | 指标 | dimension | better | unit | bounds | timing"
    rows = [f"| {heads} |", f"|{'---|' * len(heads.split(' | '))}"]
    for code in lp.CATALOGUE:
        found = lp.indicator(code)
        better = found.direction.value.removesuffix(" is better")
        rows.append(
            f"| [`{code}`](#{code}) | {found.name.en} | {found.name.zh} | {found.dimension} | {better} |"
            f" {UNITS[found.kind]} | {_bounds(found)} | {found.timing} |"
        )
    return "\n".join(rows)


def _bounds(found: lp.schemes.Indicator) -> str:
    """What its readings lie between, both included."""
    if found.least is None:
        return ""
    percent = found.kind is lp.schemes.Kind.RATIO
    least, most = (
        None if one is None else f"{one * 100}%" if percent else str(one) for one in (found.least, found.most)
    )
    return f"{least} or more" if most is None else f"{least} to {most}"


def _section(code: str, make: Callable[..., lp.schemes.Indicator]) -> str:
    found = lp.indicator(code)
    lines = [
        f"({code})=",
        f"## `{code}`",
        "",
        f"{found.name.en[0].upper()}{found.name.en[1:]}, {found.name.zh}: {found.direction.value}.",
        "",
    ]
    lines += [f"{found.formula.en}", f": {found.formula.zh}", ""]
    lines += [f"{text}\n" for text in _remarks(make)]
    options = list(_options(make))
    if options:
        lines += ["| option | default | values | meaning |", "|---|---|---|---|", *options, ""]
    return "\n".join([*lines, f"Source: {found.source}."])


def _remarks(make: Callable[..., lp.schemes.Indicator]) -> list[str]:
    """The paragraphs of a docstring between its first line and what has a place of its own here."""
    paragraphs = cleandoc(make.__doc__ or "").split("\n\n")[1:]
    return [" ".join(text.split()) for text in paragraphs if not re.match(r"Args:|Source:|>>>", text)]


def _options(make: Callable[..., lp.schemes.Indicator]) -> Iterator[str]:
    meanings = _meanings(cleandoc(make.__doc__ or ""))
    for name, option in signature(make).parameters.items():
        values = ", ".join(f"`{value}`" for value in _values(option))
        default = f"`{option.default}`" if option.default != "" else "empty"
        yield f"| `{name}` | {default} | {values} | {_cell(meanings[name])} |"


def _values(option: Parameter) -> tuple[str, ...]:
    aliases = {"HeldAt": get_args(HeldAt), "Rescheduled": get_args(Rescheduled)}
    choices = aliases.get(option.annotation) or tuple(re.findall(r"'([^']+)'", option.annotation))
    if choices or not option.default:
        return choices
    unit = option.default.lstrip("0123456789 ")
    return (f"0 {unit} or more".replace(" %", "%"),)


def _meanings(text: str) -> dict[str, str]:
    """What the docstring says of each option."""
    block = re.search(r"^Args:\n((?:    .*\n?)+)", text, re.MULTILINE)
    entries = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", block[1] if block else "", re.MULTILINE)
    return {name: " ".join(meaning.split()) for name, meaning in entries}


def _view(view: str, fields: Mapping[str, Field]) -> str:
    lines = [f"### {view}", "", ROWS[view], "", "| field | 字段 | kind | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        values = f"; one of {', '.join(f'`{value}`' for value in field.values)}" if field.values else ""
        unknown = f"; where it is unknown: {field.unknown}" if field.unknown else ""
        lines.append(f"| `{name}` | {field.label.zh} | {field.kind} | {_cell(field.meaning)}{values}{unknown} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
