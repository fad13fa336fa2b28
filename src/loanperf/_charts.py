"""Charts: numbers to Vega-Lite 5 specifications, plain data with the numbers in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from loanperf._explanations import written

VEGA_LITE = "application/vnd.vegalite.v5+json"
"""The kind of data by which notebooks know a chart of Vega-Lite 5."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
WIDTH = 328
"""The width of a chart in pixels of CSS: a phone of 360 less its margins, so that no text is made smaller."""
_PERIODS: Mapping[str, Any] = {"title": None, "labelAngle": -45, "labelOverlap": True}
"""The axis of many periods: names that would overlap are left out."""
_BLUE, _RED, _DARK, _GREY = "#1b5e9c", "#b3261e", "#1f2328", "#8a929b"
_CONFIG: Mapping[str, Any] = {
    "font": "sans-serif",
    "aria": False,  # a page says what a chart shows in the table beside it
    "view": {"stroke": None},
    "axis": {
        "labelColor": _DARK,
        "titleColor": _DARK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": "#e3e6ea",
        "domainColor": _GREY,
        "tickColor": _GREY,
        "labelLimit": 96,
    },
    "legend": {"labelColor": _DARK, "titleColor": _DARK, "labelFontSize": 12, "columns": 1, "orient": "top"},
}


def share_bars(bars: Iterable[tuple[str, Fraction, str]]) -> Mapping[str, Any]:
    """Bars of shares, with a line at 100%.

    Args:
        bars: names, shares, and the shares as they are read. The lengths stop at −50% and 160%.
    """
    given = tuple(bars)
    shares = [_drawn(share) for _, share, _ in given]
    values = [
        {"place": place, "name": written(name), "share": share, "text": text}
        for place, ((name, _, text), share) in enumerate(zip(given, shares, strict=True))
    ]
    end = max(1.5, *(share + 0.5 for share in shares))
    scale = {"domain": [min(0.0, *shares), end], "nice": False}
    rows = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "axis": {"title": None, "ticks": False}}
    across = {"field": "share", "type": "quantitative", "scale": scale}
    axis = {"title": None, "format": "%", "values": [0, 0.5, 1, 1.5], "grid": True}
    bar = {
        "mark": {"type": "bar", "color": _BLUE, "height": 14},
        "encoding": {"x": {**across, "axis": axis}, "y": rows},
    }
    label = {
        "mark": {"type": "text", "align": "right", "fontSize": 12, "color": _DARK},
        "encoding": {
            "x": {"datum": end},
            "y": rows,
            "text": {"field": "text", "type": "nominal"},
        },
    }
    full = {"mark": {"type": "rule", "color": _DARK, "strokeDash": [4, 3]}, "encoding": {"x": {"datum": 1}}}
    return chart_of([bar, full, label], values, height={"step": 26})


