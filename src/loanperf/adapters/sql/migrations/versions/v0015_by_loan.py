"""Facts by their loan: a run that works some loans looks at no row of the others."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the index."""
    op.create_index("facts_by_loan", "facts", ["form", "loan"])
