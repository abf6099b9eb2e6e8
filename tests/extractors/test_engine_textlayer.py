"""Born-digital pages: form fields first, words inside the box otherwise."""

import pytest
from reading_fixtures import definition, field_image

from extractors.engines.textlayer import TextLayerEngine, spell
from extractors.page_image import TextLayer, Word
from schemas.forms import Box, FieldDefinition, FieldKind


def layer(*words: Word, **acroform: str | bool) -> TextLayer:
    named = {name.replace("__", "[0]."): value for name, value in acroform.items()}
    return TextLayer(612, 792, words, named)


def read(field: FieldDefinition, text_layer: TextLayer | None) -> tuple[str, str | None]:
    (reading,) = TextLayerEngine().read([field_image(field, layer=text_layer)])
    return reading.text, reading.problem


WAGES = definition(source_field="top[0].f1")


def test_the_form_fields_value_comes_first() -> None:
    words = Word("999", Box(10, 2, 30, 10))
    assert read(WAGES, layer(words, top__f1=" 52,340 ")) == ("52,340", None)
    assert read(WAGES, layer(words, top__f2="1")) == ("999", None)


def test_a_name_with_other_indices_counts_if_it_is_the_only_one() -> None:
    one = TextLayer(612, 792, (), {"top[3].f1[0]": "5"})
    two = TextLayer(612, 792, (), {"top[3].f1[0]": "5", "top[4].f1[0]": "6"})
    assert read(WAGES, one)[0] == "5"
    assert read(WAGES, two)[0] == ""


def test_words_are_taken_by_their_middle_and_put_in_order() -> None:
    words = (
        Word("Street", Box(40, 2.5, 70, 10)),
        Word("outside", Box(60, 2, 120, 10)),
        Word("12", Box(2, 2, 12, 10)),
        Word("below", Box(2, 20, 30, 28)),
        Word("Oak", Box(15, 2.2, 35, 10.2)),
    )
    street = definition(FieldKind.TEXT, "address_street")
    assert read(street, layer(*words))[0] == "12 Oak Street"


def test_comb_characters_are_joined() -> None:
    words = [
        Word(c, Box(x, 2, x + 4, 10)) for x, c in zip(range(0, 45, 5), "901968273", strict=True)
    ]
    ssn = definition(FieldKind.TAXPAYER_ID, "ssn", comb=9)
    assert read(ssn, layer(*words))[0] == "901968273"
    assert spell(words) == "9 0 1 9 6 8 2 7 3"


@pytest.mark.parametrize(
    ("export", "value", "text"),
    [
        (None, True, "X"),
        (None, False, ""),
        ("1", "1", "X"),
        ("1", "/1", "X"),
        ("1", "2", ""),
        ("1", "Off", ""),
        (None, "/Yes", "X"),
        (None, "Off", ""),
    ],
)
def test_marks(export: str | None, value: str | bool, text: str) -> None:
    box = definition(FieldKind.CHECKBOX, "blind", source_field="top[0].c1", export_value=export)
    assert read(box, layer(top__c1=value)) == (text, None)


def test_marks_without_a_form_field_are_left_to_the_ink() -> None:
    words = Word("X", Box(1, 1, 7, 7))
    assert read(definition(FieldKind.CHECKBOX, "blind"), layer(words))[1] is not None


def test_a_scanned_page_has_no_layer_to_read() -> None:
    assert read(WAGES, None) == ("", "the page has no text layer")
