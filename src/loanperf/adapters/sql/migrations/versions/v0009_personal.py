"""What is personal of archived results, apart from the streams, in which nothing can be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table; readers of a company do not see it."""
    op.create_table(
        "personal",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("payee", sa.String(200), nullable=False),
        sa.Column("salt", sa.Text()),
        sa.Column("said", sa.Text()),
        sa.Column("sealed", sa.Text()),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("company", "commitment"),
    )
    op.create_index("personal_of_payee", "personal", ["company", "payee"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE personal ENABLE ROW LEVEL SECURITY")
