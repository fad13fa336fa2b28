"""SchemeBook: the versions of a scheme, one for each day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise, zip_longest

from attrs import field, frozen

from loanperf._commission import DatedPlan
from loanperf._data import PlainData
from loanperf._periods import Period, day, in_calendar, must_be_period
from loanperf._scheme._definition import Scheme
from loanperf._validators import each_of, has_words
from loanperf.errors import ResolveError, VersionError


def _in_order(versions: Iterable[Scheme]) -> tuple[Scheme, ...]:
    given = each_of(
        versions, Scheme, "the versions of a scheme", "pass a list of schemes, such as [lp.read_scheme(path)]"
    )
    return tuple(sorted(given, key=lambda scheme: scheme.effective))


@frozen
class SchemeBook(PlainData):
    """The versions of one scheme in order of effective date, without overlap and gap.

    A version that does not say until when it holds is ended by the next one.

    Raises:
        DataError: something else than a list of schemes.
        VersionError: no version, two names or currencies, two versions on one day, an overlap or a gap.

    >>> import loanperf as lp
    >>> old = lp.template("consumer-finance")
    >>> new = old.rebalance("standard", {"npl_ratio": "25%"}, effective="2026-07-01")
    >>> SchemeBook([new, old]).at(date(2026, 6, 30)) == old
    True
    """

    versions: tuple[Scheme, ...] = field(converter=_in_order)
    backdated: tuple[tuple[str, str], ...] = ()
    """Fingerprints of versions that were published for days gone by, each with its reason; in that order."""

    def __attrs_post_init__(self) -> None:
        if not self.versions:
            raise VersionError("", "there is none", "give one at least")
        name = self.versions[0].name
        for before, after in pairwise(self.versions):
            if (before.name, before.currency) != (after.name, after.currency):
                fault = f"one is {before.name!r} in {before.currency}, another {after.name!r} in {after.currency}"
                raise VersionError(name, fault, "keep each scheme in a book of its own")
            if before.effective == after.effective:
                raise VersionError(name, f"two versions start on {after.effective}", "keep one of them")
            if before.until is not None and after.effective < before.until:
                fault = f"one holds until {before.until}, and the next starts on {after.effective} already"
                raise VersionError(name, fault, "end the first where the second starts, or leave its until out")
            if before.until is not None and after.effective > before.until:
                fault = f"none holds from {before.until} to {after.effective}"
                raise VersionError(name, fault, "leave out until of the first, or start the second earlier")

    def at(self, on: date | str) -> Scheme:
        """The version in force on a day.

        Raises:
            ResolveError: none is.
        """
        on = day(on)
        started = [scheme for scheme in self.versions if scheme.effective <= on]
        if started and started[-1].holds_on(on):
            return started[-1]
        known = ", ".join(str(scheme.effective) for scheme in self.versions)
        what = f"{self.versions[0].name!r} on {on}"
        raise ResolveError(what, "no version is in force", f"versions start on {known}")

    def period(self, period: Period) -> Period:
        """A pay period as one of the calendar of the version in force at its end; as it is where that has none.

        Raises:
            PeriodError: it is no period of that calendar.
        """
        must_be_period(period)
        return in_calendar(period, ((scheme.effective, scheme.calendar) for scheme in self.versions))

    def plans(self) -> tuple[DatedPlan, ...]:
        """The commission plans of every version, with the days on which each is in force.

        A version ends where it says, or else where the next one starts.
        """
        ends = [scheme.effective for scheme in self.versions[1:]]
        dated = zip_longest(self.versions, ends)
        return tuple(item for scheme, end in dated for item in scheme.dated_plans(scheme.until or end))

    def publish(self, scheme: Scheme, *, as_of: date | str, backdated_because: str = "") -> SchemeBook:
        """The book with one more version, put in by its effective date; one of the same effective date is replaced.

        What was in use on `as_of` changes only on purpose: with a reason. A backdated version holds from its own
        effective date until the next version starts; pay of closed periods is corrected by the ledger.

        Args:
            scheme: the version.
            as_of: the last day on which versions are known to be in use.
            backdated_because: why a version starts on or before `as_of`; kept in `backdated`.

        Raises:
            VersionError: the version starts on or before `as_of`, and there is no reason; or versions then overlap
                or leave a gap.
        """
        as_of = day(as_of)
        if scheme in self.versions:
            return self
        backdated = self.backdated
        if scheme.effective <= as_of:
            if not has_words(backdated_because):
                fault = f"a version from {scheme.effective} would change what is in use on {as_of}"
                remedy = "give it an effective date after that day, or say why in backdated_because"
                raise VersionError(scheme.name, fault, remedy)
            backdated = (*backdated, (scheme.fingerprint, backdated_because))
        versions = [kept for kept in self.versions if kept.effective != scheme.effective]
        return SchemeBook([*versions, scheme], backdated)
