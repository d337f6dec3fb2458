"""Search over procedures and passages; one index that follows the database."""
