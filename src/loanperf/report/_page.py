"""Page: sections as data, shown as HTML that stands alone: no script, no request, for a phone, a screen and paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from attrs import evolve, field, frozen

from loanperf._explanations import Explanation, Label, Language, one_line, spoken, written
from loanperf.errors import DataError, MissingExtraError, shown
from loanperf.report._fields import PageForm
from loanperf.report._parts import ROWS_IN_PART, Chart, PageTable, Reason, Section
from loanperf.report._words import say

if TYPE_CHECKING:
    from jinja2 import Environment

ReasonsShown: TypeAlias = Literal["folded", "left out"]
"""`folded`: behind each number, for whoever opens them. `left out`: numbers alone, on a page less than half as long."""
PartLink: TypeAlias = Callable[[int], str]
"""Where each part of a page is, by its number from 1: a path, a query such as `?part=2`, or an https address."""
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[!-~]*|(?!//)[!-9;-~]+")
_TAGS = {"en": "en", "zh": "zh-Hans"}


def _once(made: Callable[[Language], tuple[Section, ...]]) -> Callable[[Language], tuple[Section, ...]]:
    """Make the sections of a language when they are first asked for, and keep them."""
    return cache(made)


@frozen(kw_only=True, eq=False)
class Page:
    """A page of figures, tables and charts, in either language.

    In a notebook it shows itself, where the extra `report` is installed; without it as text.
    """

    title: Label
    """What page it is, such as "My month"."""
    subject: Label
    """The person or unit, and the period."""
    _made: Callable[[Language], tuple[Section, ...]] = field(repr=False, converter=_once)

    def sections(self, language: Language = "en") -> tuple[Section, ...]:
        """What is on the page, as data in one language; languages are those of `lp.Explanation.text`."""
        return self._made(spoken(language))

    def charts(self, language: Language = "en") -> tuple[Chart, ...]:
        """The charts of the page, those of folded parts among them, in order."""
        return tuple(chart for section in self.sections(language) for chart in _charts_of(section))

    @property
    def parts(self) -> int:
        """In how many parts it can be shown: the lines of a statement are cut, 50 a part; 1 where they are no more."""
        tables = (table for section in self.sections() for table in _tables_of(section) if table.in_parts)
        sizes = [sum(not row.is_total for row in table.rows) for table in tables]
        return max(1, -(-max(sizes, default=0) // ROWS_IN_PART))

    def html(
        self,
        language: Language = "en",
        *,
        reasons: ReasonsShown = "folded",
        part: int | None = None,
        link: PartLink | None = None,
    ) -> str:
        """The page as one HTML document that needs nothing else: its style and charts are in it, and no script is.

        Every text of a host is escaped, and none is a formula where a table is copied into a spreadsheet. Its policy
        (Content-Security-Policy) forbids scripts and requests too; a form is sent where its target says and nowhere
        else.

        Args:
            language: of the page.
            reasons: whether the reasons of numbers are in it.
            part: which of `parts`, from 1; None is the whole page. A part has the whole page but for the lines of other
                parts, and says which lines it has; totals are those of all lines.
            link: where the other parts are; None names none.

        Raises:
            MissingExtraError: jinja2, or where there is a chart vl-convert-python, is not installed.
            DataError: the language is neither English nor simplified Chinese; `reasons` is no such word; there is no
                such part; a link is neither a path, a query nor an https address in ASCII.
        """
        return self._rendered("page.html", language, reasons, self._part(part, link))

    def fragment(
        self,
        language: Language = "en",
        *,
        reasons: ReasonsShown = "folded",
        part: int | None = None,
        link: PartLink | None = None,
    ) -> str:
        """The page as a `div` with its style, to stand in a page of the host; what `html` says holds of it."""
        return self._rendered("fragment.html", language, reasons, self._part(part, link))

    def text(self, language: Language = "en") -> str:
        """The page as lines of text, without charts and reasons."""
        spoken_here = spoken(language)
        head = [one_line(f"{self.title.to(language)}: {self.subject.to(language)}")]
        return "\n".join([*head, *(line for part in self.sections(spoken_here) for line in _lines(part))])

    def _part(self, part: int | None, link: PartLink | None) -> _Part:
        """A part that is asked for.

        Raises:
            DataError: there is none, or where the others are is no address.
        """
        if part is None:
            return _Part(0, ())
        if type(part) is not int or not 1 <= part <= self.parts:
            fault = f"the page has no part {shown(part)}, but {self.parts}"
            raise DataError("part", fault, "pass a whole number from 1 to page.parts")
        numbers = range(1, self.parts + 1) if link is not None and self.parts > 1 else ()
        return _Part(part, tuple((number, _address(link, number)) for number in numbers if link is not None))

    def _rendered(self, template: str, language: Language, reasons: ReasonsShown, part: _Part) -> str:
        if reasons not in get_args(ReasonsShown):
            raise DataError("reasons", f"it is no known word (found {shown(reasons)})", "pass 'folded' or 'left out'")
        tongue = spoken(language)
        sections = tuple(part.of(section, tongue) for section in self.sections(tongue))
        return (
            _environment()
            .get_template(template)
            .render(
                page=self,
                language=tongue,
                tag=_TAGS[tongue],
                sections=sections,
                labels=_labels(sections),
                links=part.links(tongue),
                gap=say("gap", tongue),
                sources=sorted({one.target.source for section in sections for one in _forms_of(section)}),
                folded=reasons == "folded",
                told=partial(_told, tongue),
                why=partial(_why, tongue),
                rows=partial(_rows, tongue, reasons),
            )
        )

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What a notebook shows: HTML, or where the extra is not installed text."""
        del include, exclude
        try:
            return {"text/html": self.fragment(), "text/plain": self.text()}
        except MissingExtraError:
            return {"text/plain": self.text()}


