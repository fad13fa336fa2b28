"""Rows of feeds are compared by their cells and no longer by digests, and are found by source and code alone."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TEXTS = (
    "collateral",
    "customer_type",
    "number",
    "product",
    "rater",
    "segment",
    "topic",
)
_TRUTHS = (
    "revolving",
    "upheld",
)
"""What may be left out, and is NULL then."""


def upgrade() -> None:
    """Drop what nothing asks for; what a fact leaves out is NULL, where it was an empty text or no."""
    made_anew: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("facts", recreate=made_anew, table_kwargs={"sqlite_with_rowid": False}) as table:
        table.drop_index("facts_by_loan")
        table.drop_column("digest")
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE facts ALTER COLUMN row_code TYPE VARCHAR(200) COLLATE "C"')
    texts = [sa.column(name, sa.Text()) for name in _TEXTS]
    truths = [sa.column(name, sa.Boolean()) for name in _TRUTHS]
    empty = {column: sa.func.nullif(column, "") for column in texts}
    no = {column: sa.case((column, sa.true())) for column in truths}
    op.execute(sa.table("facts", *texts, *truths).update().values({**empty, **no}))
