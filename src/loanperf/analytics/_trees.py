"""Trees: two explanations of the same pay -> the nodes in which they differ, and no other."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from loanperf._data import PlainData
from loanperf._explanations import Explanation, Language

_NAMES = ("indicator", "what", "loan", "fact", "payee")
"""The values of a node that say what it is about; all others say what it comes to."""


@frozen(kw_only=True)
class ReasonChange(PlainData):
    """One reason that differs between two explanations: as it was, and as it would be."""

    before: Explanation | None
    """The rule with its numbers, without what it stands on; None where only the other explanation has it."""
    after: Explanation | None
    """None where only the first explanation has it."""

    def text(self, language: Language = "en") -> str:
        """The one marked with `−`, the other with `+`. Languages are those of `Explanation.text`."""
        sides = (("−", self.before), ("+", self.after))
        return "\n".join(f"{mark} {node.sentence(language)}" for mark, node in sides if node is not None)


def reasons_changed(before: Sequence[Explanation], after: Sequence[Explanation]) -> Iterator[ReasonChange]:
    """The reasons in which two lists of trees differ, from the top down; nothing where they say the same.

    Reasons are matched by their kind and by what they are about, in order. Of one without a counterpart the top is
    given, without what it stands on.

    >>> from loanperf._explanations import because
    >>> cap = because("award.cap", {"limit": "5000 CNY", "lost": "100 CNY"})
    >>> [change.text() for change in reasons_changed((cap,), ())]
    ['− cap 5000 CNY: 100 CNY is lost']
    """
    others = defaultdict[tuple[str, ...], deque[Explanation]](deque)
    for node in after:
        others[_about(node)].append(node)
    for node in before:
        same = others[_about(node)]
        if same:
            yield from _changed(node, same.popleft())
        else:
            yield ReasonChange(before=evolve(node, because=()), after=None)
    for node in after:
        if any(node is left for left in others[_about(node)]):
            yield ReasonChange(before=None, after=evolve(node, because=()))


def _changed(before: Explanation, after: Explanation) -> Iterator[ReasonChange]:
    if before == after:
        return
    if (before.rule, before.values) != (after.rule, after.values):
        yield ReasonChange(before=evolve(before, because=()), after=evolve(after, because=()))
    yield from reasons_changed(before.because, after.because)


def _about(node: Explanation) -> tuple[str, ...]:
    """The kind of a rule, such as `points`, and what a node is about."""
    values = dict(node.values)
    return node.rule.partition(".")[0], *(str(values.get(name, "")) for name in _NAMES)
