"""Making pages of templates: what all of them share, whatever they show.

Each needs nothing beside it: styles are inline, pictures are data URIs.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from validators.scope import describe_form

TEMPLATES = Path(__file__).with_name("templates")
_PNG = b"\x89PNG\r\n\x1a\n"


def page_environment(**filters: Callable[..., Any]) -> Environment:
    """Templates that escape what they show and stop at what they were not given.

    Args:
        filters: besides `count`, `form` and `words`.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=lambda number: f"{number:,}",
        form=describe_form,
        words=lambda text: str(text).replace("_", " "),
        **filters,
    )
    return environment


def png_uri(image: bytes | None, most_bytes: int) -> str | None:
    """The picture inside the page; none where there is none, or what there is is no small PNG."""
    if image is None or not image.startswith(_PNG) or len(image) > most_bytes:
        return None
    return f"data:image/png;base64,{base64.b64encode(image).decode('ascii')}"


def write_page(text: str, path: Path) -> Path:
    """Write a page whole or not at all, for its owner alone; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.touch(mode=0o600)  # it shows what people filed
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path