@frozen
class _Part:
    """One part of a page, or with the number 0 the whole."""

    number: int
    addresses: tuple[tuple[int, str], ...]
    """The number of each part, and where it is."""

    def of(self, section: Section, language: Language) -> Section:
        """What of a section is in it."""
        if not self.number:
            return section
        noted = partial(_which_lines, language)
        tables = tuple(table.of_part(self.number, noted) for table in section.tables)
        return evolve(section, tables=tables, parts=tuple(self.of(one, language) for one in section.parts))

    def links(self, language: Language) -> list[dict[str, Any]]:
        """Links to the parts, by name."""
        return [
            {"name": say("part of page", language, number=number), "address": address, "is_here": number == self.number}
            for number, address in self.addresses
        ]


def _which_lines(language: Language, first: int, last: int, of: int) -> str:
    if last < first:
        return say("lines elsewhere", language, of=of)
    return say("lines of", language, first=first, last=last, of=of)


def _address(link: PartLink, number: int) -> str:
    """Where a part is.

    Raises:
        DataError: it is something else than a path, a query or an https address.
    """
    found: object = link(number)
    if not isinstance(found, str) or not _ADDRESS.fullmatch(found) or "\\" in found:
        fault, remedy = (
            f"part {number} is at {shown(found)}",
            "give a path, a query such as ?part=2, or an https address",
        )
        raise DataError("the link of a part", fault, remedy)
    return found


def _tables_of(section: Section) -> tuple[PageTable, ...]:
    mine = (*(chart.table for chart in section.charts), *section.tables)
    return (*mine, *(table for part in section.parts for table in _tables_of(part)))


def _charts_of(section: Section) -> tuple[Chart, ...]:
    return (*section.charts, *(chart for part in section.parts for chart in _charts_of(part)))


def _forms_of(section: Section) -> tuple[PageForm, ...]:
    return (*section.forms, *(form for part in section.parts for form in _forms_of(part)))


def _lines(section: Section) -> list[str]:
    heading = one_line(section.heading)
    lines = ["", heading]
    lines += [_line(one.name, one.value, one.note) for one in section.figures]
    lines += [_line(one.mark, one.text) for one in section.remarks]
    tables = (*(chart.table for chart in section.charts), *section.tables)
    lines += [str(table).removeprefix(f"{heading}\n") for table in tables]
    asked = [field for form in section.forms for field in form.fields]
    lines += [_line(one.label, one.note, one.fault) for one in asked]
    return [*lines, *(line for part in section.parts for line in _lines(part))]


def _line(*parts: str) -> str:
    return one_line(" ".join(part for part in parts if part))


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────


def _environment() -> Environment:
    """Where the templates are.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    try:
        import jinja2  # noqa: F401 - to see whether it is there
    except ImportError:
        raise MissingExtraError("report", "jinja2") from None
    return _with_templates()


@cache
def _with_templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("loanperf.report"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(drawn=_drawn, style=_style(), heads_of=_heads_of)
    made.filters.update(exact=_exact)
    return made


def _shown(value: Any) -> Any:
    """What a template writes: texts as `written` and escaped, anything else as it is."""
    return _escaped(value) if type(value) is str else value


@lru_cache(maxsize=4096)
def _escaped(text: str) -> Any:
    return _exact(written(text))


def _exact(text: str) -> Any:
    """A text that is read by a machine or changed by who fills in a form: escaped, and otherwise as it is."""
    from markupsafe import escape

    return escape(text)


def _markup(text: str) -> Any:
    """HTML, style or SVG of the library itself: whoever makes it escapes what others wrote."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704


