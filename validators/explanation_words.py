"""What an explanation says in words: the same at the terminal, on the page and in the console."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from schemas.explanation import Explanation, FieldTold, RuleInput, RuleTold
from schemas.forms import FieldKind
from schemas.readings import Reading, Reconciled, ValueStatus
from schemas.rules import Outcome
from validators.explain import show_number
from validators.scope import describe_form

STATUS_WORDS = {
    "accepted": "accepted",
    "review": "to a person",
    "rejected": "rejected by a rule",
    "blank": "blank",
    "unread": "left unread",
}
OUTCOME_WORDS = {
    Outcome.FAIL: "failed",
    Outcome.NOT_EVALUATED: "not evaluated",
    Outcome.PASS: "passed",
}
ARITHMETIC_WORDS = {
    Reconciled.CONFIRMED: "confirmed",
    Reconciled.CORRECTED: "corrected reading",
    Reconciled.CONFLICT: "conflict",
    Reconciled.MISTAKE: "filer's own mistake",
}


_ENGINES = re.compile(r"\+(?=[\w.\-]+ )")
"""Between engines; a plus within a version is followed by no blank."""


def field_title(field: FieldTold) -> str:
    """`Form 1040 2022, line 1z: wages`."""
    copy = f" (copy {field.copy_number})" if field.copy_number > 1 else ""
    line = f", line {field.line}" if field.line else ""
    return f"{describe_form(field.form)} {field.year}{copy}{line}: {field.name.replace('_', ' ')}"


def place_words(explanation: Explanation, field: FieldTold) -> tuple[str, str]:
    """Where it is on the paper: the page, and the box in the scan's pixels."""
    page = explanation.page(field.page)
    dpi = f" at {page.dpi:.0f} dpi" if page.dpi else ""
    turned = f", turned by {page.turned}° to be read" if page.turned else ""
    x0, y0, x1, y1 = field.bbox
    return (
        f"{explanation.file}, page {field.page} (page {field.form_page} of the form{turned})",
        f"pixels {x0} to {x1} from the left, {y0} to {y1} from the top, "
        f"of {page.width} × {page.height}{dpi}",
    )


def value_words(kind: FieldKind, value: str | bool | None) -> str:
    """A value for people: amounts with commas, marks in words."""
    if isinstance(value, bool):
        made = "signed" if kind is FieldKind.SIGNATURE else "marked"
        return made if value else f"not {made}"
    if not value:
        return "nothing"
    if kind in (FieldKind.AMOUNT, FieldKind.COUNT):
        return _number(value)
    return value


def held_words(field: FieldTold) -> str:
    """What we hold of the field, and how far we stand by it."""
    said = value_words(field.kind, field.value)
    if field.status is ValueStatus.BLANK:
        return said if isinstance(field.value, bool) else "blank"
    if field.status is ValueStatus.ACCEPTED:
        return said
    if field.status is ValueStatus.REVIEW:
        guess = "" if field.value is None else f"; the likeliest reading is {said}"
        return f"nothing yet{guess}"
    return f"nothing; it may be {said}"


def sure_words(field: FieldTold) -> str:
    """How likely the value is right, and what that is measured by."""
    said = f"{percent(field.confidence)} that this is what is on the paper"
    if field.risk is None:
        return said
    # A bound: what is under a hundredth of a per cent is at most that.
    said += f"; of all that are as sure, at most {percent(max(field.risk, 0.0001))} are wrong"
    if field.target_error is None:
        return said
    return f"{said} (the department bears {percent(field.target_error)})"


def decided_words(field: FieldTold) -> str:
    """Who or what decided the value."""
    kind, _, names = field.decided_by.partition(":")
    if kind == "person":
        return f"a person: {names}"
    if kind == "rules":
        return f"arithmetic, among what the engines read, by {_list(names.split('+'))}"
    if kind == "engines":
        return f"engines {_list(_ENGINES.split(names))}, which read the same"
    return f"engine {names}" if kind == "engine" else field.decided_by


def waiting_words(field: FieldTold) -> str:
    """Why it waits for a person; empty where it does not."""
    if field.status is not ValueStatus.REVIEW:
        return ""
    return field.reason or "it was not read surely enough"


def alternatives_words(field: FieldTold, reading: Reading, most: int = 5) -> str:
    """What else an engine thinks may be there; of what is masked only how near it comes."""
    others = reading.alternatives
    if field.is_hidden and others:
        nearest = odds_words(max(other.log_odds for other in others))
        return f"{len(others)} other{'s' * (len(others) > 1)}, masked; the likeliest {nearest}"
    told = [f"{other.text or 'nothing'} ({odds_words(other.log_odds)})" for other in others[:most]]
    return "; ".join([*told, f"and {len(others) - most} more"] if len(others) > most else told)


