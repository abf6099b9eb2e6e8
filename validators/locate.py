"""Where in a department's files an expression stands, so that an error can point at it."""

from __future__ import annotations

from pathlib import Path

import yaml

from schemas.rules import RuleDefinition
from schemas.yaml_lines import YamlDocument, YamlProblem, read_yaml
from validators.syntax import Mark


class RuleLocator:
    """Finds the line and column of a mark inside a rule's `when`, `check` or `text`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: dict[str, YamlDocument | None] = {}

    def place(self, rule: RuleDefinition, part: str, mark: Mark) -> tuple[str, int, int]:
        """File, line and column, the latter 0 where they cannot be known."""
        file = str(self._folder / rule.file) if rule.file else f"rule {rule.id}"
        node = self._scalar(rule, part)
        if node is None or node.start_mark is None or node.end_mark is None:
            return file, rule.at_line, 0
        start = node.start_mark
        if node.style in ("|", ">"):
            return file, *_in_block(Path(file), node, mark)
        if node.end_mark.line != start.line:
            return file, start.line + 1, 0
        quoted = 1 if node.style in ("'", '"') else 0
        return file, start.line + 1, start.column + quoted + mark.column

    def _scalar(self, rule: RuleDefinition, part: str) -> yaml.ScalarNode | None:
        document = self._document(rule.file)
        if document is None or not isinstance(document.root, yaml.MappingNode):
            return None
        for key, listed in document.root.value:
            if key.value == "rules" and isinstance(listed, yaml.SequenceNode):
                for item in listed.value:
                    if item.start_mark.line + 1 == rule.at_line:
                        node = next((v for k, v in item.value if k.value == part), None)
                        if isinstance(node, yaml.ScalarNode):
                            return node
        return None

    def _document(self, file: str) -> YamlDocument | None:
        if file not in self._documents:
            try:
                self._documents[file] = read_yaml(self._folder / file) if file else None
            except YamlProblem:
                self._documents[file] = None
        return self._documents[file]


def _in_block(file: Path, node: yaml.ScalarNode, mark: Mark) -> tuple[int, int]:
    """In a `|` block lines are kept; in a `>` block they are folded into one."""
    start, end = node.start_mark.line + 1, node.end_mark.line + 1
    lines = file.read_text(encoding="utf-8").splitlines()[start:end]
    line, column = mark.line, mark.column
    if node.style == ">":
        folded = str(node.value).split("\n")[: mark.line - 1]
        line, column = _unfold(lines, sum(len(part) + 1 for part in folded) + mark.column - 1)
    indents = [len(text) - len(text.lstrip(" ")) for text in lines if text.strip()]
    if node.style == "|":
        column += min(indents, default=0)  # Deeper indentation is part of the text.
    elif line <= len(lines):
        column += len(lines[line - 1]) - len(lines[line - 1].lstrip(" "))
    return start + line, column


def _unfold(lines: list[str], offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a character of folded text."""
    for number, line in enumerate(lines, 1):
        length = len(line.strip()) + 1
        if offset < length:
            return number, offset + 1
        offset -= length
    return 1, 1
