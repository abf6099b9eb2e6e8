"""An explanation at the terminal: of one field, or of a return as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from schemas.explanation import Explanation, FieldTold, ReviewTold, RuleTold
from schemas.readings import Reconciled, ValueStatus
from schemas.rules import Outcome
from validators.explanation_words import (
    ARITHMETIC_WORDS,
    OUTCOME_WORDS,
    STATUS_WORDS,
    alternatives_words,
    arithmetic_words,
    decided_words,
    field_title,
    held_words,
    input_value_words,
    input_words,
    percent,
    place_words,
    rule_words,
    sure_words,
    value_words,
    versions_of,
    waiting_words,
)
from validators.scope import describe_form

_STYLES = {
    "accepted": "green",
    "review": "yellow",
    "rejected": "red",
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.NOT_EVALUATED: "yellow",
}
_MOMENT = "%Y-%m-%d %H:%M:%S UTC"


def print_field(console: Console, explanation: Explanation, field: FieldTold) -> None:
    """All that is known of one field."""
    page, box = place_words(explanation, field)
    waits = field.status is ValueStatus.REVIEW
    console.print(Text(field_title(field), style="bold"))
    if field.label:
        console.print(Text(f"On the form: {field.label}", style="dim"))
    console.print()
    facts: list[tuple[str, str | Text]] = [
        ("On the paper", page),
        ("", box),
        ("Status", _state(field.status.value)),
        ("Held", held_words(field)),
        ("Waits because", waiting_words(field)),
        ("How sure", sure_words(field)),
        ("Read by" if waits else "Decided by", decided_words(field)),
        ("", f"{field.decided_at:{_MOMENT}}"),
        *(("For a person", _review(it)) for it in field.reviews if it.reason != field.reason),
    ]
    console.print(_facts([fact for fact in facts if fact[1]]))
    _section(console, "What each engine read", _readings(field))
    _section(console, "What arithmetic said", *map(Text, arithmetic_words(field)))
    rules = explanation.rules_of(field)
    _section(console, f"Rules that speak of it: {_counts(rules)}", *_rules(rules, field))
    _section(console, "Versions", _facts(versions_of(explanation.of_field(field))))


def print_return(console: Console, explanation: Explanation) -> None:
    """The return as a whole: what became of it and why, and what to ask next."""
    department = explanation.department_title or explanation.department
    title = f"Return {explanation.return_id}: {department}, tax year {explanation.tax_year}"
    console.print(Text(title, style="bold"))
    console.print()
    console.print(_facts(list(_origin(explanation))))
    _section(console, f"Fields: {_field_counts(explanation.fields)}")
    for heading, fields in _groups(explanation.fields):
        console.print(Text(f"{heading} ({len(fields)})", style="bold"))
        console.print(Padding(_field_table(fields), (0, 0, 1, 2)))
    confirmed = [field for field in explanation.fields if _said(field) is Reconciled.CONFIRMED]
    if confirmed:
        console.print(Text(f"Confirmed by arithmetic ({len(confirmed)})", style="bold"))
        console.print(Padding(_facts(_by_form(confirmed)), (0, 0, 0, 2)))
    rules = explanation.rules
    _section(console, f"Rules: {_counts(rules)}", *_rule_findings(rules))
    deciders = Counter(decided_words(field) for field in explanation.fields)
    _section(
        console,
        "Who or what decided the fields",
        _facts(
            [(f"{count} field{'s' * (count > 1)}", who) for who, count in deciders.most_common()]
        ),
    )
    _section(console, "What the audit log says of it", _events(explanation))
    _section(console, "Versions", _facts(versions_of(explanation)))


def _origin(explanation: Explanation) -> Iterator[tuple[str, str | Text]]:
    yield "Status", _state(explanation.status.value)
    for reason in explanation.reasons:
        yield "", reason
    numbers = ", ".join(str(page.number) for page in explanation.pages)
    yield "From", f"{explanation.file}, page{'s' * (len(explanation.pages) > 1)} {numbers}"
    yield "", f"{explanation.size:,} bytes, sha256 {explanation.sha256}"
    yield "Received", f"{explanation.received_at:{_MOMENT}}, in run {explanation.run}"
    yield "Decided", f"{explanation.decided_at:{_MOMENT}}"
    for place, form in enumerate(explanation.forms):
        pages = f"page{'s' * (len(form.pages) > 1)} {', '.join(map(str, form.pages))}"
        yield "" if place else "Forms", f"{describe_form(form.form)} {form.year} ({pages})"
    for page in explanation.missing_pages:
        yield "Missing", page
    for review in explanation.reviews:
        yield "For a person", f"{review.kind.value}: {_review(review)}"


def _groups(fields: Sequence[FieldTold]) -> Iterator[tuple[str, list[FieldTold]]]:
    groups = (
        ("To a person", lambda field: field.status is ValueStatus.REVIEW),
        ("Left unread", lambda field: field.status is ValueStatus.UNREAD),
        ("Corrected readings", lambda field: _said(field) is Reconciled.CORRECTED),
        ("Filer's own mistakes, kept as filed", lambda field: _said(field) is Reconciled.MISTAKE),
        ("Keyed or decided by a person", lambda field: field.decided_by.startswith("person:")),
    )
    for heading, belongs in groups:
        if found := [field for field in fields if belongs(field)]:
            yield heading, found


def _by_form(fields: Sequence[FieldTold]) -> list[tuple[str, str]]:
    """The lines of each form; a field without one by its name."""
    told: dict[str, list[str]] = {}
    for field in fields:
        words = field.line or field.name.replace("_", " ")
        told.setdefault(f"{describe_form(field.form)} {field.year}", []).append(words)
    return [(form, ", ".join(words)) for form, words in told.items()]


def _field_table(fields: Sequence[FieldTold]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("Form", "Line", "Field", "Value", "Sure", "Why"):
        right = heading == "Sure"
        table.add_column(
            heading, justify="right" if right else "left", overflow="fold", no_wrap=right
        )
    for field in fields:
        table.add_row(
            escape(describe_form(field.form)),
            field.line or "",
            field.name.replace("_", " "),
            escape(value_words(field.kind, field.value)),
            percent(field.confidence),
            escape(_why(field)),
        )
    return table


def _why(field: FieldTold) -> str:
    said = field.reconciliation
    if said is not None and said.outcome is Reconciled.MISTAKE:
        wanted = "" if said.correction is None else f"should be {said.correction:,}; "
        return f"{wanted}{', '.join(said.rules)} fail"
    if said is not None and said.outcome is Reconciled.CORRECTED:
        first = value_words(field.kind, said.first.value)
        return f"first read as {first}; by {', '.join(said.rules)}"
    if said is not None and said.outcome is Reconciled.CONFLICT:
        return f"{waiting_words(field)}; by arithmetic in conflict ({', '.join(said.rules)})"
    return waiting_words(field)


def _readings(field: FieldTold) -> RenderableType:
    if not field.readings:
        return Text("No engine was asked: nothing is written there.")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("Engine", "Read", "Own score", "Or else, with odds"):
        right = heading == "Own score"
        table.add_column(
            heading, justify="right" if right else "left", overflow="fold", no_wrap=right
        )
    for reading in field.readings:
        table.add_row(
            escape(f"{reading.engine} {reading.version}"),
            escape(reading.text or reading.problem or "nothing"),
            percent(reading.confidence),
            escape(alternatives_words(field, reading)),
        )
    return table


def _rules(rules: Sequence[RuleTold], field: FieldTold) -> Iterator[RenderableType]:
    for rule in rules:
        if not rule.applies:
            continue
        head = Text.assemble(
            (rule.rule_id, "bold"),
            " ",
            (OUTCOME_WORDS[rule.outcome], _STYLES[rule.outcome]),
            (f" · {rule.severity.value.replace('_', ' ')}", "dim"),
            (f" · {rule.source}" if rule.source else "", "dim"),
        )
        lines: list[RenderableType] = [Text(rule_words(rule))]
        if rule.message:
            lines.append(Text(rule.message, style=_STYLES[rule.outcome]))
        lines.append(_inputs(rule, field))
        yield Group(head, Padding(Group(*lines), (0, 0, 1, 2)))
    silent = [rule.rule_id for rule in rules if not rule.applies]
    if silent:
        yield Text(f"Not about this return: {', '.join(silent)}", style="dim")


def _inputs(rule: RuleTold, field: FieldTold) -> Text:
    """The numbers that went in; what is blank comes last, by its names alone."""
    told = Text("Went in: ", style="dim")
    blanks = []
    parts: list[tuple[str, str]] = []
    for given in rule.inputs:
        words = input_words(given, rule.form or field.form)
        if given.value == "":
            blanks.append(words)
            continue
        mine = (given.form, given.name) == (field.form, field.name)
        parts.append((f"{words} = {input_value_words(given)}", "bold" if mine else "default"))
    for place, (words, style) in enumerate(parts):
        told.append("; " if place else "")
        told.append(words, style=f"not dim {style}")
    if blanks:
        told.append(f"{'; ' if parts else ''}blank: {', '.join(blanks)}")
    return told


def _rule_findings(rules: Sequence[RuleTold]) -> Iterator[RenderableType]:
    for outcome in (Outcome.FAIL, Outcome.NOT_EVALUATED):
        found = [rule for rule in rules if rule.outcome is outcome]
        if not found:
            continue
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for rule in found:
            shown = rule.message or rule_words(rule)
            table.add_row(rule.rule_id, escape(shown.removeprefix("not evaluated: ")))
        yield Text(f"{OUTCOME_WORDS[outcome].capitalize()} ({len(found)})", style=_STYLES[outcome])
        yield Padding(table, (0, 0, 1, 2))


def _events(explanation: Explanation) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for place in range(4):
        table.add_column(overflow="fold", justify="right" if place == 0 else "left")
    for event in explanation.events:
        table.add_row(
            str(event.sequence),
            event.at[:19].replace("T", " "),
            escape(event.actor),
            f"{event.action}: {event.outcome}",
        )
    return table


def _review(review: ReviewTold) -> str:
    opened, closed = review.opened_at, review.closed_at
    state = f"settled {closed:{_MOMENT}}" if closed else f"waits since {opened:{_MOMENT}}"
    return f"{review.reason or 'to be looked at'} ({state})"


def _said(field: FieldTold) -> Reconciled | None:
    return field.reconciliation.outcome if field.reconciliation else None


def _field_counts(fields: Sequence[FieldTold]) -> str:
    by_status = Counter(field.status for field in fields)
    counts = " + ".join(
        f"{by_status[status]} {STATUS_WORDS[status.value]}"
        for status in ValueStatus
        if by_status[status]
    )
    by_outcome = Counter(filter(None, map(_said, fields)))
    arithmetic = ", ".join(
        f"{by_outcome[outcome]} {ARITHMETIC_WORDS[outcome]}"
        for outcome in Reconciled
        if by_outcome[outcome]
    )
    return f"{len(fields)} = {counts}" + (f"; by arithmetic {arithmetic}" if arithmetic else "")


def _counts(rules: Sequence[RuleTold]) -> str:
    if not rules:
        return "none"
    by_outcome = Counter(rule.outcome for rule in rules if rule.applies)
    parts = [f"{by_outcome[it]} {OUTCOME_WORDS[it]}" for it in OUTCOME_WORDS if by_outcome[it]]
    silent = sum(not rule.applies for rule in rules)
    if silent:
        parts.append(f"{silent} not about this return")
    return f"{len(rules)} = {' + '.join(parts)}" if len(parts) > 1 else parts[0]


def _state(status: str) -> Text:
    return Text(STATUS_WORDS[status], style=_STYLES.get(status, "dim"))


def _section(console: Console, heading: str, *parts: RenderableType) -> None:
    console.print()
    console.print(Text(heading, style="bold underline"))
    for part in parts:
        console.print(part)


def _facts(rows: Sequence[tuple[str, str | Text]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in rows:
        table.add_row(escape(name), escape(words) if isinstance(words, str) else words)
    return table
