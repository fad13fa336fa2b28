"""Bonuses: (bonus plan, appraisals) -> awards; pools; columns inside, rows outside."""

from loanperf._bonus._award import Award, award, award_error
from loanperf._bonus._award_all import award_all, award_columns
from loanperf._bonus._awards import Awards
from loanperf._bonus._pool import ByHand, bonus_limit, share_pool

__all__ = [
    "Award",
    "Awards",
    "ByHand",
    "award",
    "award_all",
    "award_columns",
    "award_error",
    "bonus_limit",
    "share_pool",
]
