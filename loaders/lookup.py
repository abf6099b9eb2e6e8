"""From what an auditor types to the return and the field that he means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from loaders.repository import Repository
from loaders.store import DOCUMENTS, FORMS, RECEIPTS, RETURNS
from schemas.errors import ExitCode, TaxliftError
from schemas.explanation import Explanation, FieldTold
from schemas.masking import mask_text

_SHORTEST_PREFIX = 4
_LISTED = 12
_NAMES_COMPARED = 20_000


class LookupFailedError(TaxliftError):
    """What was asked for is not there, or is more than one thing."""

    exit_code = ExitCode.BAD_ARGUMENTS


def find_return(repository: Repository, asked: str) -> str:
    """The return's id, from itself, a prefix of at least four characters, or its file's name.

    Raises:
        LookupFailedError: none or several; the message names what comes near.
    """
    with repository.reading() as connection:
        found = list(_by_id(connection, asked))
        if len(found) == 1 or asked in found:
            return asked if asked in found else found[0]
        if found:
            raise LookupFailedError(f"{asked} begins several returns: {_listed(found)}")
        in_file = _by_file(connection, asked)
        if len(in_file) == 1:
            return next(iter(in_file))
        if in_file:
            told = [f"{return_id} (from page {page})" for return_id, page in in_file.items()]
            raise LookupFailedError(
                f"{mask_text(asked)} holds several returns, name one of them: {_listed(told)}"
            )
        raise LookupFailedError(_no_return(connection, asked))


def department_of(repository: Repository, return_id: str) -> str:
    """Name of the department whose return it is."""
    with repository.reading() as connection:
        query = sa.select(RETURNS.c.department).where(RETURNS.c.id == return_id)
        return connection.execute(query).scalar_one()


def find_field(explanation: Explanation, asked: str) -> FieldTold:
    """The field that is meant by `form_1040.wages`, `wages`, `form_1040 1a` or `line 1a`.

    The name of a choice (`filing_status`) means the box of it that is marked.

    Raises:
        LookupFailedError: none or several; the message names what comes near.
    """
    fields = explanation.fields
    for form, rest in _readings_of(asked, {field.form for field in fields}):
        found = [field for field in fields if _is_meant(field, form, rest)]
        marked = [field for field in found if field.value is True and field.group == rest]
        if len(found) == 1 or len(marked) == 1:
            return (marked or found)[0]
        if found:
            told = [_shown(field) for field in found]
            raise LookupFailedError(f"{asked!r} may be several fields, name one: {_listed(told)}")
    raise LookupFailedError(_no_field(asked, fields))


def _by_id(connection: Connection, asked: str) -> Iterator[str]:
    """Returns whose id begins so."""
    if len(asked) < _SHORTEST_PREFIX:
        return
    begins = RETURNS.c.id.startswith(asked.lower(), autoescape=True)
    query = sa.select(RETURNS.c.id).where(begins).order_by(RETURNS.c.id).limit(_LISTED + 1)
    yield from connection.scalars(query)


def _by_file(connection: Connection, asked: str) -> dict[str, int]:
    """Returns in a file of that name, however it was delivered, with their first pages."""
    names = (DOCUMENTS.c.file, RECEIPTS.c.path)
    called = [name == asked for name in names]
    called += [name.endswith(f"/{asked}", autoescape=True) for name in names]
    query = (
        sa.select(RETURNS.c.id, FORMS.c.pages)
        .join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
        .join(FORMS, FORMS.c.return_id == RETURNS.c.id)
        .outerjoin(RECEIPTS, RECEIPTS.c.document_id == DOCUMENTS.c.id)
        .where(sa.or_(*called))
    )
    found: dict[str, int] = {}
    for return_id, pages in connection.execute(query):
        found[return_id] = min([*pages, found.get(return_id, 1 << 30)])
    return dict(sorted(found.items(), key=lambda each: each[1]))


def _no_return(connection: Connection, asked: str) -> str:
    shown = mask_text(asked)
    document = connection.execute(
        sa.select(RECEIPTS.c.outcome, DOCUMENTS.c.status)
        .outerjoin(DOCUMENTS, DOCUMENTS.c.id == RECEIPTS.c.document_id)
        .where(RECEIPTS.c.path == asked)
        .order_by(RECEIPTS.c.id.desc())
    ).first()
    if document is not None:
        became = (document.status or document.outcome).value
        return f"no return was found in {shown} ({became}): see taxlift documents"
    known = connection.scalars(
        sa.select(DOCUMENTS.c.file).order_by(DOCUMENTS.c.id.desc()).limit(_NAMES_COMPARED)
    )
    near = difflib.get_close_matches(asked, list(known), n=3, cutoff=0.6)
    hint = f"; did you mean {_listed(map(mask_text, near))}?" if near else ""
    short = f" (of an id at least {_SHORTEST_PREFIX} characters)"
    return f"no return and no file is called {shown}{hint or short}"


def _readings_of(asked: str, forms: set[str]) -> Iterator[tuple[str | None, str]]:
    """What may be meant, the likeliest first: (form and copy, name or line)."""
    text = asked.strip()
    head, dot, tail = text.partition(".")
    if dot and _plain(head).partition(":")[0] in forms:
        yield _plain(head), _name_or_line(tail)
    words = re.split(r"[\s,]+", text)
    for cut in range(len(words) - 1, 0, -1):
        form = _plain("_".join(words[:cut]))
        if form.partition(":")[0] in forms:
            yield form, _name_or_line(" ".join(words[cut:]))
    yield None, _name_or_line(text)


def _plain(text: str) -> str:
    return re.sub(r"[\s\-]+", "_", text.strip().lower())


def _name_or_line(text: str) -> str:
    return _plain(re.sub(r"^\s*line\s+", "", text, flags=re.IGNORECASE))


def _is_meant(field: FieldTold, form: str | None, rest: str) -> bool:
    if form is not None:
        of, _, copy = form.partition(":")
        if field.form != of or (copy and str(field.copy_number) != copy):
            return False
    return bool(rest) and rest in (field.name, (field.line or "").lower(), field.group)


def _no_field(asked: str, fields: Sequence[FieldTold]) -> str:
    wanted = _name_or_line(asked)
    by_word: dict[str, str] = {}
    for field in fields:
        for word in (field.key, field.name, f"{field.form} {field.line}"):
            by_word.setdefault(word.lower(), _shown(field))
    rests = [rest for _, rest in _readings_of(asked, {field.form for field in fields})]
    number = next((it for rest in rests if (it := re.fullmatch(r"(\d+)[a-z]?", rest))), None)
    if number:  # of line 1y the lines 1a to 1z are near, and no names
        line = re.compile(rf"{number[1]}[a-z]?", re.IGNORECASE)
        near = [_shown(field) for field in fields if line.fullmatch(field.line or "")]
    else:
        words = difflib.get_close_matches(wanted, by_word, n=6, cutoff=0.6)
        words += [word for word in by_word if wanted and wanted in word]
        near = list(dict.fromkeys(by_word[word] for word in words))[:6]
    if near:
        return f"the return has no field {asked!r}; did you mean {_listed(near)}?"
    forms = ", ".join(dict.fromkeys(field.form for field in fields))
    return f"the return has no field {asked!r}; it has the forms {forms}"


def _shown(field: FieldTold) -> str:
    return f"{field.key} (line {field.line})" if field.line else field.key


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
