"""Secrets print as ***, and come from the environment or from a file that nobody else can read."""

from __future__ import annotations

import json
import logging
import pickle
from pathlib import Path

import pytest

from newsgen.errors import ConfigError
from newsgen.secret import Secret, read_secret, read_secrets_file

CANARY = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5"


def test_a_secret_prints_as_stars_however_it_is_printed() -> None:
    secret = Secret(CANARY)
    log = logging.LogRecord("n", logging.INFO, "p", 1, "key %s %r", (secret, secret), None).getMessage()
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", "%s" % secret, f"{[secret]}", f"{ {'k': secret} }", log]  # noqa: UP031
    assert all("***" in text and CANARY not in text for text in shown)


def test_a_secret_is_written_nowhere() -> None:
    with pytest.raises(TypeError):
        json.dumps({"key": Secret(CANARY)})
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        "".join([Secret(CANARY)])  # type: ignore[list-item]


def test_secrets_are_equal_by_value_and_not_equal_to_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret(CANARY).reveal() == CANARY


def file_of(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "secrets.env"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    path = file_of(tmp_path, "A=from-file\nB=from-file\n")
    assert read_secret("A", {"A": "from-env"}, path) == Secret("from-env")
    assert read_secret("B", {"A": "from-env"}, path) == Secret("from-file")
    assert read_secret("B", {"B": ""}, path) == Secret("from-file")
    assert read_secret("C", {}, path) is None
    assert read_secret("C", {}) is None


def test_lines_are_read_as_shells_write_them(tmp_path: Path) -> None:
    path = file_of(tmp_path, "# a comment\n\nexport A=1\nB = \"two words\"\nC='3'\nD=a=b==\nE=\n")
    assert read_secrets_file(path) == {"A": "1", "B": "two words", "C": "3", "D": "a=b==", "E": ""}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644, 0o601])
def test_a_file_that_others_can_reach_is_refused_and_says_why(tmp_path: Path, mode: int) -> None:
    path = file_of(tmp_path, f"A={CANARY}\n", mode)
    with pytest.raises(ConfigError) as caught:
        read_secrets_file(path)
    assert f"mode {mode:o}" in str(caught.value)
    assert "chmod 600" in str(caught.value)
    assert str(path) in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_line_that_is_none_is_named_by_number_only(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_secrets_file(file_of(tmp_path, f"A=1\n{CANARY}\n"))
    assert ":2: is no NAME=value" in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secrets_file(tmp_path / "none.env")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secrets_file(tmp_path)
