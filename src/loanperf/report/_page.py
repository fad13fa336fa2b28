"""Page: sections as data, shown as HTML that stands alone: no script, no request, for a phone, a screen and paper."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from attrs import field, frozen

from loanperf._explanations import Explanation, Label, Language, spoken, written
from loanperf.errors import DataError, MissingExtraError, shown
from loanperf.report._fields import PageForm
from loanperf.report._parts import Chart, Reason, Section
from loanperf.report._words import say

if TYPE_CHECKING:
    from jinja2 import Environment

ReasonsShown: TypeAlias = Literal["folded", "left out"]
"""`folded`: behind each number, for whoever opens them. `left out`: numbers alone, on a page less than half as long."""
_TAGS = {"en": "en", "zh": "zh-Hans"}


@frozen(kw_only=True, eq=False)
class Page:
    """A page of figures, tables and charts, in either language.

    In a notebook it shows itself, where the extra `report` is installed; without it as text.
    """

    title: Label
    """What page it is, such as "My month"."""
    subject: Label
    """Of whom and of when."""
    _made: Callable[[Language], tuple[Section, ...]] = field(repr=False)

    def sections(self, language: Language = "en") -> tuple[Section, ...]:
        """What is on the page, as data in one language; languages are those of `lp.Explanation.text`."""
        return self._made(spoken(language))

    def charts(self, language: Language = "en") -> tuple[Chart, ...]:
        """The charts of the page, those of folded parts among them, in order."""
        return tuple(chart for section in self.sections(language) for chart in _charts_of(section))

    def html(self, language: Language = "en", *, reasons: ReasonsShown = "folded") -> str:
        """The page as one HTML document that needs nothing else: its style and charts are in it, and no script is.

        Every text of a host is escaped, and none is a formula where a table is copied into a spreadsheet. Its policy
        (Content-Security-Policy) forbids scripts and requests too; a form is sent where its target says and nowhere
        else.

        Args:
            language: of the page.
            reasons: whether the reasons of numbers are in it.

        Raises:
            MissingExtraError: jinja2, or where there is a chart vl-convert-python, is not installed.
            DataError: the language is neither English nor simplified Chinese; `reasons` is no such word.
        """
        return self._rendered("page.html", language, reasons)

    def fragment(self, language: Language = "en", *, reasons: ReasonsShown = "folded") -> str:
        """The page as a `div` with its style, to stand in a page of the host; what `html` says holds of it."""
        return self._rendered("fragment.html", language, reasons)

    def text(self, language: Language = "en") -> str:
        """The page as lines of text, without charts and reasons."""
        spoken_here = spoken(language)
        head = [f"{self.title.to(language)}: {self.subject.to(language)}"]
        return "\n".join([*head, *(line for part in self.sections(spoken_here) for line in _lines(part))])

    def _rendered(self, template: str, language: Language, reasons: ReasonsShown) -> str:
        if reasons not in get_args(ReasonsShown):
            raise DataError("reasons", f"it is no known word (found {shown(reasons)})", "pass 'folded' or 'left out'")
        tongue = spoken(language)
        sections = self.sections(tongue)
        return (
            _environment()
            .get_template(template)
            .render(
                page=self,
                language=tongue,
                tag=_TAGS[tongue],
                sections=sections,
                sources=sorted({one.target.source for section in sections for one in _forms_of(section)}),
                folded=reasons == "folded",
                why_word=say("why", tongue),
                told=partial(_told, tongue),
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


def _charts_of(section: Section) -> tuple[Chart, ...]:
    return (*section.charts, *(chart for part in section.parts for chart in _charts_of(part)))


def _forms_of(section: Section) -> tuple[PageForm, ...]:
    return (*section.forms, *(form for part in section.parts for form in _forms_of(part)))


def _lines(section: Section) -> list[str]:
    lines = ["", section.heading]
    lines += [" ".join(part for part in (one.name, one.value, one.note) if part) for one in section.figures]
    lines += [" ".join(part for part in (one.mark, one.text) if part) for one in section.remarks]
    tables = (*(chart.table for chart in section.charts), *section.tables)
    lines += [str(table).removeprefix(f"{section.heading}\n") for table in tables]
    asked = [field for form in section.forms for field in form.fields]
    lines += [" ".join(part for part in (one.label, one.note, one.fault) if part) for one in asked]
    return [*lines, *(line for part in section.parts for line in _lines(part))]


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
    made.globals.update(drawn=_drawn, style=_style())
    made.filters.update(exact=_exact)
    return made


def _shown(value: Any) -> Any:
    """What a template writes: texts as `written`, anything else as it is."""
    return written(value) if type(value) is str else value


def _exact(text: str) -> Any:
    """A text that is read by a machine or changed by who fills in a form: escaped, and otherwise as it is."""
    from markupsafe import escape

    return escape(text)


def _told(language: Language, reason: Reason) -> Any:
    """A reason as HTML that is escaped already; a sentence as text, which the template escapes."""
    from markupsafe import Markup

    return Markup(reason.html(language)) if isinstance(reason, Explanation) else reason  # noqa: S704 - html() escapes


def _drawn(chart: Chart) -> Any:
    """A chart as SVG; what is written in it stays text.

    Raises:
        MissingExtraError: vl-convert-python is not installed.
    """
    from markupsafe import Markup

    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError("report", "vl-convert-python") from None
    svg = vl_convert.vegalite_to_svg(dict(chart.specification), vl_version=_VERSION, allowed_base_urls=[])
    return Markup(svg)  # noqa: S704 - Vega escapes what it draws


_VERSION = "5.21"
"""Of Vega-Lite: the last one of the schema that specifications name."""


def _style() -> Any:
    from markupsafe import Markup

    return Markup((files("loanperf.report") / "templates" / "page.css").read_text(encoding="utf-8"))  # noqa: S704
