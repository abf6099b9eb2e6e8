"""Drafts of definitions, from small fillable PDFs made here and from official ones."""

from __future__ import annotations

from importlib.metadata import files
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from extractors.blanks import blank_path
from extractors.drafting.form import draft_form, reference_to
from extractors.drafting.guesses import NameRegister, guess_name
from extractors.drafting.widgets import PageFrame, WidgetType, read_widgets
from extractors.drafting.writer import write_yaml
from schemas.errors import DocumentError, RejectReason
from schemas.forms import NAME_PATTERN, BlankReference, FieldKind, FormDefinition
from schemas.packs import load_department

BLANK = BlankReference(path="blank.pdf", sha256="0" * 64)
COMB = 1 << 24
READ_ONLY = 1
PRINTED = 4


class FillablePdf:
    """A letter page on which tests put words and widgets, both from the top left."""

    def __init__(self) -> None:
        self.pdf = pikepdf.new()
        self.pdf.add_blank_page(page_size=(612, 792))
        self.page = self.pdf.pages[0]
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        self.page.Resources = Dictionary(Font=Dictionary(F1=self.pdf.make_indirect(font)))
        self.content: list[str] = []
        self.widgets: list[Any] = []
        self.roots: list[Any] = []

    def words(self, x: float, y: float, text: str, size: float = 8) -> None:
        """Text whose baseline is `y` points below the top."""
        self.content.append(f"BT /F1 {size} Tf {x} {792 - y} Td ({text}) Tj ET")

    def text(self, name: str, box: tuple[float, float, float, float], **extra: Any) -> None:
        self._widget(Dictionary(FT=Name.Tx, T=String(name), **extra), box, root=True)

    def mark(self, name: str, box: tuple[float, float, float, float], on: str) -> None:
        field = Dictionary(FT=Name.Btn, T=String(name), AP=self._looks(on))
        self._widget(field, box, root=True)

    def radio(self, name: str, boxes: dict[str, tuple[float, float, float, float]]) -> None:
        parent = self.pdf.make_indirect(Dictionary(FT=Name.Btn, T=String(name), Ff=1 << 15))
        self.roots.append(parent)
        for on, box in boxes.items():
            self._widget(Dictionary(Parent=parent, AP=self._looks(on)), box, root=False)

    def _looks(self, on: str) -> Dictionary:
        look = self.pdf.make_stream(b"")
        return Dictionary(N=Dictionary({f"/{on}": look, "/Off": look}))

    def _widget(self, field: Any, box: tuple[float, ...], root: bool) -> None:
        x0, y0, x1, y1 = box
        field.Type, field.Subtype = Name.Annot, Name.Widget
        field.Rect = Array([x0, 792 - y1, x1, 792 - y0])
        widget = self.pdf.make_indirect(field)
        self.widgets.append(widget)
        if root:
            self.roots.append(widget)

    def save(self, path: Path) -> Path:
        self.page.Contents = self.pdf.make_stream("\n".join(self.content).encode())
        self.page.Annots = Array(self.widgets)
        form = Dictionary(Fields=Array(self.roots))
        self.pdf.Root.AcroForm = self.pdf.make_indirect(form)
        self.pdf.save(path)
        return path


@pytest.fixture
def pdf() -> FillablePdf:
    return FillablePdf()


def draft(pdf: FillablePdf, tmp_path: Path) -> FormDefinition:
    return draft_form(pdf.save(tmp_path / "blank.pdf"), "form_x", 2024, BLANK)


