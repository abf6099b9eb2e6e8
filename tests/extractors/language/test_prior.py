"""The prior over texts: probabilities that add up, nothing impossible, the likely first."""

from __future__ import annotations

import math

import pytest

from extractors.language import prior_for
from extractors.language.tables import Lexicon, load_tables
from schemas.errors import MissingProgramError
from schemas.forms import Box, FieldDefinition, FieldKind


def _field(name: str, kind: FieldKind = FieldKind.TEXT) -> FieldDefinition:
    return FieldDefinition(name=name, kind=kind, box=Box(0, 0, 100, 14))


def _score(definition: FieldDefinition, text: str) -> float:
    prior = prior_for(definition)
    assert prior is not None
    steps = sum(prior.follows(text[:at], text[at]) for at in range(len(text)))
    return steps + prior.ends(text)


@pytest.mark.parametrize(
    ("name", "kind", "likely", "unlikely"),
    [
        ("taxpayer_last_name", FieldKind.NAME, "sanders", "sandens"),
        ("taxpayer_first_name", FieldKind.NAME, "joseph r", "josephr"),
        ("names_shown", FieldKind.NAME, "ann t & carol x mullins", "ann t &carol xmullins"),
        ("address_street", FieldKind.TEXT, "5413 cordova inlet", "s4i3 cordova inlet"),
        ("address_street", FieldKind.TEXT, "po box 46", "po box y6"),
        ("address_city", FieldKind.TEXT, "peterville", "peter ville"),
        ("address_state", FieldKind.TEXT, "nc", "ng"),
        ("taxpayer_occupation", FieldKind.TEXT, "paralegal", "parale&al"),
        ("dependent_1_relationship", FieldKind.TEXT, "grandchild", "grandchld"),
        ("firm_name", FieldKind.NAME, "vega tax service", "vega taxservice"),
        ("taxpayer_email", FieldKind.EMAIL, "jamie@example.com", "jamie@exampte.com"),
        ("taxpayer_signature_date", FieldKind.DATE, "1-30-24", "1-30-74"),
        ("taxpayer_signature_date", FieldKind.DATE, "04/15/2023", "0411512023"),
    ],
)
def test_what_filers_write_is_likelier_than_its_misreading(name, kind, likely, unlikely):
    field = _field(name, kind)
    assert _score(field, likely) > _score(field, unlikely) + 2


def test_numbers_and_marks_have_no_prior():
    assert prior_for(_field("wages", FieldKind.AMOUNT)) is None
    assert prior_for(_field("taxpayer_ssn", FieldKind.TAXPAYER_ID)) is None


@pytest.mark.parametrize("text", ["", "jo", "zzqx", "12", "smith ", "smith-", "o'b"])
def test_what_follows_has_no_more_than_all_the_probability(text):
    for name in ("taxpayer_last_name", "address_street", "address_city"):
        prior = prior_for(_field(name))
        assert prior is not None
        characters = "abcdefghijklmnopqrstuvwxyz0123456789 -.,'&/#()"
        total = sum(math.exp(prior.follows(text, c)) for c in characters)
        assert total + math.exp(prior.ends(text)) < 1.02


def test_a_name_in_no_list_is_possible():
    assert _score(_field("taxpayer_last_name", FieldKind.NAME), "xqzvbk") > -math.inf


def test_a_lexicon_knows_words_and_beginnings():
    lexicon = Lexicon({"ann": 3.0, "anna": 1.0, "bob": 4.0})
    assert lexicon.beginning("an") == pytest.approx(0.5)
    assert lexicon.whole("ann") == pytest.approx(0.375)
    assert lexicon.whole("an") == 0.0
    assert lexicon.beginning("") == pytest.approx(1.0)


def test_missing_or_damaged_tables_are_one_sentence(tmp_path):
    with pytest.raises(MissingProgramError, match=r"missing: reinstall"):
        load_tables(tmp_path / "none.npz")
    damaged = tmp_path / "language.npz"
    damaged.write_bytes(b"no archive")
    with pytest.raises(MissingProgramError, match=r"damaged: reinstall"):
        load_tables(damaged)
