"""Bonuses: (bonus plan, appraisals) -> awards; pools; columns inside, rows outside."""

from loanperf._bonus._award import Award, award
from loanperf._bonus._award_all import award_all
from loanperf._bonus._awards import Awards
from loanperf._bonus._pool import bonus_limit, share_pool

__all__ = ["Award", "Awards", "award", "award_all", "bonus_limit", "share_pool"]
