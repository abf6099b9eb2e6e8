"""What a department expects of its returns as a whole, asked of the database."""