def arithmetic_words(field: FieldTold) -> list[str]:
    """What the arithmetic of the whole return said of it, in sentences."""
    said = field.reconciliation
    if said is None:
        return ["Nothing: no rule that could be asked depends on it."]
    rules, odds = _list(said.rules), percent(said.probability)
    first = said.first
    before = f"{_quoted(first.value, field.kind)} ({percent(first.confidence)})"
    if said.outcome is Reconciled.CONFIRMED:
        lines = [
            f"Confirmed: {rules} hold{_s(said.rules)} with it, and would not with another value. "
            f"All readings of the return together make it {odds} likely."
        ]
    elif said.outcome is Reconciled.CORRECTED:
        held = _quoted(field.value, field.kind)
        lines = [
            f"Corrected reading: the likeliest reading of the return as a whole has {held} here, "
            f"with which {rules} hold{_s(said.rules)}. That is {odds} likely."
        ]
        if said.log_odds is not None:
            lines.append(
                f"By the ink alone, against the first reading: {odds_words(said.log_odds)}."
            )
    elif said.outcome is Reconciled.CONFLICT:
        lines = [
            f"Conflict: {rules} do{'es' * (len(said.rules) == 1)} not hold, and who is wrong stays "
            f"open. What was read is {odds} likely."
        ]
        if said.alternative is not None:
            other = _quoted(said.alternative, field.kind)
            by_ink = "" if said.log_odds is None else f" ({odds_words(said.log_odds)} by the ink)"
            lines.append(f"The likeliest reading of the return as a whole has {other}{by_ink}.")
    else:
        lines = [
            f"The filer's own mistake: {rules} fail{_s(said.rules)} on what is read with "
            f"confidence ({odds}). Kept as filed."
        ]
        if said.correction is not None:
            lines.append(f"By the rules it should be {show_number(said.correction)}.")
    if said.outcome is not Reconciled.MISTAKE:
        status = STATUS_WORDS[first.status.value]
        why = f" ({first.reason})" if first.reason else ""
        lines.append(f"Before that it was {before}, {status}{why}.")
    return lines


def input_words(given: RuleInput, form: str | None = None) -> str:
    """`line 1z (wages)`, with the form where it is not `form`."""
    name = given.name.replace("_", " ")
    said = f"line {given.line} ({name})" if given.line else name
    return said if given.form == form else f"{said} of {describe_form(given.form)}"


def input_value_words(given: RuleInput) -> str:
    """What went into the rule, for people."""
    if given.value is None:
        return "unread"
    return {"": "blank", "yes": "marked"}.get(given.value) or _number(given.value)


def rule_words(rule: RuleTold) -> str:
    """What must hold; where the department has no such rule any more, that."""
    return rule.text or "The department's files have no rule of this id now."


def versions_of(explanation: Explanation) -> list[tuple[str, str]]:
    """Name and version of all that made the values: definitions, rules, engines, calibration."""
    told: list[tuple[str, str]] = []
    now = {(form.form, form.year): form.definition for form in explanation.forms}
    for page in explanation.pages:
        name = f"{describe_form(page.form)} {page.year}"
        made = _compared(page.versions.get("definition"), now.get((page.form, page.year)))
        told.append((name, f"definition {made}"))
        if blank := page.versions.get("blank_sha256"):
            told.append((name, f"blank with sha256 {str(blank)[:16]}…"))
    told = list(dict.fromkeys(told))
    told.append(("rules", _compared(explanation.rules_version, explanation.rules_version_now)))
    for key in ("calibration", "page_reader", "opencv"):
        versions = {str(page.versions[key]) for page in explanation.pages if key in page.versions}
        if versions:
            told.append((key.replace("_", " "), ", ".join(sorted(versions))))
    engines = {
        (reading.engine, reading.version)
        for field in explanation.fields
        for reading in field.readings
    }
    told += [(f"engine {name}", version) for name, version in sorted(engines)]
    return told


def percent(share: float) -> str:
    """A share for people: never all where it is not all, never nothing where it is something."""
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if share > 0.9999:
        return "over 99.99 %"
    if 0 < share < 0.0001:
        return "under 0.01 %"
    digits = 2 if share > 0.99 or share < 0.01 else 1
    return f"{100 * share:.{digits}f} %"


def odds_words(log_odds: float) -> str:
    """`1 : 15` for what is fifteen times less likely, `2.1 : 1` for what is likelier."""
    ratio = math.exp(min(abs(log_odds), 40.0))
    shown = (
        "over a million" if ratio > 1e6 else f"{ratio:,.1f}" if ratio < 9.95 else f"{ratio:,.0f}"
    )
    # Blanks that do not break: odds are not torn apart at a line's end.
    return f"{shown}\u00a0:\u00a01" if log_odds > 0 else f"1\u00a0:\u00a0{shown}"


def _number(text: str) -> str:
    try:
        return show_number(Decimal(text))
    except (InvalidOperation, ValueError):
        return text


def _quoted(value: str | bool | None, kind: FieldKind) -> str:
    said = value_words(kind, value)
    return f"“{said}”" if isinstance(value, str) and value else said


def _compared(then: object, now: str | None) -> str:
    if not then:
        return "not recorded when it was read"
    return f"{then}" if now in (None, then) else f"{then} (the department has {now} now)"


def _s(rules: tuple[str, ...]) -> str:
    return "s" if len(rules) == 1 else ""


def _list(names: Iterable[str]) -> str:
    names = list(names)
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
