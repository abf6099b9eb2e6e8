"""All that touches the database and the archive."""
