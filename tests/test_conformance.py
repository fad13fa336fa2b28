"""Every published case is named by the test that passes it, or stands here with the reason why it does not apply."""

import re
from pathlib import Path
from typing import Any

LATER: dict[str, str] = {}
"""Cases that later parts of the library will pass, by what they wait for."""

NEVER = {
    "days past due are what the host's loan system states; ageing its instalments is that system's work": """
        fineract-inst-16nov fineract-inst-25oct fineract-grace-day1 fineract-grace-day3 fineract-second-pause
        fineract-two-months fineract-unit-overdue-2 fineract-next-due fineract-pause-ended fineract-resume
    """,
    "a trend that multiplies without end runs away: those of forecasts are sums that fade": "holt-air-exponential",
    "it counts the days that clerks save, which no scheme does": "seed-hr-efficiency",
}
"""Cases that are another system's work, or of a method that is not used on purpose, by reason."""


def left_out() -> list[str]:
    return [case for group in (LATER, NEVER) for cases in group.values() for case in cases.split()]


def named() -> set[str]:
    """Every quoted word of the other test files."""
    files = Path(__file__).parent.glob("test_*.py")
    texts = [file.read_text(encoding="utf-8") for file in files if file != Path(__file__)]
    return {word for text in texts for word in re.findall(r"[\"']([\w.-]+)[\"']", text)}


def test_every_case_is_tested_or_left_out_for_a_reason(published: list[dict[str, Any]]) -> None:
    """A published result that nobody looked at would prove nothing."""
    cases = {case["id"] for case in published}
    assert set() == cases - named() - set(left_out())


def test_no_case_is_both_tested_and_left_out() -> None:
    """A case that passes has no place among those that wait."""
    assert set() == named() & set(left_out())


def test_each_case_is_left_out_once_and_exists(published: list[dict[str, Any]]) -> None:
    """A misspelt id would hide a case that is missing."""
    cases = {case["id"] for case in published}
    assert sorted(set(left_out())) == sorted(left_out())
    assert set() == set(left_out()) - cases
