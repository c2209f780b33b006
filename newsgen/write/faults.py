"""Faults of templates told as the desk's to mend: by file and line; in: an exception, out: a PluginError, or None when it is ours."""

from __future__ import annotations

import traceback

from jinja2 import Template, TemplateSyntaxError

from newsgen.errors import PluginError

__all__ = ["template_fault"]


def template_fault(error: Exception) -> PluginError | None:
    """What is wrong in which template; None for an exception that passed through none."""
    if isinstance(error, TemplateSyntaxError):
        return PluginError(error.filename or error.name or "template", str(error.message), line=error.lineno)
    place = _place_in_template(error)
    return PluginError(place[0], f"{type(error).__name__}: {error}", line=place[1]) if place else None


def _place_in_template(error: Exception) -> tuple[str, int] | None:
    """The template and line where an exception passed. Blocks are called one by one, so Jinja does not put them into the traceback."""
    places = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            places.append((template.filename or template.name or "template", template.get_corresponding_lineno(line)))
    return places[-1] if places else None
