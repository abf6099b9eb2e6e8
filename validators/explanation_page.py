"""An explanation as one HTML page that needs nothing beside it: of a return, or of one field.

Styles are inline, pictures are data URIs; it holds no script and loads nothing. Pictures that may
show an identifier are left out here, whoever cut them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from schemas.explanation import Explanation, FieldTold, RuleTold
from schemas.readings import Reconciled, ValueStatus
from schemas.rules import Outcome
from validators import explanation_words as words
from validators.pages import page_environment, png_uri, write_page

_MAX_IMAGE_BYTES = 400_000

Pictures = Mapping[str, bytes]
"""PNGs of fields cut from the scan, by `FieldTold.key`."""


class _Shown(NamedTuple):
    """A field with what the page shows of it."""

    field: FieldTold
    rules: tuple[RuleTold, ...]
    """That are about this return."""
    silent: tuple[RuleTold, ...]
    place: tuple[str, str]
    picture: str | None
    neighbours: tuple[FieldTold, ...]
    """All fields of its page, for the map of it."""


def render_explanation(
    explanation: Explanation, pictures: Pictures, field: FieldTold | None = None
) -> str:
    """The page's HTML; with a field, of that alone."""
    environment = page_environment(
        moment=_moment,
        percent=words.percent,
        plural=lambda number, noun: f"{number:,} {noun}{'' if number == 1 else 's'}",
    )
    shown = {each.key: _show(explanation, each, pictures) for each in explanation.fields}
    told = [shown[field.key]] if field else [it for it in shown.values() if _is_notable(it)]
    rest = [] if field else [it for it in shown.values() if it not in told and _is_filled(it.field)]
    narrowed = explanation.of_field(field) if field else explanation
    by_outcome = {
        outcome: [rule for rule in explanation.rules if rule.outcome is outcome and rule.applies]
        for outcome in Outcome
    }
    return environment.get_template("explanation.html").render(
        explanation=explanation,
        field=field,
        told=told,
        rest=rest,
        blank=[it.field for it in shown.values() if not _is_filled(it.field)] if not field else [],
        failed=by_outcome[Outcome.FAIL],
        unread=by_outcome[Outcome.NOT_EVALUATED],
        passed=by_outcome[Outcome.PASS],
        silent=[rule for rule in explanation.rules if not rule.applies],
        statuses=Counter(each.status.value for each in explanation.fields),
        arithmetic=Counter(
            each.reconciliation.outcome.value
            for each in explanation.fields
            if each.reconciliation is not None
        ),
        versions=words.versions_of(narrowed),
        made_by=version("taxlift"),
        say=words,
        outcome_words={outcome.value: said for outcome, said in words.OUTCOME_WORDS.items()},
        arithmetic_words={it.value: said for it, said in words.ARITHMETIC_WORDS.items()},
    )


def write_explanation(
    explanation: Explanation, pictures: Pictures, path: Path, field: FieldTold | None = None
) -> Path:
    """Write the page whole or not at all, for its owner alone; returns its path."""
    return write_page(render_explanation(explanation, pictures, field), path)


def _show(explanation: Explanation, field: FieldTold, pictures: Pictures) -> _Shown:
    rules = explanation.rules_of(field)
    return _Shown(
        field=field,
        rules=tuple(rule for rule in rules if rule.applies),
        silent=tuple(rule for rule in rules if not rule.applies),
        place=words.place_words(explanation, field),
        picture=_data_uri(field, pictures.get(field.key)),
        neighbours=_on_page(explanation.fields, field.page),
    )


def _on_page(fields: Sequence[FieldTold], page: int) -> tuple[FieldTold, ...]:
    return tuple(each for each in fields if each.page == page)


def _is_notable(shown: _Shown) -> bool:
    """A person should look at it, did, or arithmetic had more to say than yes."""
    field = shown.field
    said = field.reconciliation
    return (
        field.status is ValueStatus.REVIEW
        or field.decided_by.startswith("person:")
        or (said is not None and said.outcome is not Reconciled.CONFIRMED)
        or any(rule.outcome is Outcome.FAIL for rule in shown.rules)
    )


def _is_filled(field: FieldTold) -> bool:
    return field.status is not ValueStatus.BLANK


def _data_uri(field: FieldTold, image: bytes | None) -> str | None:
    """The picture, unless it may show an identifier, is no PNG or is too large for a page."""
    return None if field.is_hidden else png_uri(image, _MAX_IMAGE_BYTES)


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "not yet"
