"""The archive and the newsroom's memory; in: readings and articles, out: what was known and what was done. SQL lives here only."""
