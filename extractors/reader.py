"""Reading one page: from field images to values with readings, confidence and status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from extractors.calling import call_engine
from extractors.confidence import Judged, load_calibration
from extractors.engines.base import load_engine
from extractors.handwriting import ink_kinds
from extractors.ink import FieldInk, find_ink, without_stains
from extractors.page_doubts import doubt_by_page
from extractors.page_image import FieldImage
from extractors.strikeouts import is_struck_out
from extractors.weighing import Verdict, is_ambiguous, judge, parse
from schemas.department import Department
from schemas.forms import FormDefinition
from schemas.readings import FieldValue, InkKind, Reading, ValueStatus

_INK_VERSION = "ink 1"
_HALF_TRUSTED = 0.5
_UNREAD = Judged(0.0, 1.0)
_SPECKS = frozenset("-.,'() ")


def read_fields(
    images: Sequence[FieldImage],
    form: FormDefinition,
    page_number: int,
    department: Department,
) -> tuple[FieldValue, ...]:
    """All values of one page, in the order of `images`.

    Fields without ink are blank and no engine sees them; marks are read by ink; born-digital
    pages by their text layer; the rest by the department's engines for print or handwriting,
    the next engine only where those before it leave a value below its threshold.

    Raises:
        MissingProgramError: a program or model that an engine needs is not there.
    """
    page = _Page(images, form, page_number, department)
    return page.read()


class _Page:
    """The fields of one page while they are being read."""

    def __init__(
        self,
        images: Sequence[FieldImage],
        form: FormDefinition,
        number: int,
        department: Department,
    ) -> None:
        self.images = images
        self.form = form
        self.number = number
        self.department = department
        self.engines = department.settings.engines
        self.calibration = load_calibration(department.folder)
        self.readings: dict[int, list[Reading]] = {i: [] for i in range(len(images))}
        self.inks = without_stains(
            {
                i: find_ink(image)
                for i, image in enumerate(images)
                if not image.definition.kind.is_mark
            }
        )
        self.ink_kinds: Mapping[int, InkKind] = {}

    def read(self) -> tuple[FieldValue, ...]:
        marks = [i for i, image in enumerate(self.images) if image.definition.kind.is_mark]
        written = [i for i, ink in self.inks.items() if ink.present]
        layered = [i for i, image in enumerate(self.images) if image.layer is not None]
        self._ask(self.engines.born_digital, layered)
        self._ask(self.engines.marks, [i for i in marks if not self._has_text(i)])
        written = [i for i in written if not self._has_text(i)]
        self.ink_kinds = dict(zip(written, ink_kinds([self.inks[i] for i in written]), strict=True))
        chains: dict[tuple[str, ...], list[int]] = {}
        for i in written:
            chains.setdefault(self._engines_for(i), []).append(i)
        for names, unread in chains.items():
            for name in names:
                unread = [i for i in unread if not self._is_sure(i)]
                self._ask(name, unread)
        values = [
            self._mark(i) if image.definition.kind.is_mark else self._text(i)
            for i, image in enumerate(self.images)
        ]
        return doubt_by_page(values, [image.definition for image in self.images])

    def _engines_for(self, i: int) -> tuple[str, ...]:
        """Which engines read a written field, each only what those before it leave in doubt."""
        words = self.images[i].definition.kind.is_words
        if self.ink_kinds[i] == "typed":
            return self.engines.typed_words if words else self.engines.typed
        return self.engines.handwritten_words if words else self.engines.handwritten

    def _ask(self, engine_name: str, fields: Sequence[int]) -> None:
        if not fields:
            return
        answers = call_engine(load_engine(engine_name), [self.images[i] for i in fields])
        for i, reading in zip(fields, answers, strict=True):
            self.readings[i].append(reading)

    def _has_text(self, i: int) -> bool:
        """Whether the text layer has answered for this field."""
        return any(r.text and r.problem is None for r in self.readings[i])

    def _is_sure(self, i: int) -> bool:
        if not self.readings[i]:
            return False
        _, judged = self._weigh(i)
        return judged.risk <= self._target(i)

    def _weigh(self, i: int) -> tuple[Verdict, Judged]:
        return judge(
            self.images[i].definition,
            self.readings[i],
            self.ink_kinds[i],
            self.calibration,
            self.department.settings.date_order,
        )

    def _target(self, i: int) -> float:
        definition = self.images[i].definition
        return self.department.target_error(definition.kind, self.form.form, definition.name)

    def _mark(self, i: int) -> FieldValue:
        sound = [r for r in self.readings[i] if r.problem is None]
        if not sound:
            return self._value(i, None, "", _UNREAD, ValueStatus.REVIEW, (), self._problem(i))
        # The ink has the last word; a form field that says the same can be the surer witness.
        same = [r for r in sound if r.text == sound[-1].text]
        chosen = max(same, key=lambda reading: reading.confidence)
        marked = chosen.text != ""
        judged = self.calibration.judge_mark(chosen)
        status, reason = ValueStatus.ACCEPTED if marked else ValueStatus.BLANK, None
        if judged.risk > self._target(i):
            status, reason = ValueStatus.REVIEW, "the ink in the box may be a mark or not"
        return self._value(i, marked, chosen.text, judged, status, (chosen,), reason)

    def _text(self, i: int) -> FieldValue:
        image, ink = self.images[i], self.inks[i]
        if image.layer is not None and self._has_text(i):
            return self._from_layer(i)
        if not ink.present:
            return self._blank(i, ink)
        definition = image.definition
        verdict, judged = self._weigh(i)
        if verdict.value is None:
            return self._unparsed(i, verdict.as_read)
        reason = None
        if is_ambiguous(definition, verdict.as_read):
            reason = "the dash at the end may be a minus or stand for no cents"
        elif definition.reserved:
            reason = "there is writing where nothing belongs"
        elif self.ink_kinds[i] == "hand" and is_struck_out(image, ink):
            reason = "something is struck out here, or written over"
        elif judged.risk > self._target(i):
            reason = (
                "the engines disagree"
                if verdict.witnesses.against
                else "not read with enough confidence"
            )
            reason = self._problem(i, reason)
        status = ValueStatus.ACCEPTED if reason is None else ValueStatus.REVIEW
        return self._value(
            i, verdict.value, verdict.as_read, judged, status, verdict.engines, reason
        )

    def _blank(self, i: int, ink: FieldInk) -> FieldValue:
        doubt = _HALF_TRUSTED * ink.doubt / 10.0
        return self._value(i, None, "", Judged(1.0 - doubt, doubt), ValueStatus.BLANK, ())

    def _unparsed(self, i: int, as_read: str) -> FieldValue:
        """Ink of which no engine made a value."""
        definition, ink = self.images[i].definition, self.inks[i]
        if self._only_specks(i, ink):
            return self._blank(i, ink)
        if as_read:
            reason = f"what is written is not a valid {definition.kind.value.replace('_', ' ')}"
        else:
            reason = "there is ink, but nothing could be read"
        return self._value(
            i,
            None,
            as_read,
            _UNREAD,
            ValueStatus.REVIEW,
            tuple(self.readings[i][:1]),
            self._problem(i, reason),
        )

    def _only_specks(self, i: int, ink: FieldInk) -> bool:
        """Ink hardly more than residue, of which every engine made nothing but specks."""
        sound = [r for r in self.readings[i] if r.problem is None]
        return (
            ink.doubt >= _HALF_TRUSTED
            and bool(sound)
            and all(set(r.text) <= _SPECKS for r in sound)
        )

    def _from_layer(self, i: int) -> FieldValue:
        definition = self.images[i].definition
        reading = next(r for r in self.readings[i] if r.text and r.problem is None)
        value = parse(definition, reading.text, self.department.settings.date_order)
        reason = None
        if value is None:
            kind = definition.kind.value.replace("_", " ")
            reason = f"what is written is not a valid {kind}"
        elif not self.inks[i].present:
            reason = "the file holds a text here that is not visible on the page"
        elif is_ambiguous(definition, reading.text):
            reason = "the dash at the end may be a minus or stand for no cents"
        elif 1.0 - reading.confidence > self._target(i):
            reason = "not read with enough confidence"
        status = ValueStatus.ACCEPTED if reason is None else ValueStatus.REVIEW
        judged = Judged(reading.confidence, 1.0 - reading.confidence)
        judged = judged if value is not None else _UNREAD
        return self._value(i, value, reading.text, judged, status, (reading,), reason)

    def _problem(self, i: int, otherwise: str = "no engine answered") -> str:
        """What an engine said of its own failure, else the given reason."""
        failed = [
            r.problem for r in self.readings[i] if r.problem and r.problem.startswith("engine ")
        ]
        return failed[0] if failed else otherwise

    def _value(
        self,
        i: int,
        value: str | bool | None,
        as_read: str,
        judged: Judged,
        status: ValueStatus,
        chosen: Iterable[Reading],
        reason: str | None = None,
    ) -> FieldValue:
        image = self.images[i]
        definition = image.definition
        return FieldValue(
            form=self.form.form,
            year=self.form.year,
            page=self.number,
            name=definition.name,
            line=definition.line,
            source_field=definition.source_field,
            kind=definition.kind,
            value=value,
            as_read=as_read,
            confidence=min(max(judged.probability, 0.0), 1.0),
            risk=min(judged.risk, 1.0),
            status=status,
            decided_by=_decided_by(chosen),
            bbox=image.bbox,
            ink=self.ink_kinds.get(i),
            readings=tuple(self.readings[i]),
            reason=reason,
        )


def _decided_by(chosen: Iterable[Reading]) -> str:
    names = [f"{reading.engine} {reading.version}" for reading in chosen]
    if not names:
        return f"engine:{_INK_VERSION}"
    return f"engine:{names[0]}" if len(names) == 1 else f"engines:{'+'.join(names)}"
