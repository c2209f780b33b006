"""Tests of an angle that a desk has written; in: a template root and a name, out: nothing, or an AssertionError that tells why."""

from __future__ import annotations

from pathlib import Path

from newsgen.author import check_angles, unfinished

__all__ = ["assert_angle"]


def assert_angle(root: Path, name: str) -> None:
    """The angle is finished, has no fault, and its rule says of each case what the case wants.

    Raises:
        AssertionError: Names file and line of each place.
    """
    assert (root / "angles" / name).is_dir(), f"there is no angle {name} below {root}"
    to_do = unfinished(root, name)
    assert not to_do, "still to do:\n" + "\n".join(to_do)
    faults = [str(fault) for fault in check_angles((root,)) if fault.where.startswith(f"{name}/")]
    assert not faults, "\n".join(faults)
