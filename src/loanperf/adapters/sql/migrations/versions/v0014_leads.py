"""Leads that are assigned to payees, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the columns that only leads have; rows from before have none of them."""
    bind = op.get_bind()
    for name in ("origin", "led_to"):
        op.add_column("facts", sa.Column(name, sa.Text()))
    for name in ("followed_on", "converted_on"):
        if bind.dialect.name == "postgresql":
            op.add_column("facts", sa.Column(name, sa.Date()))
        else:
            is_day = f"""CHECK ("{name}" IS date("{name}", '+0 days'))"""
            bind.exec_driver_sql(f'ALTER TABLE "facts" ADD COLUMN "{name}" TEXT CONSTRAINT "facts_{name}" {is_day}')
