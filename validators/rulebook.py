"""All rules of a department, compiled: every mistake of every file at once, with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.department import Department
from schemas.errors import ConfigurationError, Problem
from schemas.forms import FieldKind
from schemas.rules import BRACES, RuleDefinition
from validators import functions, text_functions  # noqa: F401  (they register themselves)
from validators.building import FUNCTIONS
from validators.compiler import Compiler, Issue, Slots
from validators.equations import Equation, equations_of
from validators.explain import input_text, show
from validators.locate import RuleLocator
from validators.scope import Column, Scope, ValueKind
from validators.syntax import Call, ExpressionError, Mark, Node, parse
from validators.ternary import Evaluate, Row, Unknown
from validators.typed import Typed


@dataclass(frozen=True)
class YearRule:
    """One rule as it stands for one tax year."""

    when: Evaluate | None
    check: Evaluate
    """Of a uniqueness rule: always unknown; see `identity`."""
    identity: tuple[Evaluate, ...] | None
    """What must be unique in a batch."""
    complain: Callable[[Row], str] | None
    text: Callable[[Row], str]
    inputs: tuple[tuple[str, int, FieldKind | None], ...]
    """Name in the results, place in the row, kind of field."""
    equations: tuple[Equation, ...] = ()
    """What the check figures, for whoever asks what a field should be."""


@dataclass(frozen=True)
class CompiledRule:
    """One rule, its columns and its compiled form by tax year."""

    definition: RuleDefinition
    columns: tuple[Column, ...]
    """What a row of this rule holds, in order; the first is how often its form is there."""
    by_year: Mapping[int, YearRule]
    plain_text: str
    """The rule's text with names instead of braces."""

    @property
    def key(self) -> str:
        """Unique even where a rule's id is split over years."""
        years = self.definition.years
        return f"{self.definition.id} {years.first}-{years.last}"


@dataclass(frozen=True)
class RuleBook:
    """The rules of a department, in the order of their forms and ids."""

    department: str
    rules: tuple[CompiledRule, ...]
    years: tuple[int, ...]

    def columns(self) -> tuple[Column, ...]:
        """Every column that any rule needs."""
        return tuple(sorted({column for rule in self.rules for column in rule.columns}))

    def counts(self) -> Counter[tuple[str, str]]:
        """Number of rules by form and severity."""
        return Counter(
            (rule.definition.form, rule.definition.severity.value) for rule in self.rules
        )


def compile_rules(department: Department) -> RuleBook:
    """Parse, type-check and compile every rule for every year of its range.

    Raises:
        ConfigurationError: with all mistakes of all rules, each with file, line and column.
    """
    years = sorted({definition.year for definition in department.forms})
    scopes = {year: Scope(department, year) for year in years}
    locator = RuleLocator(department.folder)
    problems: list[Problem] = []
    rules = []
    for definition in department.rules:
        compiled, issues = _compile_rule(definition, scopes)
        problems += _problems(definition, issues, locator, compiled)
        rules.append(compiled)
    if problems:
        raise ConfigurationError(sorted(problems, key=lambda it: (it.file, it.line)))
    rules.sort(key=lambda rule: (rule.definition.form, rule.definition.id, rule.key))
    return RuleBook(department.name, tuple(rules), tuple(years))


def _compile_rule(
    rule: RuleDefinition, scopes: Mapping[int, Scope]
) -> tuple[CompiledRule, list[Issue]]:
    slots = Slots()
    slots.of(Column("form", rule.form, ""))
    issues: list[Issue] = []
    by_year: dict[int, YearRule] = {}
    for year, scope in scopes.items():
        if year in rule.years and rule.form in scope.forms:
            by_year[year] = _YearCompiler(rule, scope, slots, issues).compile()
    if not by_year:
        issues.append(
            Issue("years", Mark(1, 1), f"the department has no {rule.form} in these years", 0)
        )
    return CompiledRule(rule, tuple(slots.columns), by_year, rule.plain_text), issues


