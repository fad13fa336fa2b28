"""Complaints of customers about payees."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what complaints say beside columns that there are; no row that is held says it."""
    op.add_column("facts", sa.Column("upheld", sa.Boolean()))