def _told(language: Language, reasons: Iterable[Reason]) -> Any:
    """Reasons as items of a list."""
    told = (one.html(language) if isinstance(one, Explanation) else _escaped(one) for one in reasons)
    return _markup("".join(f"<li>{one}</li>" for one in told))


def _why(language: Language, reasons: Iterable[Reason], opens: str) -> Any:
    """Reasons that are folded until somebody opens them; `opens` says of what they are."""
    said = f"{say('why', language)}<em> {_escaped(opens)}</em>"
    return _markup(f'<details class="why"><summary>{said}</summary><ul>\n{_told(language, reasons)}</ul></details>\n')


def _rows(language: Language, reasons: ReasonsShown, table: PageTable) -> Any:
    """The rows of a table, each with its reasons below it; a page has hundreds of cells, so that no template is run."""
    rows = list[str]()
    for row in table.rows:
        first, *others = row.cells
        cells = "".join(
            f"<td{_class_of(cell, is_number=is_number)}>{_escaped(cell)}</td>"
            for cell, is_number in zip(others, table.numbers[1:], strict=True)
        )
        classes = f"{row.tone}{' total' if row.is_total else ''}"
        body = "<tbody>" if classes == "plain" else f'<tbody class="{classes}">'
        rows.append(f'{body}<tr><th scope="row">{_escaped(first)}</th>{cells}</tr>\n')
        why = row.why if reasons == "folded" else ()
        if why:
            rows.append(f'<tr class="why"><td colspan="{len(table.heads)}">{_why(language, why, row.opens)}</td></tr>')
        rows.append("</tbody>\n")
    return _markup("".join(rows))


def _class_of(cell: str, *, is_number: bool) -> str:
    """How a cell is set: a number at the right, and a text with a long word so that it may break anywhere."""
    if is_number and cell:
        return ' class="n wide"' if len(cell) >= _WIDE else ' class="n"'
    return ' class="long"' if len(cell) > _LONG and max(map(len, cell.split()), default=0) > _LONG else ""


_WIDE = 18
"""From how many signs on a number may break."""
_LONG = 30
"""Above how many signs a word may break."""


def _labels(sections: tuple[Section, ...]) -> Any:
    """The style by which each cell is read beside its heading on a phone, where headings are out of sight."""
    most = max((len(table.heads) for section in sections for table in _tables_of(section)), default=0)
    rules = [f".loanperf td:nth-child({place})::before{{content:var(--h{place})}}" for place in range(2, most + 1)]
    return _markup(f"@media screen and (max-width:40rem){{{''.join(rules)}}}" if rules else "")


def _heads_of(table: PageTable) -> Any:
    """The headings of a table as values of style, once for all its cells; any sign that is no letter as its number."""

    def quoted(text: str) -> str:
        return "".join(sign if sign.isalnum() else f"\\{ord(sign):x} " for sign in written(text))

    heads = enumerate(table.heads[1:], 2)
    return _markup(";".join(f"--h{place}:'{quoted(head)}'" for place, head in heads))


def _drawn(chart: Chart) -> Any:
    """A chart as SVG; what is written in it stays text.

    Raises:
        MissingExtraError: vl-convert-python is not installed.
    """
    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError("report", "vl-convert-python") from None
    draw = partial(vl_convert.vegalite_to_svg, vl_version=_VERSION, allowed_base_urls=[])
    try:
        return _markup(draw(_drawable(chart.specification, _NOT_DRAWN)))
    except ValueError:
        return _markup(draw(_drawable(chart.specification, _NOT_CUT)))


_NOT_DRAWN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no SVG can hold: a single one in a name ends the whole process in the library that draws."""


_NOT_CUT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")
"""With emoji and rare characters too: a long label that is cut in the middle of one cannot be drawn."""


def _drawable(given: Any, unfit: re.Pattern[str]) -> Any:
    """A specification whose texts, names of columns included, have a blank in place of each sign that is unfit."""
    if isinstance(given, str):
        return unfit.sub(" ", given)
    if isinstance(given, Mapping):
        return {_drawable(name, unfit): _drawable(value, unfit) for name, value in given.items()}
    if isinstance(given, list | tuple):
        return [_drawable(one, unfit) for one in given]
    return given


_VERSION = "5.21"
"""The version of Vega-Lite: the last one with the schema that specifications name."""


def _style() -> Any:
    return _markup((files("loanperf.report") / "templates" / "page.css").read_text(encoding="utf-8"))
