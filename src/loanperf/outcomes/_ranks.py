"""Ranks: results of a period -> places in groups, and who is in the top or bottom part of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import TypeAlias

from attrs import frozen

from loanperf._data import PlainData
from loanperf._explanations import ROUNDING_NAMES, Explanation, Label, because, near_label
from loanperf._indicators import indicator_label
from loanperf._periods import Period
from loanperf._quantities import Quantity, percent
from loanperf._validators import each_of
from loanperf.errors import UnitError
from loanperf.outcomes._conditions import ConditionMet
from loanperf.outcomes._results import PersonResult, history_of
from loanperf.outcomes._rules import SCORE, Grouped, RankKey, RankShare, must_be_keys
from loanperf.viewer import Viewer, must_be_viewer

EVERYBODY = Label("all", "全部人员")
_SCORE = Label("score", "得分")
_ORDERS = {"highest": Label("highest first", "由高到低"), "lowest": Label("lowest first", "由低到高")}
_Keyed: TypeAlias = tuple[Decimal | Fraction, ...]
"""Keys as numbers of which a higher one is better."""


@frozen(kw_only=True)
class RankPlace(PlainData):
    """The rank of a person in a group: 1 is the best; who is equal shares a rank, and the next one is left out."""

    payee: str
    period: Period
    group: Label
    """The codes of the unit, the role or both, or everybody."""
    by: tuple[RankKey, ...]
    rank: int
    of: int
    """How many people of the group are ranked."""
    tied: int
    """How many share the rank, the person included."""

    def explain(self) -> Explanation:
        """Why the rank is what it is; nobody else's figures are in it."""
        values: dict[str, str | Label] = {"rank": str(self.rank), "of": str(self.of), "tied": str(self.tied)}
        rule = "outcome.rank" if self.tied == 1 else "outcome.rank shared"
        return because(rule, values | {"group": self.group, "keys": keys_label(self.by)})


def ranks_of(
    results: Iterable[PersonResult],
    period: Period,
    *,
    by: Iterable[RankKey],
    group: Grouped,
    viewer: Viewer,
) -> tuple[RankPlace, ...]:
    """The ranks of people in their groups, by competition ranking: 1, 2, 2, 4.

    Args:
        results: of the period; those of other periods are left alone.
        period: whose results are ranked.
        by: keys, the first before the others.
        group: whom each is compared with.
        viewer: who looks; ranks of others are left out, and count all the same.

    Returns:
        In order of group, rank and payee. Who has no reading of one of the keys has no rank.

    Raises:
        DataError: as for `outcomes_of`; no key, or one twice.
        UnitError: readings of one indicator are in two units.

    >>> june = Period.month(2026, 6)
    >>> held = [("lin", 90), ("wu", 85), ("he", 85), ("gao", 70)]
    >>> scores = [PersonResult(payee=p, period=june, unit="east", role="officer", score=s) for p, s in held]
    >>> keys = [RankKey(of="score", best="highest")]
    >>> places = ranks_of(scores, june, by=keys, group="unit", viewer=Viewer(who="hr", sees="all"))
    >>> [(place.payee, place.rank) for place in places]
    [('lin', 1), ('he', 2), ('wu', 2), ('gao', 4)]
    """
    must_be_viewer(viewer)
    keys = each_of(by, RankKey, "the keys", "pass RankKey")
    must_be_keys("the keys", keys)
    found = list[RankPlace]()
    for label, members in grouped(history_of(results, period).now, group):
        found += places_in(label, keyed(members, keys)[0], keys, period)
    return tuple(place for place in found if viewer.may_see(place.payee))


def grouped(
    results: Sequence[PersonResult], group: Grouped, roles: Mapping[str, Label] = MappingProxyType({})
) -> list[tuple[Label, list[PersonResult]]]:
    """The results of each group, in order of its codes; a role is called as `roles` says, or by its code."""
    found = defaultdict[tuple[str, ...], list[PersonResult]](list)
    for one in results:
        match group:
            case "unit":
                found[one.unit,].append(one)
            case "role":
                found[one.role,].append(one)
            case "unit and role":
                found[one.unit, one.role].append(one)
            case _:
                found[()].append(one)
    return [
        (_named(codes, {} if group == "unit" else roles) if codes else EVERYBODY, members)
        for codes, members in sorted(found.items())
    ]


def keyed(
    members: Sequence[PersonResult], keys: Sequence[RankKey]
) -> tuple[list[tuple[_Keyed, str]], dict[str, RankKey]]:
    """The keys of each as numbers, the best first; and who lacks one, with the first that they lack.

    Raises:
        UnitError: readings of one indicator are in two units.
    """
    found, lacking, units = list[tuple[_Keyed, str]](), dict[str, RankKey](), dict[str, str]()
    for one in members:
        values = list[Decimal | Fraction]()
        for key in keys:
            if key.of == SCORE:
                values.append(one.score if key.best == "highest" else one.score.copy_negate())
                continue
            value = one.reading(key.of)
            if value is None:
                lacking[one.payee] = key
                break
            if value.unit != units.setdefault(key.of, value.unit):
                raise UnitError(f"the reading of {key.of!r} of {one.payee}", value.unit, units[key.of] or "no unit")
            values.append(value.value if key.best == "highest" else -value.value)
        else:
            found.append((tuple(values), one.payee))
    found.sort(key=itemgetter(1))
    found.sort(key=itemgetter(0), reverse=True)
    return found, lacking


