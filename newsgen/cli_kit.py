"""What the commands share: exit codes, times, errors as one line, settings, logs, who decides; in: a click context, out: what they need.

Holds no command. Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

from newsgen.errors import ConfigError, HeldBack, NewsgenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsgen.config import Settings
    from newsgen.newsdesk import Newsdesk

__all__ = [
    "HELD",
    "INTERRUPTED",
    "OUR_FAULT",
    "PARTLY",
    "PIPE_CLOSED",
    "QUIET",
    "WRONG_USE",
    "House",
    "ProgressLine",
    "Time",
    "agreed",
    "as_option",
    "deliveries",
    "log_to_stderr",
    "newsdesk_of",
    "quiet_logs",
    "reason_due",
    "reason_option",
    "settings_of",
    "yes_option",
]

OUR_FAULT, WRONG_USE, HELD, QUIET, PARTLY = 1, 2, 3, 4, 5
INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 and the number of the signal, as shells say it


class Time(click.ParamType):  # type: ignore[type-arg]
    """ISO 8601 with a zone; a naive time is refused."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from newsgen.market import parse_time

        if isinstance(value, datetime):
            return value
        try:
            return parse_time(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class House(click.Group):
    """The commands; turns whatever goes wrong in one into one line on standard error and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:  # the reader of our output has seen enough (| head)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(PIPE_CLOSED)
        except KeyboardInterrupt:
            click.echo("newsgen: stopped", err=True)
            sys.exit(INTERRUPTED)
        except (ConfigError, NewsgenError) as error:
            self._tell(str(error), ctx)
            sys.exit(WRONG_USE if isinstance(error, ConfigError) else HELD if isinstance(error, HeldBack) else OUR_FAULT)
        except OSError as error:
            if error.filename is None:
                raise self._fault(error, ctx) from error
            self._tell(f"{error.filename}: {error.strerror}", ctx)
            sys.exit(WRONG_USE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            raise self._fault(error, ctx) from error

    def _fault(self, error: Exception, ctx: click.Context) -> SystemExit:
        self._tell(f"a fault of ours: {type(error).__name__}: {error} (-v shows where)", ctx)
        return SystemExit(OUR_FAULT)

    def _tell(self, line: str, ctx: click.Context) -> None:
        if ctx.params.get("verbose"):
            import traceback

            traceback.print_exc()
        click.echo(f"newsgen: {line}", err=True)


def settings_of(ctx: click.Context, *, secrets: bool = False) -> Settings:
    """The settings; `secrets` for a command that asks sources or sends: each must be there before it begins."""
    from newsgen.config import load_settings

    return load_settings(ctx.obj["config"], database_url=ctx.obj["database_url"], env=os.environ, secrets=secrets)


as_option = click.option("--as", "who", metavar="NAME", help="Who decides; default $USER.")
yes_option = click.option("--yes", is_flag=True, help="Do it without asking.")


def reason_option(due: bool = True) -> Callable[[Any], Any]:
    return click.option("--reason", default="", help="Why; kept in the desk's record." + ("" if due else " May be left out."))


def newsdesk_of(ctx: click.Context, who: str | None) -> Newsdesk:
    """The desk of the settings' database, for whoever decides.

    Raises:
        ConfigError: Nobody says who that is.
    """
    from newsgen.newsdesk import Newsdesk
    from newsgen.service import Service
    from newsgen.store.database import open_database

    quiet_logs()
    settings = settings_of(ctx)
    name = who or os.environ.get("USER") or os.environ.get("LOGNAME") or ""
    if not name:
        raise ConfigError("who decides? say --as NAME (the environment has no USER)")
    service = Service(settings, open_database(settings.database_url))
    ctx.call_on_close(service.engine.dispose)
    return Newsdesk(service, name)


def reason_due(reason: str, what: str, option: str = "--reason") -> str:
    """The reason, asked for at a terminal where it was not given."""
    if not reason and sys.stdin.isatty():
        reason = click.prompt(f"Why is it {what}", err=True)
    if not reason.strip():
        raise ConfigError(f"say why it is {what}: {option} '...'")
    return reason


def agreed(question: str, yes: bool, otherwise: str = "nothing is changed") -> None:
    """A person's yes, given before or at a terminal.

    Raises:
        ConfigError: Nobody said yes; says what is so then.
    """
    if yes or (sys.stdin.isatty() and click.confirm(question, err=True)):
        return
    raise ConfigError(f"{otherwise}: say --yes to do it")


def deliveries(number: int, one: str = "", more: str = "") -> str:
    """How many deliveries, with the verb that follows: "2 deliveries are"."""
    return f"1 delivery {one}".strip() if number == 1 else f"{number} deliveries {more}".strip()


class ProgressLine:
    """A line at the foot of a terminal that says how far long work is; a pipe sees nothing of it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._is_there = stream, stream.isatty()

    def say(self, text: str) -> None:
        """A line of the result, above the progress."""
        self.clear()
        click.echo(text)

    def show(self, share: float, text: str) -> None:
        """How far: a share from 0 to 1, and words."""
        if self._is_there:
            full = round(24 * min(max(share, 0), 1))
            self._stream.write(f"\r\033[K[{'#' * full}{'.' * (24 - full)}] {share:4.0%}  {text}")
            self._stream.flush()

    def clear(self) -> None:
        if self._is_there:
            self._stream.write("\r\033[K")
            self._stream.flush()


def quiet_logs() -> None:
    """For a command that tells its own progress: only what must not be missed is logged."""
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
                        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))  # fmt: skip


def log_to_stderr(ctx: click.Context) -> None:
    import logging

    import structlog

    renderer: Any = structlog.processors.JSONRenderer() if ctx.obj["json_logs"] else structlog.dev.ConsoleRenderer(colors=False)
    level = logging.DEBUG if ctx.obj["verbose"] else logging.INFO
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )  # fmt: skip
