"""Salaries and accounts sealed with a host's key; readers who see one company."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COMPANIES = (
    "facts",
    "cursors",
    "streams",
    "records",
    "schemes",
    "targets",
    "readings",
    "units",
    "payees",
    "assignments",
    "accounts",
    "payments",
)


def upgrade() -> None:
    """Add what is sealed, and the policies by which PostgreSQL asks whose rows a reader sees."""
    op.add_column("assignments", sa.Column("sealed", sa.Text()))
    op.create_table(
        "accounts",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("payee", sa.String(200), nullable=False),
        sa.Column("account", sa.Text()),
        sa.Column("sealed", sa.Text()),
        sa.PrimaryKeyConstraint("company", "payee"),
    )
    op.create_table(
        "scopes",
        sa.Column("role", sa.String(200), nullable=False),
        sa.Column("company", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("role", "company"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _policies()


def _policies() -> None:
    """A reader sees its own scopes, and the rows of their companies; the owner of the tables sees all."""
    op.execute("ALTER TABLE scopes ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY own_scopes ON scopes FOR SELECT USING (role = current_user)")
    for table in _COMPANIES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        seen = "SELECT scopes.company FROM scopes WHERE scopes.role = current_user"
        op.execute(f"CREATE POLICY own_company ON {table} FOR SELECT USING (company IN ({seen}))")
