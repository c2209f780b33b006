"""Planning: from pitches to a document plan; in: ranked pitches and a form, out: ordered messages or Quiet."""

from newsgen.plan.document import Brief, Saying, plan
from newsgen.plan.form import Form, load_forms

__all__ = ["Brief", "Form", "Saying", "load_forms", "plan"]
