"""The angle NAME: sound, finished, and true to its cases."""

from pathlib import Path

from newsgen.testing.angles import assert_angle


def test_NAME() -> None:
    assert_angle(Path(__file__).parents[1] / "templates", "NAME")
