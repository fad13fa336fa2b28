"""Rows of feeds say with which mark they were taken, so that a run works what is new alone."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add what tells when rows were taken; those that are held were taken before all marks."""
    op.add_column("facts", sa.Column("mark", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("facts", sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("facts", sa.Column("loans_before", sa.Text()))
    op.create_index("facts_by_mark", "facts", ["company", "mark"])
    op.add_column("cursors", sa.Column("begun", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "marks",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("company"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _policies()


def _policies() -> None:
    """Who reads the facts of a company reads how far they are."""
    op.execute("ALTER TABLE marks ENABLE ROW LEVEL SECURITY")
    seen = "SELECT scopes.company FROM scopes WHERE scopes.role = current_user"
    op.execute(f"CREATE POLICY own_company ON marks FOR SELECT USING (company IN ({seen}))")
    bind = op.get_bind()
    readers = bind.execute(sa.text("SELECT DISTINCT role FROM scopes JOIN pg_roles ON rolname = role")).scalars().all()
    for role in readers:
        quoted = bind.dialect.identifier_preparer.quote_identifier(role)
        bind.exec_driver_sql(f"GRANT SELECT ON marks TO {quoted}".replace("%", "%%"))
