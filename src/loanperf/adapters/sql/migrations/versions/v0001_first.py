"""The first schema: facts, streams of entries, schemes, people, payments."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_UNITS = (
    "amount_units",
    "appraised_units",
    "benchmark_units",
    "outstanding_units",
    "overdue_units",
)
_TRUTHS = (
    "authorised",
    "permitted",
)
_TEXTS = (
    "category",
    "collateral",
    "course",
    "customer",
    "customer_type",
    "funding_rate",
    "interest_rate",
    "into",
    "kind",
    "loan",
    "number",
    "officer",
    "payee",
    "points",
    "product",
    "rate",
    "rater",
    "role",
    "score",
    "segment",
    "share",
    "topic",
)
_DAYS = (
    "completed_on",
    "first_due_on",
    "on_day",
    "opened_on",
    "since",
    "until",
)
_NUMBERS = (
    "days",
    "term_months",
)


def upgrade() -> None:
    """Create the tables."""
    _facts()
    _streams()
    _schemes()
    _people()


def _facts() -> None:
    """Rows of feeds."""
    op.create_table(
        "facts",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("row_code", sa.String(200), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("fact_source", sa.Text()),
        sa.Column("currency", sa.String(3)),
        *(sa.Column(name, sa.BigInteger()) for name in _UNITS),
        *(sa.Column(name, sa.Boolean()) for name in _TRUTHS),
        *(sa.Column(name, sa.Text()) for name in _TEXTS),
        *(sa.Column(name, sa.Date()) for name in _DAYS),
        *(sa.Column(name, sa.Integer()) for name in _NUMBERS),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("company", "source", "row_code"),
    )
    op.create_index("facts_by_loan", "facts", ["company", "form", "loan"])
    op.create_table(
        "cursors",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company", "source"),
    )


def _streams() -> None:
    """Streams of entries, and the outbox."""
    op.create_table(
        "streams",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("stream", sa.String(200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company", "stream"),
    )
    op.create_table(
        "records",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("stream", sa.String(200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("company", "stream", "version"),
    )
    op.create_table(
        "payments",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("payee", sa.String(200), nullable=False),
        sa.Column("period", sa.String(30), nullable=False),
        sa.Column("amount_units", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("earned_units", sa.BigInteger()),
        sa.Column("earned_currency", sa.String(3)),
        sa.Column("rate", sa.Text()),
        sa.Column("rate_on", sa.Date()),
        sa.Column("rate_source", sa.Text()),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("company", "key"),
    )


def _schemes() -> None:
    """Schemes, targets and readings."""
    op.create_table(
        "schemes",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("in_book", sa.Boolean(), nullable=False),
        sa.Column("backdated_because", sa.Text()),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("company", "name", "fingerprint"),
    )
    op.create_table(
        "targets",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("period", sa.String(30), nullable=False),
        sa.Column("payee", sa.String(200), nullable=False),
        sa.Column("indicator", sa.String(200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("company", "period", "payee", "indicator"),
    )
    op.create_table(
        "readings",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("period", sa.String(30), nullable=False),
        sa.Column("payee", sa.String(200), nullable=False),
        sa.Column("indicator", sa.String(200), nullable=False),
        sa.Column("numerator", sa.Text(), nullable=False),
        sa.Column("denominator", sa.Text()),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("company", "period", "payee", "indicator"),
    )


def _people() -> None:
    """Who works where."""
    op.create_table(
        "units",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.String(200)),
        sa.Column("until", sa.Date()),
        sa.PrimaryKeyConstraint("company", "code", "since"),
    )
    op.create_table(
        "payees",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company", "code"),
    )
    op.create_table(
        "assignments",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("payee", sa.String(200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("unit", sa.String(200), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("product_line", sa.Text(), nullable=False),
        sa.Column("salary_units", sa.BigInteger()),
        sa.Column("salary_currency", sa.String(3)),
        sa.Column("base_units", sa.BigInteger()),
        sa.Column("base_currency", sa.String(3)),
        sa.PrimaryKeyConstraint("company", "payee", "since"),
    )
