"""The reader: how a stranger understands a finished text; in: text and words, out: sentences with what they claim.

Knows no figure and no template. `words.py` holds the vocabulary, `clauses.py` cuts the text, `numerals.py` and `dates.py` read
amounts and moments, `bind.py` says what belongs to what.
"""

from newsgen.check.reader.bind import Sentence, read_text
from newsgen.check.reader.words import PostWords, ReaderWords, load_reader_words, with_zone

__all__ = ["PostWords", "ReaderWords", "Sentence", "load_reader_words", "read_text", "with_zone"]