def count_bars(bands: Sequence[tuple[str, int]], *, across: str, up: str) -> Mapping[str, Any]:
    """Upright bars of counts, one a band.

    Args:
        bands: the name of each, in order, and how many are in it.
        across: what the bands are of.
        up: what is counted.
    """
    values = [{"place": place, "name": written(name), "count": count} for place, (name, count) in enumerate(bands)]
    axis = {"title": across, "labelAngle": 0 if len(bands) < 7 else -45}
    rows = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "axis": axis}
    highest = max((count for _, count in bands), default=0)
    most = {"title": up, "format": "d", "values": [*range(0, highest + 1, highest // 6 + 1)]}
    counts = {"field": "count", "type": "quantitative", "axis": most}
    bar = {"mark": {"type": "bar", "color": _BLUE}, "encoding": {"x": rows, "y": counts}}
    label = {
        "mark": {"type": "text", "dy": -7, "fontSize": 12, "color": _DARK},
        "encoding": {"x": rows, "y": counts, "text": {"field": "count", "type": "quantitative"}},
    }
    return chart_of([bar, label], values, height=180)


def two_shares(rows: Iterable[tuple[str, str, Fraction]], *, order: Sequence[str]) -> Mapping[str, Any]:
    """Dots of two shares a person, told apart by shape and by colour.

    Args:
        rows: names, which of the two, and the share.
        order: the two, in the order of the legend.
    """
    given = tuple(rows)
    shares = [_drawn(share) for *_, share in given]
    values = [
        {"place": place, "name": written(name), "what": what, "share": share}
        for place, ((name, what, _), share) in enumerate(zip(given, shares, strict=True))
    ]
    scale = {"domain": [min(0.0, *shares), max(1.2, *shares)], "nice": False}
    which = {"field": "what", "type": "nominal", "sort": list(order)}
    axis = {"title": None, "ticks": False, "grid": True}
    names = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "axis": axis}
    dot = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {
            "x": {
                "field": "share",
                "type": "quantitative",
                "scale": scale,
                "axis": {"title": None, "format": "%", "values": [0, 0.5, 1, 1.5]},
            },
            "y": names,
            "color": {**which, "scale": {"domain": list(order), "range": [_BLUE, _RED]}, "legend": {"title": None}},
            "shape": {**which, "scale": {"domain": list(order), "range": ["circle", "triangle-up"]}},
        },
    }
    full = {"mark": {"type": "rule", "color": _DARK, "strokeDash": [4, 3]}, "encoding": {"x": {"datum": 1}}}
    return chart_of([full, dot], values, height={"step": 24})


def paired_bars(bars: Iterable[tuple[str, str, Fraction]], *, order: tuple[str, str], up: str) -> Mapping[str, Any]:
    """Upright bars, two beside each other under each name.

    Args:
        bars: names, which of the two, and the amount; the heights are the nearest float64.
        order: the two, in the order in which they stand.
        up: what the amounts are in.
    """
    values = [
        {"place": place, "name": written(name), "what": what, "amount": float(amount)}
        for place, (name, what, amount) in enumerate(bars)
    ]
    which = {"field": "what", "type": "nominal", "sort": list(order)}
    angle = 0 if len({value["name"] for value in values}) < 5 else -45
    axis = {"title": None, "labelAngle": angle}
    rows = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "axis": axis}
    bar = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": rows,
            "xOffset": which,
            "y": {"field": "amount", "type": "quantitative", "axis": {"title": up}},
            "color": {**which, "scale": {"domain": list(order), "range": [_GREY, _BLUE]}, "legend": {"title": None}},
        },
    }
    return chart_of([bar], values, height=180)


def waterfall(bars: Iterable[tuple[str, Fraction | None, Fraction]], *, across: str) -> Mapping[str, Any]:
    """Bars lying one below the other, each from where the one above ends; rises and falls are told apart.

    Args:
        bars: names, where each begins and where it ends, in order; None is a whole amount, which stands on zero.
            Lengths are the nearest float64.
        across: what the amounts are in.
    """
    values = [
        {
            "place": place,
            "name": written(name),
            "start": float(start or 0),
            "end": float(end),
            "change": "stands" if start is None else "falls" if end < start else "rises",
        }
        for place, (name, start, end) in enumerate(bars)
    ]
    axis = {"title": None, "ticks": False, "labelLimit": 160}
    rows = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "axis": axis}
    scale = {"domain": ["stands", "rises", "falls"], "range": [_GREY, _BLUE, _RED]}
    bar = {
        "mark": {"type": "bar", "height": 14},
        "encoding": {
            "y": rows,
            "x": {"field": "start", "type": "quantitative", "axis": {"title": across}},
            "x2": {"field": "end"},
            "color": {"field": "change", "type": "nominal", "scale": scale, "legend": None},
        },
    }
    return chart_of([bar], values, height={"step": 26})


def lines_over_periods(points: Iterable[tuple[str, str, Fraction, int]], *, up: str) -> Mapping[str, Any]:
    """Lines over periods, one a name; those that rise and those that fall are told apart from the others by colour.

    Args:
        points: names, periods as texts that sort in order, values (drawn as the nearest float64), and whether the line
            rises (above zero), falls (below) or neither (0).
        up: what the values are in.
    """
    values = [
        {
            "name": written(name),
            "period": period,
            "value": float(value),
            "change": "rises" if way > 0 else "falls" if way < 0 else "neither",
        }
        for name, period, value, way in points
    ]
    scale = {"domain": ["neither", "rises", "falls"], "range": [_GREY, _BLUE, _RED]}
    line = {
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "period", "type": "ordinal", "axis": _PERIODS},
            "y": {"field": "value", "type": "quantitative", "axis": {"title": up}, "scale": {"zero": False}},
            "color": {"field": "change", "type": "nominal", "scale": scale, "legend": None},
            "detail": {"field": "name"},
            "tooltip": [{"field": "name"}, {"field": "period"}, {"field": "value", "type": "quantitative"}],
        },
    }
    return chart_of([line], values, height=220)


