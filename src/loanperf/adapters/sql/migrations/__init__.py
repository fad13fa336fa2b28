"""Migrations of the schema, one file a version. Tables of SQLite are STRICT: what is added there is TEXT or INTEGER."""
