"""How older records become today's: one file per revision in `versions`, each of which only adds.

A new revision: change `tables.py`, write the next file by hand (ADD COLUMN with a default or nullable, new table, new
index; never drop, rename or rebuild a table: SQLite would rebuild it and take the child rows along), append its id to
`schema.REVISIONS`. A test holds the two ways of making a database to the same result.
"""