def banded_line(
    known: Sequence[tuple[str, Fraction]], ahead: Sequence[tuple[str, Fraction, Fraction, Fraction]], *, up: str
) -> Mapping[str, Any]:
    """A line of what is known, a broken one of what is expected, and the band between its lower and upper ends.

    Args:
        known: names of periods and values; the heights are the nearest float64.
        ahead: names of periods, what is expected, and both ends.
        up: what the values are of and in.
    """
    values: list[dict[str, Any]] = [{"period": written(name), "known": float(value)} for name, value in known]
    values += [
        {"period": written(name), "expected": float(value), "low": float(low), "high": float(high)}
        for name, value, low, high in ahead
    ]
    if known:  # the broken line and the band begin where the other one ends
        last = float(known[-1][1])
        values[len(known) - 1].update(expected=last, low=last, high=last)
    values = [{"place": place, **value} for place, value in enumerate(values)]
    across = {"field": "period", "type": "nominal", "sort": {"field": "place"}, "axis": _PERIODS}
    marks = {
        "low": {"type": "area", "color": _BLUE, "opacity": 0.2},
        "known": {"type": "line", "color": _DARK},
        "expected": {"type": "line", "color": _BLUE, "strokeDash": [4, 3], "point": True},
    }
    layers = []
    for name, mark in marks.items():
        height = {"field": name, "type": "quantitative", "scale": {"zero": False}, "axis": {"title": up}}
        ends = {"y2": {"field": "high"}} if name == "low" else {}
        there = [{"filter": f"isValid(datum.{name})"}]
        layers.append({"mark": mark, "transform": there, "encoding": {"x": across, "y": height, **ends}})
    return chart_of(layers, values, height=180)


def intervals(rows: Iterable[tuple[str, str, Fraction, Fraction, Fraction]], *, across: str) -> Mapping[str, Any]:
    """Dots with the interval around each, and a line at zero.

    Args:
        rows: names, what each row is of (told apart by colour), values, and both ends; drawn as the nearest float64.
        across: what the values are in.
    """
    given = tuple(rows)
    values = [
        {
            "place": place,
            "name": written(name),
            "what": what,
            "value": float(one),
            "low": float(low),
            "high": float(high),
        }
        for place, (name, what, one, low, high) in enumerate(given)
    ]
    order = list(dict.fromkeys(what for _, what, *_ in given))
    axis = {"title": None, "ticks": False, "labelLimit": 160}
    names = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "axis": axis}
    beside = {"field": "what", "type": "nominal", "sort": order}
    colour = {**beside, "scale": {"domain": order, "range": [_BLUE, _RED][: len(order)]}, "legend": {"title": None}}
    scale = {"title": across, "grid": True}
    dot = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "axis": scale},
            "y": names,
            "yOffset": beside,
            "color": colour,
        },
    }
    line = {
        "mark": {"type": "rule"},
        "encoding": {
            "x": {"field": "low", "type": "quantitative", "axis": scale},
            "x2": {"field": "high"},
            "y": names,
            "yOffset": beside,
            "color": colour,
        },
    }
    zero = {"mark": {"type": "rule", "color": _DARK, "strokeDash": [4, 3]}, "encoding": {"x": {"datum": 0}}}
    return chart_of([zero, line, dot], values, height={"step": 18})


def _drawn(share: Fraction) -> float:
    """A share as the length of what is drawn, between −50% and 160%."""
    return float(min(max(share, Fraction(-1, 2)), Fraction(8, 5)))


def chart_of(layers: list[Any], values: list[Any], *, height: object) -> Mapping[str, Any]:
    """A specification of layers that share their data, with the looks that all charts have."""
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": "white",
        "padding": {"left": 18, "right": 4, "top": 4, "bottom": 4},  # a browser may write wider than was measured
        "data": {"values": values},
        "layer": layers,
        "config": _CONFIG,
    }
