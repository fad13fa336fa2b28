"""Whether principal of a loan that is repaid may be drawn again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what loans say; those that are held say nothing, which is no."""
    op.add_column("facts", sa.Column("revolving", sa.Boolean()))
