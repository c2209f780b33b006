"""Lets tests import the helpers that lie beside them (desk.py, mutants.py), and keeps what is compiled, templates and modules, in the
checkout: hundreds of tests start a newsgen of their own, which must not compile itself each time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
os.environ["XDG_CACHE_HOME"] = str(HERE.parent / ".pytest_cache" / "xdg")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if os.environ.get("NEWSGEN_TEST_DATABASE_URL"):
    from postgres import redirect

    redirect(os.environ["NEWSGEN_TEST_DATABASE_URL"])
LONGEST = ("test_wheel.py", "test_rehearsal.py")  # begun first: what is begun last is waited for by one process alone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where NO_SKIPS is set, as in .ci/run, a skipped test has failed: nobody would see that it was never run."""
    report = yield
    if report.skipped and os.environ.get("NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive as it stood on the morning of the squeeze; copied for each test that writes to it."""
    from desk import SAMPLES

    from newsgen.store.archive import SqlArchive
    from newsgen.store.database import open_database
    from newsgen.store.history import import_history
    from newsgen.store.manual import read_manual

    folder = tmp_path_factory.mktemp("archive")
    engine = open_database(f"sqlite:///{folder}/newsgen.db")
    import_history(engine, [SAMPLES / "_history"], lambda *_: None)
    SqlArchive(engine).add(read_manual(SAMPLES / "2025-07-14-squeeze" / "readings.toml"))
    engine.dispose()
    return folder / "newsgen.db"


@pytest.fixture(scope="session")
def noon(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Path:
    """The archive at that noon, with what the day's sources have said."""
    from news_desk import gathered

    return gathered(tmp_path_factory.mktemp("noon"), archive)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, noon: Path) -> Path:
    """The same with an article that has not gone out."""
    from news_desk import news

    folder = tmp_path_factory.mktemp("written")
    with news(folder, noon) as here:
        here.write()
    return folder / "newsgen.db"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, written: Path) -> Path:
    """The same with the article at all its targets."""
    from news_desk import news

    folder = tmp_path_factory.mktemp("published")
    with news(folder, written) as here:
        here.send(0)
        assert here.states() == {"site": "confirmed", "cms": "confirmed"}
    return folder / "newsgen.db"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--wordings", metavar="FOLDER", help="report which branch and wording of each template the tests have rendered")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--wordings"):
        import wordings_rendered

        wordings_rendered.begin()


def pytest_sessionfinish(session: pytest.Session) -> None:
    folder = session.config.getoption("--wordings")
    if folder:
        import wordings_rendered

        process = getattr(session.config, "workerinput", {"workerid": "main"})["workerid"]
        wordings_rendered.COUNTS.write(Path(folder) / f"{process}.json")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    folder = config.getoption("--wordings")
    if folder:
        import wordings_rendered

        text = wordings_rendered.report(wordings_rendered.gather(Path(folder)))
        (Path(folder) / "report.txt").write_text(text, "utf-8")
        terminalreporter.write_sep("=", "wordings rendered")
        terminalreporter.write_line(text)
