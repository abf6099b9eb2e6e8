"""The history of the tables, as Alembic revisions."""

VERSION_TABLE = "taxlift_version"
"""Ours alone, so that Prefect's or anybody else's migrations can share the database."""
