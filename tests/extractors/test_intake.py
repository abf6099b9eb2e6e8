from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from extractors.intake import InboxFile, scan_inbox
from schemas.errors import RejectReason
from schemas.settings import Settings

AT_ONCE = Settings(settle_seconds=0)


def scan_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (20, 20), 255).save(path, "TIFF")
    return path


def look(inbox: Path, limits: Settings = AT_ONCE) -> dict[str, InboxFile]:
    return {one.name: one for one in scan_inbox(inbox, limits)}


@pytest.mark.parametrize(
    "name",
    ["my return 2022.tif", 'O\'Brien "final".tif', "déclaration–税.tif", "a;b&c $(x) `y`.tif"],
)
def test_any_name_is_taken(tmp_path: Path, name: str) -> None:
    path = scan_file(tmp_path / name)
    (found,) = scan_inbox(tmp_path, AT_ONCE)
    assert found.error is None
    assert found.name == name
    assert found.path == path
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.size == path.stat().st_size


def test_a_name_that_is_no_utf8_is_shown_and_read(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.tif"
    try:
        Path(os.fsdecode(raw)).write_bytes(scan_file(tmp_path / "x" / "a.tif").read_bytes())
    except OSError:
        pytest.skip("this file system takes no such names")
    found = look(tmp_path)
    assert found["caf\\xe9.tif"].error is None
    found["caf\\xe9.tif"].name.encode()


def test_folders_are_searched_in_order_and_hidden_files_passed_over(tmp_path: Path) -> None:
    for name in ("b/2.tif", "a.tif", "b/1.tif", ".hidden.tif", ".git/x.tif"):
        scan_file(tmp_path / name)
    assert list(look(tmp_path)) == ["a.tif", "b/1.tif", "b/2.tif"]


def test_one_file_may_be_the_inbox(tmp_path: Path) -> None:
    path = scan_file(tmp_path / "one.tif")
    scan_file(tmp_path / "other.tif")
    assert list(look(path)) == ["one.tif"]


def test_an_inbox_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(scan_inbox(tmp_path / "none", AT_ONCE))


@pytest.mark.parametrize("kind", ["file", "folder", "relative"])
def test_a_link_out_of_the_inbox_is_not_followed(tmp_path: Path, kind: str) -> None:
    secret = scan_file(tmp_path / "elsewhere" / "secret.tif")
    inbox = tmp_path / "inbox"
    scan_file(inbox / "good.tif")
    target = {"file": secret, "folder": secret.parent, "relative": Path("../elsewhere/secret.tif")}
    (inbox / "link").symlink_to(target[kind])
    found = look(inbox)
    assert found["good.tif"].error is None
    assert found["link"].error.reason is RejectReason.OUTSIDE_INBOX
    assert len(found) == 2


def test_a_link_within_the_inbox_and_one_to_nowhere(tmp_path: Path) -> None:
    scan_file(tmp_path / "a.tif")
    (tmp_path / "same.tif").symlink_to(tmp_path / "a.tif")
    (tmp_path / "gone.tif").symlink_to(tmp_path / "never.tif")
    (tmp_path / "loop.tif").symlink_to(tmp_path / "loop.tif")
    found = look(tmp_path)
    assert found["same.tif"].error is None
    assert found["gone.tif"].error.reason is RejectReason.OUTSIDE_INBOX
    assert found["loop.tif"].error.reason is RejectReason.OUTSIDE_INBOX


def test_the_inbox_itself_may_be_a_link(tmp_path: Path) -> None:
    scan_file(tmp_path / "real" / "a.tif")
    (tmp_path / "inbox").symlink_to(tmp_path / "real")
    assert look(tmp_path / "inbox")["a.tif"].error is None


def test_a_pipe_does_not_make_the_batch_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tif")
    assert look(tmp_path)["pipe.tif"].error.reason is RejectReason.NOT_A_FILE


def test_empty_and_large_files(tmp_path: Path) -> None:
    (tmp_path / "empty.tif").touch()
    scan_file(tmp_path / "large.tif")
    found = look(tmp_path, Settings(settle_seconds=0, max_bytes=50))
    assert found["empty.tif"].error.reason is RejectReason.EMPTY_FILE
    assert found["large.tif"].error.reason is RejectReason.TOO_LARGE


def test_what_is_no_scan_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("call back")
    (tmp_path / "broken.pdf").write_text("call back")
    found = look(tmp_path)
    assert found["notes.txt"].error.reason is RejectReason.UNSUPPORTED_TYPE
    assert found["broken.pdf"].error.reason is RejectReason.WRONG_TYPE
    assert found["broken.pdf"].error.file == "broken.pdf"


@pytest.mark.parametrize("name", ["a.tif.part", "a.tmp", "a.TIF.filepart"])
def test_a_file_with_a_writer_s_suffix_waits(tmp_path: Path, name: str) -> None:
    scan_file(tmp_path / name)
    assert look(tmp_path)[name].error.reason is RejectReason.STILL_BEING_WRITTEN


def test_a_file_that_grows_waits_and_is_taken_when_it_is_whole(tmp_path: Path) -> None:
    path = scan_file(tmp_path / "growing.tif")
    limits = Settings(settle_seconds=0.4)
    stop = threading.Event()

    def grow() -> None:
        while not stop.wait(0.05):
            with path.open("ab") as file:
                file.write(b"more")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        error = look(tmp_path, limits)["growing.tif"].error
    finally:
        stop.set()
        writer.join()
    assert error is not None
    assert error.reason is RejectReason.STILL_BEING_WRITTEN
    assert look(tmp_path, limits)["growing.tif"].error is None


def test_files_at_rest_cost_no_waiting(tmp_path: Path) -> None:
    path = scan_file(tmp_path / "old.tif")
    os.utime(path, (time.time() - 60, time.time() - 60))
    start = time.monotonic()
    assert look(tmp_path, Settings(settle_seconds=5))["old.tif"].error is None
    assert time.monotonic() - start < 2


def test_a_file_without_permission(tmp_path: Path) -> None:
    path = scan_file(tmp_path / "locked.tif")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    assert look(tmp_path)["locked.tif"].error.reason is RejectReason.UNREADABLE
