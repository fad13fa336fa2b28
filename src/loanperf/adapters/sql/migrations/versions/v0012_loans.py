"""What loans may say too: their loan to value, and how far the customer pays less than the list price."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add what loans say; those that are held say nothing."""
    for name in ("discount", "ltv"):
        op.add_column("facts", sa.Column(name, sa.Text()))
