"""Write the reference pages of the life of a commission: its transitions, their diagram, and the kinds of entries."""

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import loanperf as lp
from loanperf._explanations import Label
from loanperf._ledger._kinds import KIND_NAMES
from loanperf.alerts import ALERT_MOVES, AlertMove, AlertState
from loanperf.cycle import (
    APPEAL_ACTS,
    APPEAL_MOVES,
    APPEAL_STATES,
    PARTICIPANT_ACTS,
    PARTICIPANT_MOVES,
    PARTICIPANT_STATES,
    RESULT_ACTS,
    RESULT_MOVES,
    RESULT_STATES,
)
from loanperf.disputes import DISPUTE_MOVES, HOLD_MOVES, DisputeState, HoldState
from loanperf.disputes._moves import ACTS_OF_DISPUTES, ACTS_OF_HOLDS, STATES_OF_DISPUTES, STATES_OF_HOLDS
from loanperf.goals import MOVES, Act, Barred, VersionState
from loanperf.goals._moves import ACT_NAMES, STATE_NAMES
from loanperf.learning import FEEDBACK_MOVES, PROPOSAL_MOVES, FeedbackState, ProposalState
from loanperf.learning._moves import (
    FEEDBACK_ACT_NAMES,
    FEEDBACK_STATE_NAMES,
    PROPOSAL_ACT_NAMES,
    PROPOSAL_STATE_NAMES,
)
from loanperf.reviews import REVIEW_MOVES, ReviewState
from loanperf.reviews._moves import ACTS_OF_REVIEWS, STATES_OF_REVIEWS

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
DIAGRAM, ALERTS_DIAGRAM, VERSIONS_DIAGRAM = "transitions.svg", "alerts.svg", "confirmations.svg"
REVIEWS_DIAGRAM = "reviews.svg"
FEEDBACK_DIAGRAM, PROPOSALS_DIAGRAM = "feedback.svg", "proposals.svg"
CYCLE: Mapping[str, tuple[str, Mapping[Any, Enum], Mapping[Any, Label], Mapping[Any, Label]]] = {
    "participant": ("loanperf.cycle.PARTICIPANT_MOVES", PARTICIPANT_MOVES, PARTICIPANT_STATES, PARTICIPANT_ACTS),
    "result": ("loanperf.cycle.RESULT_MOVES", RESULT_MOVES, RESULT_STATES, RESULT_ACTS),
    "appeal": ("loanperf.cycle.APPEAL_MOVES", APPEAL_MOVES, APPEAL_STATES, APPEAL_ACTS),
}
"""What stands in one of some states in an appraisal cycle: its table, and what states and acts are called."""
DISPUTES_DIAGRAM, HOLDS_DIAGRAM = "disputes.svg", "holds.svg"
BALANCES = ("entitled", "due", "held", "owed", "paid")

