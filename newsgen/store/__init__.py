"""The archive and the newsroom's memory; in: readings and articles, out: what was known and what was done. SQL stands only here.

Nothing is imported here, since half of it is slow to: take `newsgen.store.memory`, `.history` and `.manual` for folders (quick), and
`.database` with `.archive` for a database.
"""
