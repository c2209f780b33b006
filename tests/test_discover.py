"""The user's cache, and what may be run from it."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest
from desk import edition

from newsgen.discover import cache_folder, folder_stamp, load_constants
from newsgen.errors import PluginError
from newsgen.pipeline import Order, load_newsroom, write_article
from newsgen.write import compiled


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "newsgen"


def article() -> str:
    """A sample as it is written by a newsroom that is loaded afresh."""
    outcome = write_article(load_newsroom(), edition("2025-07-14-squeeze").view, Order("2025-07-14-squeeze", seed=1))
    assert outcome.article is not None
    return outcome.article.dumps()


def kept(cache: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in cache.iterdir()}


def test_compiled_templates_are_kept_and_give_the_same_words(cache: Path) -> None:
    first = article()
    files = kept(cache)
    assert len(files) > 5
    assert all(name.endswith(".template") for name in files)
    assert article() == first
    assert kept(cache) == files


def test_a_damaged_file_is_made_again(cache: Path) -> None:
    first = article()
    whole = kept(cache)
    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:30])
    assert article() == first
    assert kept(cache) == whole


def test_another_compiler_does_not_use_what_this_one_made(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    article()
    ours = kept(cache)
    monkeypatch.setattr(compiled.jinja2, "__version__", "99.0")
    article()
    assert kept(cache).keys() == ours.keys()
    assert all(kept(cache)[name] != body for name, body in ours.items())


def test_what_cannot_be_written_is_left(cache: Path) -> None:
    cache.mkdir()
    found = compiled.CompiledTemplates(cache)
    cache.rmdir()
    bucket = found.get_bucket(None, "a", "a", "text")  # type: ignore[arg-type]
    assert bucket.code is None
    bucket.code = compile("1", "a", "eval")
    found.set_bucket(bucket)
    assert not cache.exists()


def test_cache_is_in_the_named_folder_for_this_user_alone(cache: Path) -> None:
    assert cache_folder() == cache
    assert cache.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_is_not_used(cache: Path, mode: int) -> None:
    cache.mkdir()
    cache.chmod(mode)
    assert cache_folder() is None


@pytest.mark.skipif(sys.platform == "win32", reason="no users by number")
def test_a_folder_of_another_user_is_not_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir()
    monkeypatch.setattr("os.getuid", lambda: cache.stat().st_uid + 1)
    assert cache_folder() is None


def test_no_cache_where_none_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache_folder() is None
    assert article()


def test_a_relative_folder_is_passed_over_as_the_standard_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "newsgen"


def test_a_folder_is_its_own_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "kinds"
    package.mkdir()
    for name, text in (("b", "KIND = 2"), ("a", "KIND = 1"), ("_kit", "KIND = 3")):
        (package / f"{name}.py").write_text(text, "utf-8")
    (package / "inner").mkdir()
    module = types.ModuleType("kinds")
    module.__path__ = [str(package)]
    monkeypatch.setitem(sys.modules, "kinds", module)
    assert list(load_constants(module, "KIND", int).items()) == [("a", 1), ("b", 2)]
    (package / "c.py").write_text("KIND = 'text'", "utf-8")
    with pytest.raises(PluginError, match=r"kinds\.c.*wants a constant KIND of type int"):
        load_constants(module, "KIND", int)
    for name in ("a", "b", "c"):
        sys.modules.pop(f"kinds.{name}", None)


def test_a_stamp_changes_with_each_file_and_bears_one_that_vanishes(tmp_path: Path) -> None:
    (tmp_path / "angles").mkdir()
    stamps = [folder_stamp(tmp_path)]
    (tmp_path / "angles" / "en.j2").write_text("a", "utf-8")
    stamps.append(folder_stamp(tmp_path))
    (tmp_path / "angles" / "en.j2").write_text("ab", "utf-8")
    stamps.append(folder_stamp(tmp_path))
    (tmp_path / "angles" / ".en.j2.part").symlink_to(tmp_path / "gone")
    assert folder_stamp(tmp_path) == stamps[-1]
    assert len(set(stamps)) == 3
