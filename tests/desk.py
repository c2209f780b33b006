"""What several tests share: the loaded newsroom and the samples, made once per process."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from newsgen.edition import EditionFolder, default_seed, open_edition
from newsgen.illustrate import illustrate
from newsgen.pipeline import Newsroom, Order, Outcome, load_newsroom, pitch_angles, write_article

SAMPLES = Path(__file__).parent.parent / "samples"
EDITIONS = sorted(p.parent.name for p in SAMPLES.glob("*/edition.toml"))
FORMS = ("flash", "brief", "standard")
SEEDS = (1, 2, 3)
WORDINGS = int(os.environ.get("WORDINGS", "2"))  # of each angle, day and form; more by `WORDINGS=12 pytest tests/angles`


@cache
def newsroom(style: str = "ap") -> Newsroom:
    return load_newsroom(style=style)


@cache
def edition(name: str) -> EditionFolder:
    return open_edition(SAMPLES / name)


@cache
def written(name: str, form: str = "standard", seed: int | None = None, style: str = "ap") -> Outcome:
    opened = edition(name)
    chosen = default_seed(name, opened.view.as_of) if seed is None else seed
    return write_article(newsroom(style), opened.view, Order(name, form=form, seed=chosen, angles=opened.file.angles))


@cache
def illustrated(name: str, form: str = "standard", seed: int | None = None, style: str = "ap") -> Outcome:
    """The same with its charts, as a desk gets it."""
    opened, room = edition(name), newsroom(style)
    chosen = default_seed(name, opened.view.as_of) if seed is None else seed
    order = Order(name, form=form, seed=chosen, angles=opened.file.angles)
    pitched = pitch_angles(room, opened.view, order)
    return illustrate(room, pitched, order, write_article(room, opened.view, order, pitched))
