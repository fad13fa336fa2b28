"""How many rows of a company are held, so that a run that works some loans need not count them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Count the rows that are held; who took rows before there were marks gets one."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("marks", sa.Column("taken", whole, nullable=False, server_default="0"))
    there = "SELECT company FROM marks"
    op.execute(f"INSERT INTO marks (company) SELECT DISTINCT company FROM facts WHERE company NOT IN ({there})")
    op.execute("UPDATE marks SET taken = (SELECT count(*) FROM facts WHERE facts.company = marks.company)")
