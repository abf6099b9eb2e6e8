from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from loaders.secret_key import secret_key
from schemas.errors import ConfigurationError


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret.key"
    key = secret_key(file)
    assert len(key) == 32
    assert secret_key(file) == key
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]
    assert secret_key(tmp_path / "another.key") != key


def test_all_who_want_one_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(secret_key, [tmp_path / "secret.key"] * 16))) == 1


@pytest.mark.parametrize("held", ["", "not hexadecimal", "00ff", "Schlüssel"])
def test_a_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, held: str) -> None:
    file = tmp_path / "secret.key"
    file.write_text(held, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="secret key"):
        secret_key(file)
    assert file.read_text(encoding="utf-8") == held


def test_a_place_where_none_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"secret\.key.*cannot be read or made"):
        secret_key(tmp_path / "file" / "secret.key")
