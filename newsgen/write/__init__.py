"""Wording: from plan to text; in: a DocumentPlan, a Book and words as data, out: an Article with its ledger."""

from newsgen.write.article import Stamp, write
from newsgen.write.environment import compile_all, make_environment
from newsgen.write.faults import template_fault
from newsgen.write.lexicon import Lexicon, load_lexicon
from newsgen.write.proofread import REQUIRED_BLOCKS, proofread
from newsgen.write.render import Rendered, Unsayable, Wording, Words
from newsgen.write.style import HouseStyle, in_zone, load_style
from newsgen.write.tables import load_tables
from newsgen.write.vary import Choice, Choices

__all__ = [
    "REQUIRED_BLOCKS",
    "Choice",
    "Choices",
    "HouseStyle",
    "Lexicon",
    "Rendered",
    "Stamp",
    "Unsayable",
    "Wording",
    "Words",
    "compile_all",
    "in_zone",
    "load_lexicon",
    "load_style",
    "load_tables",
    "make_environment",
    "proofread",
    "template_fault",
    "write",
]
