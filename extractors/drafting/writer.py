"""Form definitions as YAML that a person can read and edit: one field a line, its name first."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from schemas.forms import Box, FieldDefinition, FormDefinition, PageDefinition

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ORDER = (
    "name", "line", "kind", "group", "option", "box", "comb", "max_length", "export_value",
    "reserved", "label", "source_field",
)  # fmt: skip


def write_yaml(definition: FormDefinition, note: str = "") -> str:
    """The text of a definition's file; reading it gives the same definition again."""
    lines = [f"# {line}".rstrip() for line in note.splitlines()]
    lines += [
        f"form: {_scalar(definition.form)}",
        f"title: {_scalar(definition.title)}",
        f"year: {definition.year}",
        f"main: {_scalar(definition.main)}",
        f"sequence: {definition.sequence}",
        "blank:",
    ]
    blank = definition.blank.model_dump(exclude_none=True)
    lines += [f"  {key}: {_scalar(value)}" for key, value in blank.items()]
    if definition.absent:
        lines.append("absent:")
        lines += [f"  - {_scalar(name)}" for name in definition.absent]
    lines.append("pages:")
    for page in definition.pages:
        lines += _page(page)
    return "\n".join(lines) + "\n"


def _page(page: PageDefinition) -> list[str]:
    lines = [
        f"  - number: {page.number}",
        f"    width: {_scalar(page.width)}",
        f"    height: {_scalar(page.height)}",
    ]
    if page.landmarks:
        lines.append("    landmarks:")
        lines += [f"      - {_flow({'text': it.text, 'box': it.box})}" for it in page.landmarks]
    if page.fields:
        lines.append("    fields:")
        lines += [f"      - {_flow(_field(field))}" for field in page.fields]
    return lines


def _field(field: FieldDefinition) -> dict[str, Any]:
    said = field.model_dump(exclude_defaults=True)
    said["kind"] = field.kind.value
    said["box"] = field.box
    return {key: said[key] for key in _ORDER if key in said}


def _flow(data: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in data.items()) + "}"


def _scalar(value: Any) -> str:
    if isinstance(value, Box | tuple | list):
        return "[" + ", ".join(_scalar(each) for each in value) + "]"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    # JSON's quoted strings are YAML's, as long as nothing is escaped in a way YAML lacks.
    return json.dumps(text, ensure_ascii=False)
