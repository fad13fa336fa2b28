"""Who may see whom: a page of somebody else is refused, and whom a viewer sees does not depend on how it was said."""

import pickle
from typing import Any

import pytest

import loanperf as lp
from loanperf.viewer import Viewer


@pytest.mark.parametrize(
    ("sees", "seen"),
    [
        ("all", ["E01", "E02", "E03"]),
        ("self", ["E01"]),
        ({"E03", "E02"}, ["E02", "E03"]),
        (["E01"], ["E01"]),
        ((), []),
    ],
)
def test_a_viewer_sees_whom_the_host_named_and_nobody_else(sees: object, seen: list[str]) -> None:
    """Pay of others is not a page away; a lead who is not among the named does not see themselves either."""
    viewer = Viewer(who="E01", sees=sees)

    assert seen == [payee for payee in ("E01", "E02", "E03") if viewer.may_see(payee)]


def test_what_is_not_theirs_is_refused_by_name() -> None:
    """A host answers a refusal with 403, and so must tell it from data that is wrong."""
    viewer = Viewer(who="E01", sees="self")
    viewer.must_see("E01")
    with pytest.raises(lp.errors.RightsError, match="'E01' may not see the figures of 'E02'; ask as a viewer who"):
        viewer.must_see("E02")


def test_how_often_and_in_what_order_payees_are_named_says_nothing() -> None:
    """Two viewers who see the same people are one, so that a cache of pages does not depend on a host's lists."""
    viewer = Viewer(who="E01", sees=["E03", "E02", "E03"])

    assert Viewer(who="E01", sees={"E02", "E03"}) == viewer
    assert ("E02", "E03") == viewer.sees
    assert viewer == Viewer.from_data(viewer.data()) == pickle.loads(pickle.dumps(viewer))  # noqa: S301 - our own


@pytest.mark.parametrize("sees", ["everybody", "E02", None, 7, ["E02", {}], True])
def test_whom_a_viewer_sees_is_never_guessed(sees: object) -> None:
    """A code passed as a text would be read character by character, and a word mistyped would show nobody, or all."""
    with pytest.raises(lp.errors.DataError, match=r"the viewer 'E01': sees is .*; write 'all', 'self' or the codes"):
        Viewer(who="E01", sees=sees)


@pytest.mark.parametrize("who", ["", " ", "E\n1", None, 7])
def test_a_viewer_has_a_code(who: Any) -> None:
    """A record of who looked at what needs somebody to name."""
    with pytest.raises(lp.errors.DataError, match=r"a viewer: who is .*; give the code"):
        Viewer(who=who, sees="all")