class _YearCompiler:
    """Compiles one rule for one year into a `YearRule`."""

    def __init__(
        self, rule: RuleDefinition, scope: Scope, slots: Slots, issues: list[Issue]
    ) -> None:
        self.rule = rule
        self.scope = scope
        self.slots = slots
        self.issues = issues
        self.used: set[int] = set()

    def compile(self) -> YearRule:
        when = self._condition("when", self.rule.when) if self.rule.when is not None else None
        tree = self._parse("check", self.rule.check)
        identity: tuple[Evaluate, ...] | None = None
        check: Typed | None = None
        equations: tuple[Equation, ...] = ()
        if isinstance(tree, Call) and tree.function == "unique":
            identity = self._identity(tree)
        elif tree is not None:
            check = self._typed("check", tree)
            # A compiler of their own: what is wrong in them has been told of with the check.
            equations = equations_of(tree, self._compiler("check"))
        inputs = self._inputs()
        text = self._text()
        return YearRule(
            when=when.evaluate if when else None,
            check=check.evaluate if check else lambda _: Unknown("decided over the batch"),
            identity=identity,
            complain=check.complain if check else None,
            text=text,
            inputs=inputs,
            equations=equations,
        )

    def _compiler(self, part: str) -> Compiler:
        # `when` is exact: only a check forgives.
        tolerance = self.rule.tolerance if part == "check" else Decimal(0)
        return Compiler(
            self.scope, self.rule.form, _Recorder(self.slots, self.used), part, FUNCTIONS, tolerance
        )

    def _parse(self, part: str, text: str) -> Node | None:
        try:
            return parse(text)
        except ExpressionError as error:
            self.issues.append(Issue(part, error.mark, error.message, self.scope.year))
            return None

    def _condition(self, part: str, text: str) -> Typed | None:
        tree = self._parse(part, text)
        return None if tree is None else self._typed(part, tree)

    def _typed(self, part: str, tree: Node) -> Typed:
        compiler = self._compiler(part)
        typed = compiler.expect(tree, ValueKind.BOOL)
        self.issues += compiler.issues
        return typed

    def _identity(self, tree: Call) -> tuple[Evaluate, ...]:
        compiler = self._compiler("check")
        parts = [compiler.compile(part) for part in tree.arguments]
        if not parts:
            compiler.error(tree, "`unique` needs a field")
        self.issues += compiler.issues
        return tuple(part.evaluate for part in parts)

    def _inputs(self) -> tuple[tuple[str, int, FieldKind | None], ...]:
        found = []
        for slot in sorted(self.used):
            column = self.slots.columns[slot]
            if column.kind == "field":
                kind = self.scope.forms[column.form].fields[column.name].kind
                own = column.form == self.rule.form
                found.append((column.name if own else column.key, slot, kind))
        return tuple(found)

    def _text(self) -> Callable[[Row], str]:
        """The rule's text, with what stands in braces filled in."""
        pieces: list[str | Callable[[Row], str]] = []
        end = 0
        for match in BRACES.finditer(self.rule.text):
            pieces.append(self.rule.text[end : match.start()])
            end = match.end()
            if match[1] is not None:
                pieces.append(self._brace(match[1]))
            elif len(match[0]) == 2:
                pieces.append(match[0][0])
            else:
                mark = Mark(1, match.start() + 1)
                message = f"a single `{match[0]}`; a literal brace is doubled"
                self.issues.append(Issue("text", mark, message, self.scope.year))
        pieces.append(self.rule.text[end:])
        if all(isinstance(piece, str) for piece in pieces):
            plain = "".join(str(piece) for piece in pieces)
            return lambda _: plain
        return lambda row: "".join(
            piece if isinstance(piece, str) else piece(row) for piece in pieces
        )

    def _brace(self, text: str) -> str | Callable[[Row], str]:
        tree = self._parse("text", text)
        if tree is None:
            return text
        compiler = self._compiler("text")
        typed = compiler.compile(tree)
        self.issues += compiler.issues

        def fill(row: Row) -> str:
            value = typed.evaluate(row)
            return "(unread)" if value.__class__ is Unknown else show(typed, value)

        return fill


class _Recorder(Slots):
    """The rule's slots, remembering which of them this year's expressions use."""

    def __init__(self, slots: Slots, used: set[int]) -> None:
        super().__init__()
        self._slots = slots
        self._used = used

    def of(self, column: Column) -> int:
        slot = self._slots.of(column)
        self._used.add(slot)
        return slot


def inputs_of(year_rule: YearRule, row: Row) -> dict[str, str | None]:
    """The numbers that went in, by field; "" where blank, None where unread."""
    return {name: input_text(kind, row[slot]) for name, slot, kind in year_rule.inputs}


def _problems(
    rule: RuleDefinition, issues: Iterable[Issue], locator: RuleLocator, compiled: CompiledRule
) -> list[Problem]:
    """One problem for each mistake, with the years where it is only some of them."""
    years_of: dict[tuple[str, Mark, str], set[int]] = {}
    for issue in issues:
        years_of.setdefault((issue.part, issue.mark, issue.message), set()).add(issue.year)
    found = []
    for (part, mark, message), years in years_of.items():
        if years != set(compiled.by_year) and 0 not in years:
            listed = ", ".join(map(str, sorted(years)))
            message += f" in {listed} (the rule is for {rule.years.first} to {rule.years.last}: "
            message += "split it by years)"
        file, line, column = locator.place(rule, part, mark)
        where = f"column {column}: " if column else ""
        if not line:
            where = f"{part}, line {mark.line}, column {mark.column}: "
        found.append(Problem(file, line, f"{where}rule {rule.id}, {part}: {message}"))
    return found
