"""A in OpenFisca-Core: a variable for each indicator, weights as parameters by role; inexact, in float32."""

from collections.abc import Callable
from typing import Any

import numpy as np
from benchmarks.books import CAP, CODES, LOWER, WEIGHTS, ScoreBook
from benchmarks.score_peers import Scores, Work
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

MONTH = "2026-03"
Role: Any = Enum("Role", list(WEIGHTS))
MONEY = ("loan_amount", "disbursed_amount")
Formula = Callable[[Any, Any, Any], Any]


def openfisca(book: ScoreBook) -> Work:
    """Weights looked up by numpy; inputs are set before, and what is timed are the formulas with empty caches."""
    return _worked(book, _points)


def openfisca_by_role(book: ScoreBook) -> Work:
    """The way its handbook shows: parameters indexed by a column, which it looks up one payee at a time."""
    return _worked(book, _points_by_role)


def _worked(book: ScoreBook, points: Callable[[str], Formula]) -> Work:
    person = build_entity(key="payee", plural="payees", label="a payee", is_person=True)
    system = TaxBenefitSystem([person])
    weights = {
        code: {name: {"values": {"2026-01-01": held[place]}} for name, held in WEIGHTS.items()}
        for place, code in enumerate(CODES)
    }
    system.parameters = ParameterNode("", data={"weights": weights})
    for variable in _variables(person, points):
        system.add_variable(variable)
    simulation = SimulationBuilder().build_default_simulation(system, count=book.rows)
    simulation.set_input("role", MONTH, book.profile)
    simulation.set_input("salary", MONTH, book.month / 100)
    for code in CODES:
        unit = 100 if code in MONEY else 1
        simulation.set_input(code, MONTH, book.actual[code] / unit)
        simulation.set_input(f"{code}_target", MONTH, book.target[code] / unit)
    worked = [*(f"{code}_points" for code in CODES), "score", "bonus"]

    def work() -> Scores:
        for name in worked:
            simulation.delete_arrays(name)
        bonus = simulation.calculate("bonus", MONTH)
        return Scores(simulation.calculate("score", MONTH), bonus, per_point=1, per_yuan=1)

    return work


def _variables(person: Any, points: Callable[[str], Formula]) -> list[Any]:
    """The inputs, then what is made of them."""

    def variable(name: str, kind: Any = float, **more: Any) -> Any:
        fields = {"value_type": kind, "entity": person, "definition_period": DateUnit.MONTH, "label": name, **more}
        return type(name, (Variable,), fields)

    inputs = [variable("role", Enum, possible_values=Role, default_value=Role.standard), variable("salary")]
    inputs += [variable(name) for code in CODES for name in (code, f"{code}_target")]
    worked = [variable(f"{code}_points", formula=points(code)) for code in CODES]
    return [*inputs, *worked, variable("score", formula=_score), variable("bonus", formula=_bonus)]


def _points(code: str) -> Formula:
    def formula(payee: Any, period: Any, parameters: Any) -> Any:
        held = parameters(period).weights[code]
        weights = np.array([held[name] for name in WEIGHTS], dtype=np.float32)
        return np.round(_share(payee, period, code) * weights[payee("role", period).view(np.ndarray)], 1)

    return formula


def _points_by_role(code: str) -> Formula:
    def formula(payee: Any, period: Any, parameters: Any) -> Any:
        return np.round(_share(payee, period, code) * parameters(period).weights[code][payee("role", period)], 1)

    return formula


def _share(payee: Any, period: Any, code: str) -> Any:
    share = payee(code, period) / payee(f"{code}_target", period)
    return np.minimum(2 - share if code in LOWER else share, CAP)


def _score(payee: Any, period: Any, _parameters: Any) -> Any:
    return sum(payee(f"{code}_points", period) for code in CODES)


def _bonus(payee: Any, period: Any, _parameters: Any) -> Any:
    score = payee("score", period)
    months = np.where(score <= 100, score / 100, 0.9 + score / 1_000)
    return np.round(months * payee("salary", period), 2)
