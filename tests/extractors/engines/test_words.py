"""Reading words: the prior decides between what the ink allows, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.engines.ctc import beam_search, search
from extractors.engines.gaps import find_gaps, with_spaces
from extractors.engines.lettercase import cased_like
from extractors.engines.words import Weights, WordAlphabet, read_words, spell
from extractors.ink import FieldInk

_CHARACTERS = "abc "


class _Flat:
    def follows(self, text: str, character: str) -> float:
        return 0.0

    def ends(self, text: str) -> float:
        return 0.0


class _Wants:
    """Holds one text for certain, as far as a prior can."""

    def __init__(self, text: str) -> None:
        self._text = text

    def follows(self, text: str, character: str) -> float:
        return 0.0 if self._text.startswith(text + character) else -30.0

    def ends(self, text: str) -> float:
        return 0.0 if text == self._text else -30.0


def _posterior(seed: int, frames: int, columns: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(columns, 0.3), frames).astype(np.float32)
    return rows


@given(st.integers(0, 10_000), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_with_a_flat_prior_it_is_the_plain_search(seed, frames):
    posterior = _posterior(seed, frames)
    plain = beam_search(posterior, 12)
    weighed = spell(posterior, _CHARACTERS, _Flat(), Weights(1.0, 0.0, 1.0, 12, 1e-4))
    assert [one.labels for one in weighed] == [labels for labels, _ in plain]
    assert [one.likelihood for one in weighed] == pytest.approx([score for _, score in plain])


@given(st.integers(0, 10_000), st.integers(2, 10))
@settings(max_examples=40, deadline=None)
def test_a_word_that_the_ink_excludes_never_wins(seed, frames):
    posterior = _posterior(seed, frames)
    posterior[:, 3] = 0.0  # no c anywhere, not even where it was nearly all there was
    posterior += np.array([1e-9, 1e-9, 1e-9, 0.0, 1e-9], np.float32)
    posterior /= posterior.sum(axis=1, keepdims=True)
    found = spell(posterior, _CHARACTERS, _Wants("c"), Weights(1.0, 0.0, 1.0))
    assert all(3 not in one.labels for one in found)


def test_the_prior_decides_where_the_ink_wavers():
    posterior = np.array([[0.02, 0.5, 0.48, 0.0, 0.0], [0.9, 0.05, 0.05, 0.0, 0.0]], np.float32)
    weights = Weights(0.5, 0.0, 1.0)
    assert spell(posterior, _CHARACTERS, _Flat(), weights)[0].labels == (1,)
    best = spell(posterior, _CHARACTERS, _Wants("b"), weights)[0]
    assert best.labels == (2,)
    assert best.likelihood < search(posterior, 4, None)[0].likelihood


def test_scores_are_probabilities_of_what_was_found():
    found = spell(_posterior(5, 8), _CHARACTERS, _Flat(), Weights(1.0, 0.0, 1.0))
    assert sum(np.exp(one.score) for one in found) == pytest.approx(1.0)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def _ink(widths: list[int], gaps: list[int]) -> FieldInk:
    pieces = []
    for at, width in enumerate(widths):
        pieces.append(np.zeros((40, width), np.uint8))
        if at < len(gaps):
            pieces.append(np.full((40, gaps[at]), 255, np.uint8))
    return FieldInk(True, (), np.hstack(pieces), 0, 200.0, 0.0)


def test_a_gap_wider_than_its_fellows_parts_words():
    gaps = find_gaps(_ink([25] * 6, [6, 7, 24, 5, 6]))
    assert [round(gap.parts_words) for gap in gaps] == [0, 0, 1, 0, 0]


def test_without_a_gap_there_is_none():
    assert find_gaps(_ink([60], [])) == []


def test_evidence_for_a_space_takes_nothing_from_letters():
    posterior = np.array([[0.1, 0.9, 0, 0, 0], [0.95, 0.05, 0, 0, 0], [0.1, 0, 0.9, 0, 0]])
    seen = with_spaces(posterior.astype(np.float32), 4, [(0.8, 2.0, 0.9)])
    assert seen[1, 4] == pytest.approx(0.855, abs=1e-3)
    assert seen[:, 1:4] == pytest.approx(posterior[:, 1:4])
    assert seen.sum(axis=1) == pytest.approx(np.ones(3))


def test_capitals_and_small_letters_are_read_as_one_and_told_afterwards():
    columns = {"A": 1, "a": 2, "B": 3, "b": 4}
    alphabet = WordAlphabet("ABab", columns, {})
    kept = np.full((3, 5), 0.01, np.float32)
    order = [0, *(int(c) for c in alphabet.columns[1:])]
    kept[0, order.index(1)] = 0.9  # A
    kept[1, 0] = 0.9
    kept[2, order.index(4)] = 0.9  # b
    words = read_words(kept, alphabet, _Flat(), [], Weights(0.5, 0.0, 1.0))
    assert words.texts[0][0] == "Ab"


def test_a_character_grants_a_little_to_those_drawn_like_it():
    alphabet = WordAlphabet("4yx", {"4": 1, "y": 2, "Y": 3, "x": 4}, {})
    kept = np.zeros((1, len(alphabet.columns)), np.float32)
    kept[0, list(alphabet.columns).index(3)] = 1.0  # Y
    folded, _ = alphabet.fold(kept)
    four, y, x = (float(folded[0, alphabet.characters.index(c) + 1]) for c in "4yx")
    assert y > 0.9
    assert 0.01 < four < 0.05
    assert x < 0.001


@pytest.mark.parametrize(
    ("text", "seen", "cased"),
    [
        ("peter winters", "Peten Wintens", "Peter Winters"),
        ("joseph r", "JOSEPHR", "JOSEPH R"),
        ("mcdonald", "McDonald", "McDonald"),
        ("torres", "ToRnes", "Torres"),
        ("jury duty pay", "Juny duty pay", "Jury duty pay"),
        ("a@example.com", "a@exampte.com", "a@example.com"),
    ],
)
def test_the_writer_keeps_to_one_manner_of_capitals(text, seen, cased):
    assert cased_like(text, seen) == cased