LIFE = """\
# The life of a commission

What a loan pays one payee by one component is always in one of these states, and every event that the facts hold moves
it by one table, `lp.schemes.TRANSITIONS`. `Accruals.states` gives the states; `lp.accrue` walks the table in order of
business date. [How commissions come about](../explanation/commissions.md) says what is earned on the way.

This page and its diagram are written by `tools/transitions.py`.

## States

{states}

## Diagram

Each column is one move: from the state with the dot to the state with the arrow. What is not drawn changes nothing.

![Moves between the states of a commission]({diagram})

## Every state and every event

A dash says that the event leaves the state as it is.

{table}
"""
ALERTS = """\
# The life of an alert

What a rule says of one payee or unit is always in one of these states, and every event moves it by one table,
`loanperf.alerts.ALERT_MOVES`. `loanperf.alerts.watch` and `acknowledge` make the events; a stream in which another move
stands is refused. [Warn early](../how-to/warn-early.md) says what to do with them.

This page and its diagram are written by `tools/transitions.py`.

## States

{states}

## Events

{moves}

## Diagram

Each column is one move: from the state with the dot to the state with the arrow, or back into the same one.

![Moves between the states of an alert]({diagram})

## Every state and every event

A dash says that there is no such move.

{table}
"""
CONFIRMED = """\
# How a version stands that is to be confirmed

A version of a payee's targets or plan document is always in one of these states, and every act moves it by one table,
`loanperf.goals.MOVES`. `Confirmations` replays the records by it, and its commands ask it before they give an event.
[How to confirm targets](../how-to/confirm-targets.md) shows them at work.

This page and its diagram are written by `tools/transitions.py`.

## States

{states}

A version is in force once it was confirmed, by silence too, or set by a superior. One that is replaced and was in force
stays so until a newer one comes in force.

## Acts

{acts}

Only its payee confirms or refuses, only a superior of the payee on that day sets, and a refusal and a setting say why.
Whoever answers names the version and the hash of what was shown.

## Diagram

Each column is one move: from the state with the dot to the state with the arrow. What is not drawn changes nothing, or
is refused.

![Moves between the states of a version]({diagram})

## Every state and every act

A dash says that the act leaves the state as it is; the same act by the same person for the same reason is no new event,
and for another reason it is refused.

{table}

## Refusals

{refusals}
"""
REVIEWED = """\
# How a review stands

The review of one person by one rater is always in one of these states, and every act moves it by one table,
`loanperf.reviews.REVIEW_MOVES`. `Reviews` replays the records by it, and its commands ask it before they give an event.
[How to collect reviews](../how-to/collect-reviews.md) shows them at work.

This page and its diagram are written by `tools/transitions.py`.

## States

{states}

## Acts

{acts}

Only the rater declines, submits and withdraws, and only by the deadline. Nobody has two reviews of one person, whatever
the categories.

## Diagram

Each column is one move: from the state with the dot to the state with the arrow.

![Moves between the states of a review]({diagram})

## Every state and every act

A dash says that there is no such move: it is refused.

{table}
"""
CYCLES = """\
# How a result stands in a cycle

Of each participant of an appraisal cycle three things stand in one of a few states each: whether they take part, their
result, and their appeal. Every act moves one of them by a table; `Cycle` replays the records by it, and its commands
ask it before they give an event. [How to run a cycle](../how-to/run-a-cycle.md) shows them at work.

An appeal that is upheld moves the result too: it is amended. Nobody calibrates, approves, publishes or decides what is
their own, and only the participant acknowledges, appeals and withdraws.

This page and its diagrams are written by `tools/transitions.py`. In a diagram each column is one move: from the state
with the dot to the state with the arrow. In a table of moves a dash says that there is no such move: it is refused.
{parts}"""
CYCLE_PART = """
## The {what}

Its table is `{name}`.

{states}

{acts}

![Moves between the states of a {what}]({diagram})

{table}
"""
LEARNED = """\
# How feedback and proposals stand

What a payee says of a scheme, and each proposal of a new version, is always in one of these states, and every act moves
it by a table, `loanperf.learning.FEEDBACK_MOVES` and `loanperf.learning.PROPOSAL_MOVES`. `Learning` replays the records
by them, and its commands ask them before they give an event.
[How to learn from feedback](../how-to/learn-from-feedback.md) shows them at work.

This page and its diagrams are written by `tools/transitions.py`.

## States of feedback

{states}

## Acts on feedback

{acts}

Only who gave feedback withdraws it, and only until feedback is closed. Only who sees everybody answers it.

A dash says that there is no such move: it is refused.

{table}

Each column is one move: from the state with the dot to the state with the arrow, or back into the same one.

![Moves between the states of feedback]({diagram})

## States of a proposal

{proposal_states}

## Acts on a proposal

{proposal_acts}

The plan says whether somebody else than the proposer has to approve it, and whether a consultation and a notice have to
be recorded before.

{proposal_table}

![Moves between the states of a proposal]({proposal_diagram})
"""
DISPUTED = """\
# How a dispute and a hold stand

A dispute about a line of pay is always in one of these states, and every act moves it by one table,
`loanperf.disputes.DISPUTE_MOVES`; a hold of pay by hand moves by `loanperf.disputes.HOLD_MOVES`. `Disputes` replays the
records by them, and its commands ask them before they give an event.
[How to hold pay and answer disputes](../how-to/dispute-and-hold.md) shows them at work.

This page and its diagrams are written by `tools/transitions.py`.

## States of a dispute

{states}

## Acts upon a dispute

{acts}

Neither the payee nor whoever opened the dispute for them takes it up or decides it, and only they withdraw it.

## Diagram of a dispute

Each column is one move: from the state with the dot to the state with the arrow.

![Moves between the states of a dispute]({diagram})

## Every state of a dispute and every act

A dash says that there is no such move: it is refused.

{table}

## States of a hold

{hold_states}

## Acts upon a hold

{hold_acts}

Nobody places or lifts a hold of their own pay.

## Diagram of a hold

![Moves between the states of a hold]({holds_diagram})

## Every state of a hold and every act

{hold_table}
"""
ENTRIES = """\
# Kinds of entries

Every entry of the ledger is of one of these kinds, and a kind does the same to the balances of its payee wherever it
stands: it adds its amount (+), takes it off (−) or leaves a balance alone. The table is `lp.schemes.EFFECTS`. For every
row, and so for every ledger, `entitled = due + held + paid − owed`.

An entry that corrects downwards has a negative amount of the same kind, and so the opposite effects. Kinds of one group
together say one thing: per line, `lp.settle` compares the sum of a group with what is due.
[How the ledger works](../explanation/ledger.md) says when each is posted.

This page is written by `tools/transitions.py`.

## What each does

{effects}

## What each says

{kinds}

## Balances

{balances}
"""


