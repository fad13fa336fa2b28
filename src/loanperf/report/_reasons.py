"""Reasons on pages: trees cut to what somebody reads, and the nodes of one rule in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from operator import is_

from attrs import evolve

from loanperf._explanations import Explanation, because

MOST = 30
"""How many reasons of one number are shown; how many more there are is said."""


def shortened(node: Explanation, *, without: Collection[str] = (), said: Collection[str] = ()) -> Explanation:
    """A tree with at most `MOST` reasons below each node.

    Args:
        node: the top of the tree.
        without: rules below which nothing is shown, since the page shows it elsewhere.
        said: rules that the page says elsewhere: what stands below such a node stands in its place.
    """
    if node.rule in without:
        return evolve(node, because=())
    below = [shortened(child, without=without, said=said) for child in _below(node, said)]
    shown = below[:MOST]
    if len(below) > MOST:
        shown.append(because("more", {"count": str(len(below) - MOST)}))
    same = len(shown) == len(node.because) and all(map(is_, shown, node.because))
    return node if same else evolve(node, because=tuple(shown))


def _below(node: Explanation, said: Collection[str]) -> Iterator[Explanation]:
    for child in node.because:
        yield from _below(child, said) if child.rule in said else (child,)


def of_rules(node: Explanation, rules: Collection[str]) -> Iterator[Explanation]:
    """The nodes of some rules in a tree, from the top down and in order."""
    if node.rule in rules:
        yield node
    for child in node.because:
        yield from of_rules(child, rules)
