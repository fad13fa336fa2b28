"""Pay of books at random: whatever features meet, each amount is that of the plain reference."""

from collections import Counter
from itertools import combinations
from random import Random

from tests.books_of_pay import FEATURES, Draft, features_of

BOOKS = 2000


def test_every_two_features_meet() -> None:
    """Faults hide where two rules meet: each pair of features is in 20 books at least, and 200 are at the edges."""
    features = [features_of(Draft(chance=Random(seed))) for seed in range(BOOKS)]  # noqa: S311
    pairs = Counter(pair for found in features for pair in combinations(sorted(found), 2))

    assert all(pairs[pair] >= 20 for pair in combinations(sorted(FEATURES), 2))
    assert sum("edges" in found for found in features) >= 200
