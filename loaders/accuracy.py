"""How much of what is accepted is wrong, by what people keyed blind of a sample of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.database import reading
from loaders.store import SAMPLES
from schemas.forms import FieldKind, Frozen
from schemas.sampled import SampleOutcome

ASSURANCE = 0.95


class Compared(Frozen):
    """A share of wrong fields among those keyed, and where the true one lies."""

    keyed: int
    """Keyed blind and compared; illegible ones not counted."""
    differing: int
    """Keyed otherwise than we hold them; the sum of the next three."""
    upheld: int
    """A second person found what we hold: the first one erred."""
    wrong: int
    """A second person did not find what we hold."""
    open: int
    """No second person has looked."""
    illegible: int
    waiting: int

    error: float | None
    """Wrong and open ones of the keyed: an open one counts as ours. None where none is keyed."""
    low: float
    high: float
    """Clopper and Pearson's interval, which holds with 95 chances in 100 or more."""


class KindCompared(Compared):
    """The same of one kind of field."""

    kind: FieldKind


class Accuracy(Frozen):
    """What the blind sample shows."""

    department: str | None
    """None: of all departments."""
    since: datetime | None
    returns: int
    """Drawn."""
    returns_done: int
    """Of which nothing waits to be keyed."""
    filled: Compared
    """Fields that were accepted with something in them."""
    by_kind: tuple[KindCompared, ...]
    blank: Compared
    """Fields that were taken as blank, of which only a share is keyed."""


def accuracy(
    engine: Engine, department: str | None = None, since: datetime | None = None
) -> Accuracy:
    """What people found of the fields that were drawn, of a department and since a moment."""
    only = sa.and_(
        SAMPLES.c.department == department if department else sa.true(),
        SAMPLES.c.drawn_at >= since if since else sa.true(),
    )
    waits = sa.func.max(sa.case((SAMPLES.c.outcome == SampleOutcome.WAITING, 1), else_=0))
    per_return = sa.select(waits.label("waits")).where(only).group_by(SAMPLES.c.return_id)
    drawn = per_return.subquery()
    with reading(engine) as connection:
        rows = connection.execute(
            sa.select(SAMPLES.c.blank, SAMPLES.c.kind, SAMPLES.c.outcome, sa.func.count())
            .where(only)
            .group_by(SAMPLES.c.blank, SAMPLES.c.kind, SAMPLES.c.outcome)
        ).all()
        returns, waiting = connection.execute(
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(drawn.c.waits), 0))
        ).one()
    filled: dict[FieldKind, Counter[SampleOutcome]] = defaultdict(Counter)
    blank: Counter[SampleOutcome] = Counter()
    for was_blank, kind, outcome, count in rows:
        (blank if was_blank else filled[kind])[outcome] += count
    return Accuracy(
        department=department,
        since=since,
        returns=returns,
        returns_done=returns - int(waiting),
        filled=Compared(**_share(sum(filled.values(), Counter()))),
        by_kind=tuple(
            KindCompared(kind=kind, **_share(filled[kind])) for kind in FieldKind if kind in filled
        ),
        blank=Compared(**_share(blank)),
    )


def interval(wrong: int, of: int) -> tuple[float, float]:
    """Between what shares the true one lies if `wrong` of `of` were seen (Clopper, Pearson)."""
    from scipy.stats import beta  # half a second, and only here

    rest = (1 - ASSURANCE) / 2
    low = float(beta.ppf(rest, wrong, of - wrong + 1)) if wrong else 0.0
    high = float(beta.ppf(1 - rest, wrong + 1, of - wrong)) if wrong < of else 1.0
    return low, high


def _share(seen: Mapping[SampleOutcome, int]) -> dict[str, int | float | None]:
    upheld, wrong = seen[SampleOutcome.UPHELD], seen[SampleOutcome.WRONG]
    unsettled = seen[SampleOutcome.DIFFERS]
    differing = upheld + wrong + unsettled
    keyed = seen[SampleOutcome.AGREED] + differing
    ours = wrong + unsettled
    low, high = interval(ours, keyed)
    return {
        "keyed": keyed,
        "differing": differing,
        "upheld": upheld,
        "wrong": wrong,
        "open": unsettled,
        "illegible": seen[SampleOutcome.ILLEGIBLE],
        "waiting": seen[SampleOutcome.WAITING],
        "error": ours / keyed if keyed else None,
        "low": low,
        "high": high,
    }
