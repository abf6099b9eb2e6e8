"""What may stand in a field, and what else a recogniser may take it for."""

import pytest

from extractors.charsets import allowed_characters, look_alikes
from schemas.forms import FieldKind


def test_a_stroke_may_be_a_one_or_a_bracket_of_an_amount() -> None:
    alike = look_alikes(allowed_characters(FieldKind.AMOUNT))
    assert [c for c, others in alike.items() if "/" in others] == ["1", "(", ")"]


@pytest.mark.parametrize("kind", [FieldKind.PHONE, FieldKind.DATE])
def test_where_a_stroke_may_stand_it_is_nothing_else(kind: FieldKind) -> None:
    allowed = allowed_characters(kind)
    assert "/" in allowed
    assert not any("/" in others for others in look_alikes(allowed).values())


@pytest.mark.parametrize("kind", [one for one in FieldKind if not one.is_mark])
def test_no_allowed_character_counts_for_another(kind: FieldKind) -> None:
    allowed = allowed_characters(kind)
    assert allowed
    assert not set(allowed) & set("".join(look_alikes(allowed).values()))