def life() -> str:
    """The page of transitions as text."""
    said = meanings(lp.DealState)
    states = _table(("state", "meaning"), ((f"`{state.value}`", _short(said[state.name])) for state in lp.DealState))
    rows = (
        (
            f"`{state.value}`",
            *(
                "—" if (to := lp.schemes.TRANSITIONS[state, event]) is state else to.value
                for event in lp.schemes.DealEvent
            ),
        )
        for state in lp.DealState
    )
    table = _table(("state", *(event.value for event in lp.schemes.DealEvent)), rows)
    return LIFE.format(states=states, diagram=DIAGRAM, table=table)


def alerts() -> str:
    """The page of the moves of alerts as text."""
    of_states, of_moves = meanings(AlertState), meanings(AlertMove)
    states = _table(("state", "meaning"), ((f"`{state.value}`", _short(of_states[state.name])) for state in AlertState))
    moves = _table(("event", "meaning"), ((f"`{move.value}`", _short(of_moves[move.name])) for move in AlertMove))
    rows = (
        (
            f"`{state.value}`",
            *("—" if (to := ALERT_MOVES.get((state, move))) is None else to.value for move in AlertMove),
        )
        for state in AlertState
    )
    table = _table(("state", *(move.value for move in AlertMove)), rows)
    return ALERTS.format(states=states, moves=moves, diagram=ALERTS_DIAGRAM, table=table)


def entries() -> str:
    """The page of kinds of entries as text."""
    said, sign = meanings(lp.EntryKind), {1: "+", 0: "", -1: "−"}
    effects = _table(
        ("kind", "group", *BALANCES),
        (
            (f"`{kind.value}`", effect.group, *(sign[getattr(effect, name)] for name in BALANCES))
            for kind, effect in lp.schemes.EFFECTS.items()
        ),
    )
    kinds = _table(
        ("kind", "中文", "meaning"),
        ((f"`{kind.value}`", KIND_NAMES[kind].zh, _short(said[kind.name])) for kind in lp.EntryKind),
    )
    words = meanings(lp.schemes.Effect)
    balances = _table(("balance", "meaning"), ((f"`{name}`", _short(words[name])) for name in BALANCES))
    return ENTRIES.format(effects=effects, kinds=kinds, balances=balances)


def confirmations() -> str:
    """The page of how a version that is to be confirmed stands as text."""
    said, acts = meanings(VersionState), meanings(Act)
    states = _table(
        ("state", "中文", "meaning"),
        ((f"`{state.value}`", STATE_NAMES[state].zh, _short(said[state.name])) for state in VersionState),
    )
    happens = _table(
        ("act", "中文", "meaning"), ((f"`{act.value}`", ACT_NAMES[act].zh, _short(acts[act.name])) for act in Act)
    )
    table = _table(
        ("state", *(act.value for act in Act)),
        ((f"`{state.value}`", *(_to(state, MOVES[state, act]) for act in Act)) for state in VersionState),
    )
    barred = list(dict.fromkeys(to for to in MOVES.values() if isinstance(to, Barred)))
    refusals = _table(
        ("refused since", "中文", "what to do", "中文"),
        ((one.fault.en, one.fault.zh, one.remedy.en, one.remedy.zh) for one in barred),
    )
    return CONFIRMED.format(diagram=VERSIONS_DIAGRAM, states=states, acts=happens, table=table, refusals=refusals)


def reviews() -> str:
    """The page of how a review stands as text."""
    states, acts, table = _parts(REVIEW_MOVES, STATES_OF_REVIEWS, ACTS_OF_REVIEWS)
    return REVIEWED.format(diagram=REVIEWS_DIAGRAM, states=states, acts=acts, table=table)


