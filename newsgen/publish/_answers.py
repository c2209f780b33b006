"""An answer's JSON in a form that is known; in: an answer and a model, out: the model, or an error that says what is to be done."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from newsgen.publish._wire import Answer, Wire, json_of

__all__ = ["read_as"]


def read_as(kind: Any, answer: Answer, wire: Wire, whose: str) -> Any:
    """The JSON of a good answer as this kind.

    Args:
        kind: A model, or a list of one.
        whose: "WordPress", for the error.

    Raises:
        PublishUnavailable: It is no JSON, or not what was asked for; a write may have been done all the same.
    """
    try:
        return _adapter(kind).validate_python(json_of(answer, wire))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        problem = f"{answer.asked}: answered {answer.status} in a form that is not {whose}'s own ({where})"
        raise wire.unavailable(problem, status=answer.status, may_be_stored=answer.writes) from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
