from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import page_material as material
import pytest

from extractors.areas import Area, field_areas, strips
from extractors.blank_page import BlankPage
from extractors.exposure import expose
from extractors.fields import crop_of
from extractors.ground import Grounds
from extractors.lift import lift_page
from extractors.page_image import Registration


def kept(grounds: Grounds) -> list[object]:
    return [
        *(
            (area, one.distance.tobytes(), one.packed_rulings.tobytes(), one.dividers)
            for area, one in grounds.around_fields
        ),
        *((area, distance.tobytes()) for area, distance in grounds.sample),
    ]


def anew(blank: BlankPage, file: Path | None) -> BlankPage:
    return replace(blank, ground_file=file)


@pytest.mark.parametrize("blank", material.blanks(), ids=lambda one: one.key)
def test_every_crop_lies_in_one_area(blank: BlankPage) -> None:
    areas = field_areas(blank.page.fields, blank.canvas_shape)
    for field in blank.page.fields:
        crop = Area(*crop_of(field, blank.canvas_shape).outer)
        assert any(crop.joined(area.wanted) == area.wanted for area in areas), field.name
    assert sum(area.seen.size for area in areas) < 0.6 * np.prod(blank.canvas_shape)


def test_strips_are_a_tenth_of_the_page_and_never_none_of_it() -> None:
    page = strips((3300, 2550))
    assert 0.08 < sum(one.size for one in page) / (3300 * 2550) < 0.12
    assert sum(one.size for one in strips((20, 30))) == 600


def test_the_ground_on_disk_is_the_ground(tmp_path: Path) -> None:
    blank = material.blank("form_1040", 2022)
    file = tmp_path / "ground.npz"
    made = anew(blank, file).grounds
    assert file.is_file()
    again = anew(blank, file)
    assert kept(again.grounds) == kept(made) == kept(anew(blank, None).grounds)


@pytest.mark.parametrize("harm", ["cut off", "rubbish", "other areas"])
def test_a_damaged_or_outdated_ground_is_made_anew(tmp_path: Path, harm: str) -> None:
    blank = material.blank("schedule_b", 2022)
    file = tmp_path / "ground.npz"
    made = anew(blank, file).grounds
    if harm == "cut off":
        file.write_bytes(file.read_bytes()[:1000])
    elif harm == "rubbish":
        file.write_bytes(b"rubbish")
    else:
        fewer = blank.page.model_copy(update={"fields": blank.page.fields[:3]})
        _ = anew(replace(blank, page=fewer), file).grounds
    assert kept(anew(blank, file).grounds) == kept(made)


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    blank = anew(material.blank("schedule_b", 2022), tmp_path / "taken" / "ground.npz")
    assert blank.grounds.around_fields


@pytest.mark.parametrize("how", [{}, {"degrees": 0.8, "dpi": 200, "noise": 6.0}], ids=str)
def test_around_the_fields_as_on_the_whole_canvas(how: dict) -> None:
    """What is not looked at must not change what is."""
    blank = material.blank("form_1040", 2022)
    page, true = material.scanned(material.written_on(blank), **how)
    registration = Registration(true, 1.0, 0.1)
    part = lift_page(page, blank, registration).ink
    whole = lift_page(page, material.looked_at_whole(blank), registration).ink
    for field in blank.page.fields:
        x0, y0, x1, y1 = crop_of(field, blank.canvas_shape).outer
        unlike = (part[y0:y1, x0:x1] < 160) != (whole[y0:y1, x0:x1] < 160)
        assert np.mean(unlike) < 0.003, field.name


def test_writing_does_not_pass_for_grain() -> None:
    """A page written all over keeps the level of ink of one that is not."""
    rng = np.random.default_rng(1)
    paper = np.clip(rng.normal(225, 4, (320, 1200)), 0, 255).astype(np.uint8)
    distance = np.full(paper.shape, 40, np.uint8)
    distance[100:110] = 0
    paper[100:110] = 40
    written = paper.copy()
    written[200:300:12] = 30
    bare, full = expose([paper], [distance]), expose([written], [distance])
    assert abs(bare.level - full.level) < 4
    assert bare.reach == full.reach