def learning() -> str:
    """The page of how feedback and proposals stand as text."""
    states, acts, table = _parts(FEEDBACK_MOVES, FEEDBACK_STATE_NAMES, FEEDBACK_ACT_NAMES)
    of_states, of_acts, moves = _parts(PROPOSAL_MOVES, PROPOSAL_STATE_NAMES, PROPOSAL_ACT_NAMES)
    return LEARNED.format(
        diagram=FEEDBACK_DIAGRAM,
        states=states,
        acts=acts,
        table=table,
        proposal_states=of_states,
        proposal_acts=of_acts,
        proposal_table=moves,
        proposal_diagram=PROPOSALS_DIAGRAM,
    )


def disputes() -> str:
    """The page of how a dispute and a hold stand as text."""
    states, acts, table = _parts(DISPUTE_MOVES, STATES_OF_DISPUTES, ACTS_OF_DISPUTES)
    of_states, of_acts, moves = _parts(HOLD_MOVES, STATES_OF_HOLDS, ACTS_OF_HOLDS)
    return DISPUTED.format(
        diagram=DISPUTES_DIAGRAM,
        states=states,
        acts=acts,
        table=table,
        holds_diagram=HOLDS_DIAGRAM,
        hold_states=of_states,
        hold_acts=of_acts,
        hold_table=moves,
    )


def _parts(moves: Mapping[Any, Enum], states: Mapping[Any, Label], acts: Mapping[Any, Label]) -> tuple[str, str, str]:
    """The tables of states, of acts and of moves."""
    return _named("state", states), _named("act", acts), _moves(moves, [*states], [*acts])


def cycle() -> str:
    """The page of how participants, results and appeals of a cycle stand as text."""
    parts = (
        CYCLE_PART.format(
            what=what,
            name=name,
            states=_named("state", states),
            acts=_named("act", acts),
            diagram=f"cycle-{what}.svg",
            table=_moves(moves, [*states], [*acts]),
        )
        for what, (name, moves, states, acts) in CYCLE.items()
    )
    return CYCLES.format(parts="".join(parts))


def _named(what: str, labels: Mapping[Any, Label]) -> str:
    """States or acts with what they are called in Chinese, and what they mean."""
    said = meanings(type(next(iter(labels))))
    rows = ((f"`{one.value}`", label.zh, _short(said[one.name])) for one, label in labels.items())
    return _table((what, "中文", "meaning"), rows)


def _moves(moves: Mapping[Any, Enum], states: Sequence[Enum], acts: Sequence[Enum]) -> str:
    """Every state and every act."""
    rows = (
        (
            f"`{state.value}`",
            *("—" if (to := moves.get((state, act))) is None else to.value for act in acts),
        )
        for state in states
    )
    return _table(("state", *(act.value for act in acts)), rows)


def _to(state: VersionState, to: VersionState | Barred) -> str:
    if isinstance(to, Barred):
        return f"refused: {to.fault.en}"
    return "—" if to is state else to.value


def meanings(kind: type) -> dict[str, str]:
    """What stands below each field of a class or member of an enumeration."""
    (body,) = ast.parse(inspect.getsource(kind)).body
    found: dict[str, str] = {}
    for line, below in pairwise(body.body if isinstance(body, ast.ClassDef) else []):
        match line, below:
            case (
                (ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name))),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
            case _:
                pass
    members = kind.__members__ if issubclass(kind, Enum) else {}
    return {**dict.fromkeys(members, ""), **found}


# ── the diagram ─────────────────────────────────────────────────────────────────────────────────────────────

LEFT, TOP, ROW, COLUMN = 104, 128, 34, 34
"""Where the lanes start, how far they are apart, and how far the moves are, in pixels."""
STYLE = """\
text { font: 12px sans-serif; fill: #222 }
line { stroke: #ccc }
.move { stroke: #06c; stroke-width: 2 }
.dot, .arrow { fill: #06c }"""


def diagram() -> str:
    """The moves of a commission as a drawing."""
    moves = [(state, event, to) for (state, event), to in lp.schemes.TRANSITIONS.items() if to is not state]
    return drawing("Moves between the states of a commission", lp.DealState, moves)


def alerts_diagram() -> str:
    """The moves of an alert as a drawing."""
    moves = [(state, move, to) for (state, move), to in ALERT_MOVES.items()]
    return drawing("Moves between the states of an alert", AlertState, moves)


def versions_diagram() -> str:
    """The moves of a version as a drawing."""
    moved = [(state, act, to) for (state, act), to in MOVES.items() if isinstance(to, VersionState)]
    return drawing(
        "Moves between the states of a version", VersionState, [move for move in moved if move[2] is not move[0]]
    )


