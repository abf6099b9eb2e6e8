"""A page's fields: who reads what, what is accepted, what goes to a person and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pytest
from reading_fixtures import (
    definition,
    department,
    field_image,
    form_with,
    marked,
    paper,
    printed,
)

from extractors import reader
from extractors.confidence import Calibration, Curve
from extractors.engines.marks import MarksEngine
from extractors.engines.textlayer import TextLayerEngine
from extractors.page_image import FieldImage, TextLayer
from schemas.department import EngineChoice
from schemas.errors import EngineError, MissingProgramError
from schemas.forms import FieldKind
from schemas.readings import Alternative, FieldValue, Reading, ValueStatus


def sure_of(*witnesses: str) -> dict[str, Curve]:
    """Curves by which these are accepted from a score of 4 on."""
    curve = Curve(
        scores=(0.0, 4.0), probabilities=(0.0, 0.999), samples=9999, risks=((4.0, 0.0001),)
    )
    groups = ("amount/typed", "text/typed", "mark/marked", "mark/unmarked")
    return {f"{group}/{one}": curve for group in groups for one in witnesses}


SURE = Calibration(
    version="test",
    fitted_on="test",
    engines={"tesseract": "1", "rapidocr": "1", "marks": MarksEngine.version},
    curves=sure_of("tesseract", "rapidocr", "rapidocr+tesseract", "marks"),
)


class Scripted:
    """Answers by field name."""

    version = "1"

    def __init__(self, name: str, answers: Mapping[str, Reading | str]) -> None:
        self.name = name
        self.answers = answers
        self.asked: list[str] = []

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        self.asked += [image.definition.name for image in batch]
        return [self._answer(image.definition.name) for image in batch]

    def _answer(self, field: str) -> Reading:
        answer = self.answers.get(field, "")
        if isinstance(answer, Reading):
            return answer
        return Reading(engine=self.name, version="1", text=answer, confidence=0.999)


class Failing(Scripted):
    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(name, {})
        self.error = error

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        raise self.error


Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    def with_engines(*engines: object) -> None:
        known = {"marks": MarksEngine(), "textlayer": TextLayerEngine()}
        known |= {engine.name: engine for engine in engines}  # type: ignore[attr-defined]
        monkeypatch.setattr(reader, "load_engine", known.__getitem__)
        monkeypatch.setattr(reader, "load_calibration", lambda folder: SURE)

    yield with_engines


def read(*images: FieldImage, **settings: object) -> list[FieldValue]:
    form = form_with(*(image.definition for image in images))
    return list(reader.read_fields(images, form, 1, department(**settings)))


def certain(text: str, confidence: float = 0.999, *alternatives: tuple[str, float]) -> Reading:
    return Reading(
        engine="tesseract",
        version="1",
        text=text,
        confidence=confidence,
        alternatives=tuple(Alternative(text=t, log_odds=o) for t, o in alternatives),
    )


def test_blank_fields_are_never_sent_to_an_engine(install: Install) -> None:
    tesseract = Scripted("tesseract", {"wages": "1,234"})
    install(tesseract, Scripted("rapidocr", {}))
    blank = field_image(definition(name="interest"))
    wages, interest = read(printed("1,234"), blank)
    assert tesseract.asked == ["wages"]
    assert (wages.value, wages.status) == ("1234", ValueStatus.ACCEPTED)
    assert wages.decided_by == "engine:tesseract 1"
    assert (interest.value, interest.status) == (None, ValueStatus.BLANK)
    assert interest.confidence > 0.95


def test_a_second_engine_is_asked_only_where_the_first_is_unsure(install: Install) -> None:
    first = Scripted("tesseract", {"wages": certain("1,234"), "interest": certain("581", 0.6)})
    second = Scripted("rapidocr", {"interest": "581"})
    install(first, second)
    wages, interest = read(printed("1,234"), printed("581", definition(name="interest")))
    assert second.asked == ["interest"]
    assert interest.status is ValueStatus.ACCEPTED
    assert interest.decided_by == "engines:tesseract 1+rapidocr 1"
    assert [r.engine for r in interest.readings] == ["tesseract", "rapidocr"]
    assert len(wages.readings) == 1


def test_engines_that_disagree_leave_it_to_a_person(install: Install) -> None:
    install(
        Scripted("tesseract", {"wages": certain("581", 0.6)}),
        Scripted("rapidocr", {"wages": "531"}),
    )
    (wages,) = read(printed("581"))
    assert wages.status is ValueStatus.REVIEW
    assert wages.reason == "the engines disagree"
    assert {r.text for r in wages.readings} == {"581", "531"}


def test_texts_that_mean_the_same_count_together(install: Install) -> None:
    wavering = certain("1.234", 0.5, ("1,234", -0.001), ("1284", -8.0))
    install(Scripted("tesseract", {"wages": wavering}), Scripted("rapidocr", {}))
    (wages,) = read(printed("1,234"))
    assert (wages.value, wages.status) == ("1234", ValueStatus.ACCEPTED)
    assert wages.as_read == "1.234"


@pytest.mark.parametrize(
    ("kind", "name", "text", "reason"),
    [
        (FieldKind.AMOUNT, "wages", "see stmt", "not a valid amount"),
        (FieldKind.TAXPAYER_ID, "ssn", "12345", "not a valid taxpayer id"),
        (FieldKind.TEXT, "address_state", "QQ", "not a valid text"),
        (FieldKind.AMOUNT, "wages", "1234-", "may be a minus"),
        (FieldKind.AMOUNT, "wages", "", "nothing could be read"),
    ],
)
def test_what_is_no_value_goes_to_a_person(
    install: Install, kind: FieldKind, name: str, text: str, reason: str
) -> None:
    install(Scripted("tesseract", {name: text}), Scripted("rapidocr", {name: text}))
    (value,) = read(printed("8888", definition(kind, name)))
    assert value.status is ValueStatus.REVIEW
    assert reason in (value.reason or "")
    assert value.as_read == text


def test_something_struck_out_goes_to_a_person_however_sure_the_engines(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "ink_kinds", lambda inks: ["hand"] * len(inks))
    install(Scripted("tesseract", {"wages": "52340"}), Scripted("rapidocr", {"wages": "52340"}))
    plain = printed("52340")
    struck = printed("52340")
    struck.ink[38:41, 14:120] = 0
    assert "struck out" in (read(struck)[0].reason or "")
    assert "struck out" not in (read(plain)[0].reason or "")


def test_writing_in_a_closed_field_goes_to_a_person(install: Install) -> None:
    install(Scripted("tesseract", {"wages": "12"}), Scripted("rapidocr", {}))
    (value,) = read(printed("12", definition(reserved=True)))
    assert value.status is ValueStatus.REVIEW
    assert "where nothing belongs" in (value.reason or "")


@pytest.mark.parametrize("error", [RuntimeError("secret"), EngineError("tesseract timed out")])
def test_a_failing_engine_takes_its_fields_to_review(install: Install, error: Exception) -> None:
    install(Failing("tesseract", error), Failing("rapidocr", error))
    wages, single = read(printed("12"), marked(definition(FieldKind.CHECKBOX, "blind")))
    assert wages.status is ValueStatus.REVIEW
    assert "engine tesseract failed" in (wages.reason or "")
    assert "secret" not in (wages.reason or "")
    assert all(r.problem for r in wages.readings)
    assert single.status is ValueStatus.ACCEPTED


def test_where_one_engine_fails_the_other_still_reads(install: Install) -> None:
    install(Failing("tesseract", RuntimeError()), Scripted("rapidocr", {"wages": "12"}))
    (wages,) = read(printed("12"))
    assert (wages.value, wages.status) == ("12", ValueStatus.ACCEPTED)


def test_a_missing_program_stops_with_its_sentence(install: Install) -> None:
    install(Failing("tesseract", MissingProgramError("apt-get install tesseract-ocr")))
    with pytest.raises(MissingProgramError, match="apt-get"):
        read(printed("12"))


def choice(option: str) -> FieldImage:
    return marked(definition(FieldKind.CHOICE, option))


def test_marks_are_read_by_ink(install: Install) -> None:
    install()
    empty = field_image(definition(FieldKind.CHOICE, "married"))
    single, married, blind = read(
        choice("single"), empty, marked(definition(FieldKind.CHECKBOX, "blind"))
    )
    assert (single.value, single.status) == (True, ValueStatus.ACCEPTED)
    assert (married.value, married.status) == (False, ValueStatus.BLANK)
    assert (blind.value, blind.confidence > 0.99) == (True, True)


def test_two_marks_where_one_may_be_go_to_a_person(install: Install) -> None:
    install()
    single, married, blind = read(
        choice("single"), choice("married"), marked(definition(FieldKind.CHECKBOX, "blind"))
    )
    assert single.status is married.status is ValueStatus.REVIEW
    assert "two boxes" in (single.reason or "")
    assert blind.status is ValueStatus.ACCEPTED


def test_a_doubtful_mark_goes_to_a_person(install: Install) -> None:
    install()
    field = definition(FieldKind.CHECKBOX, "blind")
    ink = paper(field)
    ink[27:29, 18:36] = 0
    (blind,) = read(field_image(field, ink))
    assert blind.status is ValueStatus.REVIEW
    assert "may be a mark or not" in (blind.reason or "")


def test_a_box_filled_in_that_lifting_lost_is_marked(install: Install) -> None:
    install()
    field = definition(FieldKind.CHECKBOX, "blind")
    scan = paper(field)
    scan[12:45, 12:45] = 0
    (blind,) = read(field_image(field, registered=scan))
    assert (blind.value, blind.status) == (True, ValueStatus.ACCEPTED)


def test_signatures_need_more_than_a_speck(install: Install) -> None:
    install()
    signed = definition(FieldKind.SIGNATURE, "taxpayer_signature")
    unsigned = definition(FieldKind.SIGNATURE, "spouse_signature")
    first, second = read(printed("John Smith", signed), field_image(unsigned))
    assert (first.value, first.status) == (True, ValueStatus.ACCEPTED)
    assert (second.value, second.status) == (False, ValueStatus.BLANK)


def test_a_text_layer_is_preferred_and_must_be_visible(install: Install) -> None:
    tesseract = Scripted("tesseract", {})
    install(tesseract, Scripted("rapidocr", {}))
    field = definition(source_field="f1")
    hidden = definition(name="interest", source_field="f2")
    box = definition(FieldKind.CHECKBOX, "blind", source_field="c1")
    layer = TextLayer(612, 792, (), {"f1": "52,340", "f2": "9,999", "c1": True})
    wages, interest, blind = read(
        field_image(field, printed("52,340").ink, layer=layer),
        field_image(hidden, layer=layer),
        field_image(box, layer=layer),
    )
    assert (wages.value, wages.status) == ("52340", ValueStatus.ACCEPTED)
    assert wages.decided_by == "engine:textlayer 1"
    assert interest.status is ValueStatus.REVIEW
    assert "not visible" in (interest.reason or "")
    assert (blind.value, blind.status) == (True, ValueStatus.ACCEPTED)
    assert tesseract.asked == []


def test_ink_on_a_born_digital_page_without_text_is_read_from_the_picture(install: Install) -> None:
    install(Scripted("tesseract", {"wages": "12"}), Scripted("rapidocr", {}))
    (wages,) = read(field_image(definition(), printed("12").ink, layer=TextLayer(612, 792, (), {})))
    assert (wages.value, wages.decided_by) == ("12", "engine:tesseract 1")


def test_nothing_is_accepted_on_an_uncalibrated_score(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(Scripted("tesseract", {"wages": "12"}), Scripted("rapidocr", {"wages": "12"}))
    monkeypatch.setattr(
        reader, "load_calibration", lambda folder: SURE.model_copy(update={"curves": {}})
    )
    (wages,) = read(printed("12"))
    assert (wages.value, wages.status) == ("12", ValueStatus.REVIEW)


def with_versions(monkeypatch: pytest.MonkeyPatch, **engines: str) -> None:
    table = SURE.model_copy(update={"engines": engines})
    monkeypatch.setattr(reader, "load_calibration", lambda folder: table)


def test_an_engine_of_another_version_lends_no_confidence(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(Scripted("tesseract", {"wages": "12"}), Scripted("rapidocr", {}))
    with_versions(monkeypatch, tesseract="2", rapidocr="1")
    (wages,) = read(printed("12"))
    assert (wages.value, wages.status) == ("12", ValueStatus.REVIEW)


@pytest.mark.parametrize(
    ("other", "status"), [("12", ValueStatus.ACCEPTED), ("72", ValueStatus.REVIEW)]
)
def test_beside_an_engine_of_another_version_the_other_decides_unless_they_differ(
    install: Install, monkeypatch: pytest.MonkeyPatch, other: str, status: ValueStatus
) -> None:
    install(Scripted("tesseract", {"wages": other}), Scripted("rapidocr", {"wages": "12"}))
    with_versions(monkeypatch, tesseract="2", rapidocr="1")
    (wages,) = read(printed("12"))
    assert (wages.value, wages.status) == ("12", status)


@pytest.mark.parametrize(
    ("target", "status"), [(0.001, ValueStatus.ACCEPTED), (0.00001, ValueStatus.REVIEW)]
)
def test_a_kind_is_accepted_within_its_own_target_error(
    install: Install, target: float, status: ValueStatus
) -> None:
    install(Scripted("tesseract", {"wages": "12"}), Scripted("rapidocr", {"wages": "12"}))
    (wages,) = read(printed("12"), target_error_by_kind={FieldKind.AMOUNT: target})
    assert (wages.status, wages.risk) == (status, 0.0001)


def test_a_page_without_fields_has_no_values(install: Install) -> None:
    install()
    assert reader.read_fields([], form_with(), 1, department()) == ()


def test_white_noise_yields_values_and_no_errors(install: Install) -> None:
    install(Scripted("tesseract", {}), Scripted("rapidocr", {}))
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, paper(definition()).shape, dtype=np.uint8)
    (value,) = read(field_image(definition(), noise))
    assert value.status in (ValueStatus.REVIEW, ValueStatus.BLANK)


def test_numbers_and_words_of_a_hand_have_engines_of_their_own(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, words = Scripted("strip", {"wages": "12"}), Scripted("rapidocr", {"street": "Elm"})
    install(numbers, words)
    monkeypatch.setattr(reader, "ink_kinds", lambda inks: ["hand"] * len(inks))
    street = definition(FieldKind.TEXT, "street")
    choice = EngineChoice(handwritten=("strip",), handwritten_words=("rapidocr",))
    reader.read_fields(
        [printed("12"), printed("Elm", street)],
        form_with(definition(), street),
        1,
        department(engines=choice),
    )
    assert (numbers.asked, words.asked) == (["wages"], ["street"])