def places_in(
    group: Label, ranked: Sequence[tuple[_Keyed, str]], keys: Sequence[RankKey], period: Period
) -> list[RankPlace]:
    """The ranks of people who stand in order, by as many of their numbers as there are keys."""
    found, many = list[RankPlace](), len(keys)
    for _, equal in groupby(ranked, key=lambda pair: pair[0][:many]):
        tied, rank = [payee for _, payee in equal], len(found) + 1
        found += [
            RankPlace(
                payee=payee, period=period, group=group, by=tuple(keys), rank=rank, of=len(ranked), tied=len(tied)
            )
            for payee in sorted(tied)
        ]
    return found


# ── shares ──────────────────────────────────────────────────────────────────────────────────────────────────


def _named(codes: tuple[str, ...], roles: Mapping[str, Label]) -> Label:
    """What a group is called; the role is the last of its codes."""
    said = [*map(Label, codes[:-1]), roles.get(codes[-1], Label(codes[-1]))]
    return Label(" / ".join(one.to("en") for one in said), " / ".join(one.to("zh") for one in said))


def share_of(
    results: Sequence[PersonResult], share: RankShare, period: Period, roles: Mapping[str, Label]
) -> Mapping[str, ConditionMet]:
    """Who is in a share, by payee, each with reasons that show nobody else's figures."""
    found = dict[str, ConditionMet]()
    for group, members in grouped(results, share.group, roles):
        ranked, lacking = keyed(members, (*share.by, *share.split))
        places = places_in(group, ranked, share.by, period)
        if len(ranked) < share.smallest:
            values: dict[str, str | Label] = {
                "share": share.label,
                "group": group,
                "of": str(len(ranked)),
                "smallest": str(share.smallest),
            }
            why = because("outcome.small group", values)
            found |= {place.payee: ConditionMet(kind="share", met=None, reasons=why) for place in places}
        else:
            by_payee = {place.payee: place for place in places}
            found |= _taken(ranked if share.side == "top" else ranked[::-1], share, by_payee)
        for payee, key in lacking.items():
            why = because("outcome.not ranked", {"share": share.label, "key": key_label(key.of)})
            found[payee] = ConditionMet(kind="share", met=None, reasons=why)
    return found


def _taken(
    ranked: Sequence[tuple[_Keyed, str]], share: RankShare, by_payee: Mapping[str, RankPlace]
) -> dict[str, ConditionMet]:
    """Who takes the places, of people who stand in order from the side of the share; equal people stand together."""
    found, places, before = dict[str, ConditionMet](), share.places(len(ranked)), 0
    for _, equal in groupby(ranked, key=itemgetter(0)):
        payees = [payee for _, payee in equal]
        after = before + len(payees)
        is_in = before < places if share.ties == "all in" else after <= places
        away = 0 if is_in else before + 1 - places if share.ties == "all in" else after - places
        tied = (len(payees), places - before) if before < places < after else None
        for payee in payees:
            found[payee] = ConditionMet(
                kind="share", met=is_in, reasons=partial(_why, by_payee[payee], share, places, away, tied)
            )
        before = after
    return found


def _why(place: RankPlace, share: RankShare, places: int, away: int, tied: tuple[int, int] | None) -> Explanation:
    """Why somebody is in a share or not.

    Args:
        place: their rank.
        share: of which there are places.
        places: how many there are.
        away: how many places they are away from it; 0 where they are in it.
        tied: how many people are equal, and for how many places, where places do not suffice for all of them.
    """
    values: dict[str, str | Label] = {"share": share.label, "away": str(away)}
    counted = because(
        "outcome.places",
        {
            "part": percent(share.part),
            "of": str(place.of),
            "exact": near_label(Quantity(share.part * place.of)),
            "rounding": ROUNDING_NAMES[share.rounding],
            "places": str(places),
        },
    )
    reasons = [place.explain(), counted]
    if tied is not None:
        rule = "outcome.all in" if share.ties == "all in" else "outcome.all out"
        reasons.append(because(rule, {"tied": str(tied[0]), "free": str(tied[1])}))
    return because("outcome.not in share" if away else "outcome.in share", values, *reasons)


def key_label(code: str) -> Label:
    """What a key is called."""
    return _SCORE if code == SCORE else indicator_label(code)


def keys_label(keys: Sequence[RankKey]) -> Label:
    """The keys by which people are ranked, in words."""
    said = [(key_label(key.of), _ORDERS[key.best]) for key in keys]
    return Label(
        ", ".join(f"{name.en} {order.en}" for name, order in said),
        "、".join(f"{name.to('zh')}{order.zh}" for name, order in said),
    )
