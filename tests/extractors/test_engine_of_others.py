"""An engine of somebody else's, installed beside taxlift: found, prepared and used by its name.

It is the example of docs/engines.md, installed as any package is: a module and its metadata on
the path, here in a temporary folder.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from reading_fixtures import definition, department, form_with, printed

from extractors.engines.base import PreparedEngine, load_engine, prepare_engines
from extractors.reader import read_fields
from schemas.errors import MissingProgramError
from schemas.forms import FieldKind

LENGTHS = dedent('''
    """Reads a number of as many ones as there are strokes: an example, not a reader."""

    from extractors.ink import find_ink
    from schemas.readings import Alternative, Reading


    class CountingEngine:
        name = "counting"
        version = "1.0"

        def __init__(self):
            self.ready = False

        def prepare(self):
            self.ready = True

        def read(self, batch):
            return [self._read(image) for image in batch]

        def _read(self, image):
            count = len(find_ink(image).strokes)
            if count == 0:
                return self._reading("", 0.0, problem="nothing to count")
            other = Alternative(text="1" * (count + 1), log_odds=-2.0)
            return self._reading("1" * count, 0.8, alternatives=(other,))

        def _reading(self, text, confidence, **more):
            return Reading(
                engine=self.name, version=self.version, text=text, confidence=confidence, **more
            )
''')


def install(folder: Path, name: str, source: str, engine_class: str) -> None:
    """A distribution with one module and one engine, both of that name."""
    (folder / f"{name}_engine.py").write_text(source, encoding="utf-8")
    metadata = folder / f"{name}_engine-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}-engine\nVersion: 1.0\n", encoding="utf-8"
    )
    (metadata / "entry_points.txt").write_text(
        f"[taxlift.engines]\n{name} = {name}_engine:{engine_class}\n", encoding="utf-8"
    )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path, forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    load_engine.cache_clear()
    yield tmp_path
    load_engine.cache_clear()
    for name in [name for name in sys.modules if name.endswith("_engine")]:
        del sys.modules[name]
    importlib.invalidate_caches()


def test_it_is_found_prepared_and_reads_what_a_department_gives_it(site: Path) -> None:
    install(site, "counting", LENGTHS, "CountingEngine")
    prepare_engines(["counting"])
    engine = load_engine("counting")
    assert isinstance(engine, PreparedEngine)
    assert engine.ready  # type: ignore[attr-defined]
    wages = definition(FieldKind.AMOUNT, "wages")
    asking = department(engines={"typed": ["counting"], "handwritten": ["counting"]})
    (value,) = read_fields([printed("7 7 7", wages)], form_with(wages), 1, asking)
    assert value.as_read == "111"
    assert [reading.engine for reading in value.readings] == ["counting"]
    assert value.status == "review"  # its confidence was never calibrated


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import a_module_that_is_not_there", "a_module_that_is_not_there"),
        ("this is no Python", "SyntaxError"),
        ("BrokenEngine = object", "lacks `name`, `version` or `read`"),
        ("raise SystemError('no licence')", "no licence"),
        (
            "class BrokenEngine:\n name = 'broken'; version = '1'\n"
            " def __init__(self, model): pass\n def read(self, batch): return []",
            "model",
        ),
    ],
)
def test_one_that_cannot_be_loaded_is_told_in_a_sentence(
    site: Path, source: str, told: str
) -> None:
    install(site, "broken", source, "BrokenEngine")
    with pytest.raises(MissingProgramError, match="broken") as caught:
        prepare_engines(["marks", "broken"])
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_that_cannot_start_is_told_in_a_sentence(site: Path) -> None:
    source = LENGTHS.replace("self.ready = True", "open('/nowhere/model.bin')")
    install(site, "counting", source, "CountingEngine")
    with pytest.raises(MissingProgramError, match=r"'counting' cannot start .*model\.bin"):
        prepare_engines(["counting"])