def reviews_diagram() -> str:
    """The moves of a review as a drawing."""
    moves = [(state, act, to) for (state, act), to in REVIEW_MOVES.items()]
    return drawing("Moves between the states of a review", ReviewState, moves)


def cycle_diagram(what: str) -> str:
    """The moves of a participant, result or appeal as a drawing."""
    _, table, states, _ = CYCLE[what]
    moves = [(state, act, to) for (state, act), to in table.items()]
    return drawing(f"Moves between the states of a {what}", states, moves)


def feedback_diagram() -> str:
    """The moves of feedback as a drawing."""
    moves = [(state, act, to) for (state, act), to in FEEDBACK_MOVES.items()]
    return drawing("Moves between the states of feedback", FeedbackState, moves)


def proposals_diagram() -> str:
    """The moves of a proposal as a drawing."""
    moves = [(state, act, to) for (state, act), to in PROPOSAL_MOVES.items()]
    return drawing("Moves between the states of a proposal", ProposalState, moves)


def disputes_diagram() -> str:
    """The moves of a dispute as a drawing."""
    moves = [(state, act, to) for (state, act), to in DISPUTE_MOVES.items()]
    return drawing("Moves between the states of a dispute", DisputeState, moves)


def holds_diagram() -> str:
    """The moves of a hold as a drawing."""
    moves = [(state, act, to) for (state, act), to in HOLD_MOVES.items()]
    return drawing("Moves between the states of a hold", HoldState, moves)


def drawing(title: str, states: Iterable[Enum], moves: Sequence[tuple[Enum, Enum, Enum]]) -> str:
    """Moves as a drawing: a lane for each state, a column for each move."""
    lanes = list(states)
    lane = {state: TOP + index * ROW for index, state in enumerate(lanes)}
    width, height = LEFT + (len(moves) + 2) * COLUMN, TOP + len(lanes) * ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{title}</title>",
        f"<style>\n{STYLE}\n</style>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for state in lanes:
        parts.append(f'<line x1="{LEFT}" y1="{lane[state]}" x2="{width - COLUMN}" y2="{lane[state]}"/>')
        parts.append(f'<text x="8" y="{lane[state] + 4}">{escape(state.value)}</text>')
    for place, (state, event, to) in enumerate(moves):
        parts += _move(LEFT + (place + 1) * COLUMN - COLUMN // 2, lane[state], lane[to], event.value)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _move(x: int, start: int, end: int, name: str) -> Iterator[str]:
    """One column: the name of the event, a dot, and an arrow."""
    towards = 1 if end > start else -1
    if start == end:
        yield f'<text transform="translate({x},{TOP - 18}) rotate(-45)">{escape(name)}</text>'
        yield f'<circle class="dot" cx="{x}" cy="{start}" r="4"/>'
        yield f'<path class="move" fill="none" d="M{x} {start}c 14 -18 14 18 2 5"/>'
        yield f'<path class="arrow" d="M{x - 2} {start + 9}L{x + 8} {start + 9}L{x + 1} {start + 2}Z"/>'
        return
    yield f'<text transform="translate({x},{TOP - 18}) rotate(-45)">{escape(name)}</text>'
    yield f'<line class="move" x1="{x}" y1="{start}" x2="{x}" y2="{end - 8 * towards}"/>'
    yield f'<circle class="dot" cx="{x}" cy="{start}" r="4"/>'
    base = end - 9 * towards
    yield f'<path class="arrow" d="M{x - 5} {base}L{x + 5} {base}L{x} {end}Z"/>'


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|" for line in lines)


def _short(text: str) -> str:
    return text.replace("|", "\\|").rstrip(".")


def written() -> dict[str, str]:
    """Every file that this writes, by its name."""
    return {
        "transitions.md": life(),
        DIAGRAM: diagram(),
        "entries.md": entries(),
        "alerts.md": alerts(),
        ALERTS_DIAGRAM: alerts_diagram(),
        "confirmations.md": confirmations(),
        VERSIONS_DIAGRAM: versions_diagram(),
        "reviews.md": reviews(),
        REVIEWS_DIAGRAM: reviews_diagram(),
        "disputes.md": disputes(),
        DISPUTES_DIAGRAM: disputes_diagram(),
        HOLDS_DIAGRAM: holds_diagram(),
        "learning.md": learning(),
        FEEDBACK_DIAGRAM: feedback_diagram(),
        PROPOSALS_DIAGRAM: proposals_diagram(),
        "cycle.md": cycle(),
        **{f"cycle-{what}.svg": cycle_diagram(what) for what in CYCLE},
    }


if __name__ == "__main__":
    for name, text in written().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)
