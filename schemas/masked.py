"""Field values with nothing left of an identifier in what was read, held or thought of."""

from __future__ import annotations

from schemas.forms import FieldKind
from schemas.masking import mask_text, mask_written
from schemas.readings import FieldValue, Reading, Reconciliation


def masked(value: FieldValue) -> FieldValue:
    """The value as people and logs may see it without need."""
    kind = value.kind
    said = value.reconciliation
    return value.model_copy(
        update={
            "value": _held(kind, value.value),
            "as_read": mask_written(kind, value.as_read),
            "reason": mask_text(value.reason) if value.reason else value.reason,
            "readings": tuple(_reading(kind, reading) for reading in value.readings),
            "reconciliation": _reconciliation(kind, said) if said else None,
        }
    )


def holds_identifier(value: FieldValue) -> bool:
    """By its kind, or because somebody wrote an identifier where words belong."""
    if value.kind.is_personal:
        return True
    texts = [value.as_read, *(reading.text for reading in value.readings)]
    texts += [other.text for reading in value.readings for other in reading.alternatives]
    return value.kind.is_words and any(mask_text(text) != text for text in texts)


def _held(kind: FieldKind, value: str | bool | None) -> str | bool | None:
    return mask_written(kind, value) if isinstance(value, str) else value


def _reading(kind: FieldKind, reading: Reading) -> Reading:
    return reading.model_copy(
        update={
            "text": mask_written(kind, reading.text),
            "problem": mask_text(reading.problem) if reading.problem else reading.problem,
            "alternatives": tuple(
                other.model_copy(update={"text": mask_written(kind, other.text)})
                for other in reading.alternatives
            ),
        }
    )


def _reconciliation(kind: FieldKind, said: Reconciliation) -> Reconciliation:
    first = said.first
    return said.model_copy(
        update={
            "alternative": mask_written(kind, said.alternative) if said.alternative else None,
            "first": first.model_copy(
                update={
                    "value": _held(kind, first.value),
                    "as_read": mask_written(kind, first.as_read),
                    "reason": mask_text(first.reason) if first.reason else first.reason,
                }
            ),
        }
    )
