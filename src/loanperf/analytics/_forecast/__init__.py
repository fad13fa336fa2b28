"""Forecasts: what subjects came to, period by period -> what is expected next, with intervals and how well that did."""

from loanperf.analytics._forecast._errors import mape, moves, scaled
from loanperf.analytics._forecast._forecast import forecast
from loanperf.analytics._forecast._history import History
from loanperf.analytics._forecast._methods import mean_of_three, moving_average, simple, smoothed
from loanperf.analytics._forecast._result import (
    Forecast,
    ForecastPoint,
    ForecastTest,
    NotForecast,
    SubjectForecast,
)

__all__ = [
    "Forecast",
    "ForecastPoint",
    "ForecastTest",
    "History",
    "NotForecast",
    "SubjectForecast",
    "forecast",
    "mape",
    "mean_of_three",
    "moves",
    "moving_average",
    "scaled",
    "simple",
    "smoothed",
]
