"""YAML read strictly, with the line of every value at hand for error messages.

Two traps of YAML are closed: a key given twice is an error, and only `true` and `false`
are truth values (`yes`, `no`, `on`, `off` stay the words that forms print).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml: slower, otherwise the same.
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class YamlProblem(Exception):
    """A file that is not there or not YAML; `line` counts from 1, 0 where unknown."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _StrictLoader(_SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    raise YamlProblem(f"key {key.value!r} is given twice", line)
                seen.add(key.value)
        return mapping


_BOOL = "tag:yaml.org,2002:bool"
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}
_StrictLoader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class YamlDocument:
    """One file's data and the tree that knows where each piece of it was written."""

    file: Path
    data: Any
    root: yaml.Node | None

    def line_of(self, place: Sequence[str | int]) -> int:
        """Line of the value at that path of keys and indices, or of what encloses it."""
        node = self.root
        line = 1
        for part in place:
            if isinstance(node, yaml.MappingNode):
                pair = next((it for it in node.value if it[0].value == str(part)), None)
                if pair is None:
                    break
                line = pair[0].start_mark.line + 1
                node = pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                if part >= len(node.value):
                    break
                node = node.value[part]
                line = node.start_mark.line + 1
            else:
                break
        return line


def read_yaml(file: Path) -> YamlDocument:
    """Read one YAML file.

    Raises:
        YamlProblem: unreadable, not UTF-8, not YAML, or a key given twice.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise YamlProblem(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise YamlProblem("is not UTF-8 text") from error
    loader = _StrictLoader(text)
    try:
        root = loader.get_single_node()
        data = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem(f"not YAML: {error.problem}", mark.line + 1 if mark else 0) from error
    except yaml.YAMLError as error:
        raise YamlProblem(f"not YAML: {error}") from error
    finally:
        loader.dispose()
    return YamlDocument(file, data, root)
