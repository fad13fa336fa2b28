"""Forecasts: what subjects came to, period by period -> what is expected next, with intervals and how well that did."""

from loanperf.analytics._forecast._errors import mape, moves, naive_scaled
from loanperf.analytics._forecast._forecast import forecast
from loanperf.analytics._forecast._history import PastValues
from loanperf.analytics._forecast._methods import mean_of_three, moving_average, simple, smoothed
from loanperf.analytics._forecast._result import (
    Forecast,
    ForecastPoint,
    ForecastTest,
    NotForecast,
    SubjectForecast,
)
from loanperf.analytics._forecast._rule import with_seasons

__all__ = [
    "Forecast",
    "ForecastPoint",
    "ForecastTest",
    "NotForecast",
    "PastValues",
    "SubjectForecast",
    "forecast",
    "mape",
    "mean_of_three",
    "moves",
    "moving_average",
    "naive_scaled",
    "simple",
    "smoothed",
    "with_seasons",
]