def test_an_amount_takes_line_and_label_from_its_row(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(60, 109, "12a")
    pdf.words(90, 109, "Taxable pension income . . . . .")
    pdf.words(480, 109, "12a")
    pdf.text("f1", (500, 100, 576, 112))
    field = draft(pdf, tmp_path).fields()[0]
    assert (field.line, field.label, field.kind) == (
        "12a",
        "Taxable pension income",
        FieldKind.AMOUNT,
    )
    assert field.name == "taxable_pension_income"
    assert field.box == (500, 100, 576, 112)
    assert field.source_field == "f1"


def test_a_notice_that_is_never_printed_is_no_field(pdf: FillablePdf, tmp_path: Path) -> None:
    """State forms say `do not handwrite` on the screen, in read-only widgets, twice the same."""
    pdf.text("f1", (500, 100, 576, 112))
    pdf.text("notice", (0, 0, 30, 792), Ff=READ_ONLY)
    pdf.text("notice", (580, 0, 610, 792), Ff=READ_ONLY)
    assert [field.source_field for field in draft(pdf, tmp_path).fields()] == ["f1"]


def test_a_label_printed_in_two_rows_is_read_whole(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(60, 98, "5")
    pdf.words(90, 98, "Rental real estate, royalties, and")
    pdf.words(90, 109, "partnerships . . .")
    pdf.words(480, 109, "5")
    pdf.text("f1", (500, 100, 576, 112))
    field = draft(pdf, tmp_path).fields()[0]
    assert field.label == "Rental real estate, royalties, and partnerships"


def test_an_amount_behind_a_box_for_words_shares_its_label(
    pdf: FillablePdf, tmp_path: Path
) -> None:
    pdf.words(60, 109, "8z")
    pdf.words(90, 109, "Other income. List type:")
    pdf.text("f1", (185, 100, 400, 112))
    pdf.words(480, 109, "8z")
    pdf.text("f2", (500, 100, 576, 112))
    kind_of_income, amount = draft(pdf, tmp_path).fields()
    assert kind_of_income.label == amount.label == "Other income. List type"
    assert (amount.line, amount.kind) == ("8z", FieldKind.AMOUNT)


def test_a_cell_takes_its_label_from_the_small_print_above(
    pdf: FillablePdf, tmp_path: Path
) -> None:
    pdf.words(40, 96, "Your first name", size=6)
    pdf.words(240, 96, "ZIP code", size=6)
    pdf.text("f1", (36, 98, 236, 112))
    pdf.text("f2", (238, 98, 300, 112))
    one, other = draft(pdf, tmp_path).fields()
    assert (one.label, one.kind) == ("Your first name", FieldKind.NAME)
    assert (other.label, other.kind) == ("ZIP code", FieldKind.POSTAL_CODE)


def test_rows_of_a_table_share_the_head_of_their_column(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(60, 96, "Relationship")
    for row in range(3):
        pdf.text(f"r{row}", (50, 98 + 12 * row, 150, 110 + 12 * row))
    names = [field.name for field in draft(pdf, tmp_path).fields()]
    assert names == ["relationship", "relationship_2", "relationship_3"]


def test_comb_length_and_read_only_are_the_pdfs(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(60, 109, "Routing number")
    pdf.text("f1", (125, 100, 260, 112), Ff=COMB, MaxLen=9)
    pdf.text("f2", (125, 120, 260, 132), MaxLen=30)
    pdf.text("f3", (125, 140, 260, 152), Ff=READ_ONLY, F=PRINTED)
    routing, limited, closed = draft(pdf, tmp_path).fields()
    assert (routing.kind, routing.comb) == (FieldKind.ROUTING_NUMBER, 9)
    assert (limited.comb, limited.max_length) == (None, 30)
    assert closed.reserved
    assert not limited.reserved


def test_marks_of_one_field_are_a_choice_group(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(40, 108, "Filing status")
    for x, on, label in ((120, "1", "Single"), (200, "2", "Married")):
        pdf.words(x + 12, 108, label)
        pdf.mark(f"c1[{on}]", (x, 100, x + 8, 108), on)
    pdf.words(132, 138, "Digital assets held")
    pdf.mark("c2", (120, 130, 128, 138), "Yes")
    single, married, alone = draft(pdf, tmp_path).fields()
    assert (single.kind, single.group, single.option) == ("choice", "filing_status", "single")
    assert (married.name, married.export_value) == ("filing_status_married", "2")
    assert (alone.kind, alone.group, alone.export_value) == (FieldKind.CHECKBOX, None, "Yes")


def test_yes_and_no_come_from_the_heads_of_their_columns(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(500, 80, "Yes")
    pdf.words(530, 80, "No")
    for row, y in enumerate((100, 130)):
        pdf.words(60, y + 8, "Did you have a foreign account")
        pdf.mark(f"c{row}[0]", (504, y, 512, y + 8), "1")
        pdf.mark(f"c{row}[1]", (532, y, 540, y + 8), "2")
    fields = draft(pdf, tmp_path).fields()
    assert [field.option for field in fields] == ["yes", "no", "yes", "no"]
    assert len({field.group for field in fields}) == 2


def test_a_radio_field_has_one_definition_a_widget(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(52, 108, "Checking")
    pdf.words(112, 108, "Savings")
    pdf.radio("kind", {"C": (40, 100, 48, 108), "S": (100, 100, 108, 108)})
    fields = draft(pdf, tmp_path).fields()
    assert [(field.source_field, field.export_value) for field in fields] == [
        ("kind", "C"),
        ("kind", "S"),
    ]
    assert {field.option for field in fields} == {"checking", "savings"}


def test_title_and_year_become_landmarks(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(100, 50, "Income Tax Return", size=16)
    pdf.words(500, 50, "2024", size=18)
    pdf.words(100, 300, "as in 2024 or before")
    pdf.text("f1", (36, 98, 236, 112))
    definition = draft(pdf, tmp_path)
    assert definition.title == "Income Tax Return"
    texts = {landmark.text: landmark.box for landmark in definition.pages[0].landmarks}
    assert {"Income Tax Return", "2024"} <= set(texts)
    assert texts["2024"].x0 == pytest.approx(500, abs=1)


def test_names_are_unique_and_usable_without_any_print(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.text("Page1[0].Name Of Firm[0]", (36, 98, 236, 112))
    pdf.text("Page1[0].12[0]", (36, 198, 236, 212))
    names = [field.name for field in draft(pdf, tmp_path).fields()]
    assert names == ["name_of_firm", "field_12"]


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        (0, (10, 42, 40, 62)),
        (90, (20, 10, 40, 40)),
        (180, (142, 20, 172, 40)),
        (270, (42, 142, 62, 172)),
    ],
)
def test_boxes_are_those_of_the_page_as_seen(rotation: int, expected: tuple[float, ...]) -> None:
    """A page of 182 by 82 points, cropped 18 points at the left, turned clockwise."""
    frame = PageFrame(18, 0, 200, 82, rotation)
    assert frame.box((28, 20, 58, 40)) == expected
    assert frame.size == ((82, 182) if rotation in (90, 270) else (182, 82))


def test_hidden_widgets_and_push_buttons_are_left_out(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.text("f1", (36, 98, 236, 112))
    pdf.text("hidden", (36, 198, 236, 212), F=2)
    pdf.mark("button", (36, 298, 236, 312), "1")
    pdf.widgets[-1].Ff = 1 << 16
    _, widgets = read_widgets(pdf.save(tmp_path / "a.pdf"))
    assert [(it.source_field, it.type) for it in widgets] == [("f1", WidgetType.TEXT)]


def test_what_cannot_be_drafted_says_why(pdf: FillablePdf, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no form fields"):
        draft(pdf, tmp_path)
    (tmp_path / "not.pdf").write_text("hello")
    with pytest.raises(DocumentError) as caught:
        draft_form(tmp_path / "not.pdf", "x", 2024, BLANK)
    assert caught.value.reason is RejectReason.UNREADABLE
    pdf.pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="owner", user="user"))
    with pytest.raises(DocumentError) as caught:
        draft_form(tmp_path / "locked.pdf", "x", 2024, BLANK)
    assert caught.value.reason is RejectReason.ENCRYPTED


def test_a_written_definition_reads_back_the_same(pdf: FillablePdf, tmp_path: Path) -> None:
    pdf.words(60, 109, 'Answer "no": 100% # of it')
    pdf.text("f1", (200, 100, 276, 112), Ff=COMB, MaxLen=9)
    pdf.mark("c[0]", (300, 100, 308, 108), "1")
    pdf.mark("c[1]", (320, 100, 328, 108), "2")
    definition = draft(pdf, tmp_path)
    text = write_yaml(definition, "two\nlines")
    assert FormDefinition.model_validate(yaml.safe_load(text)) == definition
    assert text.startswith("# two\n# lines\n")
    assert sum("source_field" in line for line in text.splitlines()) == len(definition.fields())


@given(st.text(max_size=120))
def test_any_label_gives_a_valid_name(label: str) -> None:
    assert NAME_PATTERN.fullmatch(guess_name(label, "fallback"))


@given(st.lists(st.sampled_from(["wages", "wages_2", "tax"]), max_size=20))
def test_names_are_never_handed_out_twice(names: list[str]) -> None:
    register = NameRegister()
    taken = [register.take(name) for name in names]
    assert len(set(taken)) == len(names)
    assert all(NAME_PATTERN.fullmatch(name) for name in taken)


def test_a_blank_is_named_by_its_package_or_its_place(tmp_path: Path, pdf: FillablePdf) -> None:
    official = next(it for it in files("habutax") or () if it.name == "f1040.pdf")
    reference = reference_to(Path(str(official.locate())), tmp_path)
    assert reference is not None
    assert (reference.package, reference.path) == ("habutax", official.as_posix())
    (tmp_path / "blanks").mkdir()
    inside = pdf.save(tmp_path / "blanks" / "a.pdf")
    reference = reference_to(inside, tmp_path)
    assert reference is not None
    assert (reference.package, reference.path) == (None, "blanks/a.pdf")
    assert reference_to(inside, tmp_path / "elsewhere") is None


def test_most_of_an_official_form_needs_no_correction() -> None:
    """The draft of the real 1040 of 2022: lines and kinds as the published definition has them."""
    department = load_department("us_irs")
    official = department.form("form_1040", 2022)
    assert official is not None
    path = blank_path(official.blank, department.folder)
    drafted = draft_form(path, "form_1040", 2022, official.blank)
    key = {(it.source_field, it.export_value): it for it in drafted.fields()}
    wanted = [it for it in official.fields() if it.source_field is not None]
    amounts = [it for it in wanted if it.kind is FieldKind.AMOUNT]
    assert set(key) == {(it.source_field, it.export_value) for it in wanted}
    found = [key[it.source_field, it.export_value] for it in amounts]
    same_line = sum(one.line == it.line for one, it in zip(found, amounts, strict=True))
    same_kind = sum(key[it.source_field, it.export_value].kind is it.kind for it in wanted)
    assert same_line >= 0.95 * len(amounts)
    assert same_kind >= 0.90 * len(wanted)
