"""All the bad inputs in one inbox, with a good return among them: the batch goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path

import bad_files
import pikepdf
import pytest
from flow_runs import Ran, Sample, run_flow
from PIL import Image
from typer.testing import CliRunner

from extractors.decode import decode_pages
from flows import stages
from flows.context import run_context
from loaders.archive import Archive
from loaders.rows import DocumentRow
from schemas.errors import DiskFullError, RejectReason
from schemas.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

GOOD = "a good return.pdf"
MISNAMED = "JPEG called.pdf"
CAT_AGAIN = "the cat again.pdf"
ODD_NAMES = (
    "it's \"Müller's\" 税务 return.pdf",
    "two\nlines.pdf",
    "[red]bold $(reboot); --help.pdf",
    "-rf.pdf",
)
BAD = {
    "empty.tif": (RejectReason.EMPTY_FILE, "empty"),
    "cut off.tif": (RejectReason.TRUNCATED, "cut off"),
    "cut off.pdf": (RejectReason.TRUNCATED, "cut off"),
    "locked.pdf": (RejectReason.ENCRYPTED, "password"),
    "no pages.pdf": (RejectReason.NO_PAGES, "no pages"),
    "10000 pages.pdf": (RejectReason.TOO_MANY_PAGES, "10,000 pages"),
    "cat.jpg": (RejectReason.UNKNOWN_FORM, "no page is a form"),
    "other form.pdf": (RejectReason.UNKNOWN_FORM, "no page is a form"),
    "letter.pdf": (RejectReason.WRONG_TYPE, "its name says PDF"),
    "letter.docx": (RejectReason.UNSUPPORTED_TYPE, "not a PDF"),
    "bomb.png": (RejectReason.TOO_MANY_PIXELS, "page 1"),
    "bomb.tif": (RejectReason.TOO_MANY_PIXELS, "page 1"),
    "bomb.pdf": (RejectReason.TOO_LARGE, "page 1"),
    "huge header.png": (RejectReason.TOO_MANY_PIXELS, "page 1"),
    "huge image.pdf": (RejectReason.TOO_MANY_PIXELS, "page 1"),
    "blank.png": (RejectReason.BLANK, "nothing is on"),
    "blank.pdf": (RejectReason.BLANK, "nothing is on"),
    "link out.pdf": (RejectReason.OUTSIDE_INBOX, "outside the inbox"),
    "link to nowhere.pdf": (RejectReason.OUTSIDE_INBOX, "nowhere"),
    "link to a folder": (RejectReason.OUTSIDE_INBOX, "outside the inbox"),
    "pipe.pdf": (RejectReason.NOT_A_FILE, "pipe"),
    "coming.pdf.part": (RejectReason.STILL_BEING_WRITTEN, "still being written"),
}


def blank_of(name: str) -> Path:
    found = next(it for it in files("habutax") or () if it.as_posix().endswith(name))
    return Path(str(found.locate()))


def fill(inbox: Path, sample: Sample, outside: Path) -> None:
    """Every kind of bad file, and good ones beside them."""
    good = sample.of("pdf")
    shutil.copy(good, inbox / GOOD)
    (inbox / "empty.tif").touch()
    scan = sample.of("tiff-g4").read_bytes()
    (inbox / "cut off.tif").write_bytes(scan[: len(scan) * 2 // 3])
    (inbox / "cut off.pdf").write_bytes(good.read_bytes()[:-5000])
    with pikepdf.open(good) as pdf:
        pdf.save(inbox / "locked.pdf", encryption=pikepdf.Encryption(user="a", owner="b"))
    bad_files.pdf(inbox / "no pages.pdf", 0)
    bad_files.pdf(inbox / "10000 pages.pdf", 10_000)
    bad_files.cat(inbox / "cat.jpg")
    shutil.copy(blank_of("ty2023/f8606.pdf"), inbox / "other form.pdf")
    (inbox / "letter.pdf").write_text("Dear tax office, my return is attached.")
    (inbox / "letter.docx").write_bytes(b"PK\x03\x04 and so on")
    packed = bad_files.squeezed(300)
    bad_files.png(inbox / "bomb.png", 30_000, 30_000, packed)
    bad_files.tiff(inbox / "bomb.tif", 30_000, 30_000, packed)
    bad_files.pdf_of_content(inbox / "bomb.pdf", bad_files.squeezed(300, b" "))
    bad_files.png(inbox / "huge header.png", 60_000, 60_000, packed[:1000])
    bad_files.pdf_of_an_image(inbox / "huge image.pdf", 60_000, 60_000, packed)
    bad_files.white(inbox / "blank.png")
    bad_files.pdf(inbox / "blank.pdf")
    shutil.copy(good, outside / "secret.pdf")
    (inbox / "link out.pdf").symlink_to(outside / "secret.pdf")
    (inbox / "link to nowhere.pdf").symlink_to(outside / "nowhere.pdf")
    (inbox / "link to a folder").symlink_to(outside)
    os.mkfifo(inbox / "pipe.pdf")
    shutil.copy(good, inbox / "coming.pdf.part")
    # A JPEG under a PDF's name is a page all the same: its content decides.
    first = next(decode_pages(good, Settings()))
    Image.fromarray(first.gray).save(outside / "page.jpg", dpi=(first.dpi, first.dpi), quality=90)
    (outside / "page.jpg").rename(inbox / MISNAMED)
    shutil.copy(inbox / "cat.jpg", inbox / CAT_AGAIN)
    folder = inbox / "a folder" / "below"
    folder.mkdir(parents=True)
    (folder / "deep.pdf").write_bytes(good.read_bytes() + b"\n% deep\n")
    for name in ODD_NAMES:
        (inbox / name).write_bytes(good.read_bytes() + f"\n% {len(name)}\n".encode())
    for path in inbox.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture(scope="module")
def ran(
    sample: Sample, server: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ran, Path]]:
    inbox, outside = tmp_path_factory.mktemp("inbox"), tmp_path_factory.mktemp("outside")
    fill(inbox, sample, outside)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TAXLIFT_HOME", str(tmp_path_factory.mktemp("home")))
        monkeypatch.delenv("TAXLIFT_DB_URL", raising=False)
        yield run_flow(inbox), inbox


@pytest.fixture(scope="module")
def rows(ran: tuple[Ran, Path]) -> dict[str, DocumentRow]:
    repository = run_context("us_irs", ran[0].settings).repository
    return {row.file: row for row in repository.documents(ran[0].run)}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_rejected_with_a_message(name: str, rows: dict[str, DocumentRow]) -> None:
    reason, words = BAD[name]
    row = rows[name]
    assert (row.state, row.reason) == ("rejected", reason), row.message
    assert words in row.message
    assert "Traceback" not in row.message and "Error" not in row.message


def test_the_good_return_is_loaded_all_the_same(rows: dict[str, DocumentRow]) -> None:
    for name in (GOOD, "a folder/below/deep.pdf", *ODD_NAMES):
        row = rows[name]
        assert row.state in ("loaded", "review"), name
        assert (row.pages, row.returns) == (2, 1)
        assert row.accepted > 5


def test_a_scan_is_read_whatever_it_is_called(rows: dict[str, DocumentRow]) -> None:
    row = rows[MISNAMED]
    assert (row.state, row.pages, row.returns) == ("review", 1, 1), row.message
    assert row.accepted > 5
    # The same bytes as cat.jpg, which comes first.
    assert rows[CAT_AGAIN].state == "duplicate"


def test_nothing_is_lost(ran: tuple[Ran, Path], rows: dict[str, DocumentRow]) -> None:
    inbox = ran[1]
    there = {
        path.relative_to(inbox).as_posix()
        for path in inbox.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    assert set(rows) == there
    counts = dict(ran[0].answer)
    assert counts["received"] == len(there)
    assert counts["rejected"] == len(BAD)
    assert counts["duplicate"] == 1
    assert counts["in_flight"] == 0


def test_what_a_link_led_to_is_not_in_the_archive(
    ran: tuple[Ran, Path], rows: dict[str, DocumentRow]
) -> None:
    assert rows["link out.pdf"].sha256 is None


def test_people_are_told_of_every_file(ran: tuple[Ran, Path]) -> None:
    page = (ran[0].folder / "report.html").read_text(encoding="utf-8")
    for name in ("cat.jpg", "locked.pdf", "10000 pages.pdf", "pipe.pdf"):
        assert name in page
    assert "<script>alert" not in page
    from flows.cli import app

    told = CliRunner().invoke(app, ["documents", "--db", ran[0].url], env={"COLUMNS": "250"})
    assert told.exit_code == 0
    for name in ("cat.jpg", "locked.pdf", "[red]bold $(reboot); --help.pdf"):
        assert name in told.output
    assert "too many pages" in told.output.replace("\n", " ")
    assert "Traceback" not in told.output


def test_a_disk_that_fills_rejects_what_has_no_room_and_the_next_run_takes_it(
    sample: Sample, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = run_context("us_irs", Settings())
    full = sample.of("tiff-g4").name
    put = Archive.put

    def fills(self: Archive, path: Path) -> str:
        if path.name == full:
            raise DiskFullError("no room left in the archive")
        return put(self, path)

    with monkeypatch.context() as filling:
        filling.setattr(Archive, "put", fills)
        batch = stages.receive_inbox(context, sample.folder)
    rows = {row.file: row for row in context.repository.documents(batch)}
    assert (rows[full].state, rows[full].reason) == ("rejected", RejectReason.DISK_FULL)
    assert "free some space" in rows[full].message
    assert [row.state for name, row in rows.items() if name != full] == ["received", "received"]
    # The same batch goes on: the file that had no room is taken and counted once.
    assert stages.receive_inbox(context, sample.folder) == batch
    rows = {row.file: row for row in context.repository.documents(batch)}
    assert {row.state for row in rows.values()} == {"received"} and len(rows) == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_a_file_system_that_is_really_full(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no mounts")
    try:
        home = tmp_path / "home"
        home.mkdir()
        (home / "archive").symlink_to(small)
        monkeypatch.setenv("TAXLIFT_HOME", str(home))
        context = run_context("us_irs", Settings())
        batch = stages.receive_inbox(context, sample.folder)
        large = {path.name for path in sample.folder.iterdir() if path.stat().st_size > 65_536}
        rows = context.repository.documents(batch)
        assert large
        assert {row.file for row in rows if row.reason is RejectReason.DISK_FULL} >= large
        assert len(rows) == 3
        assert not list((small / "incoming").glob("*")), "nothing half written remains"
    finally:
        subprocess.run(["umount", str(small)], check=False)


def test_a_file_that_is_being_written_waits_for_the_next_run(
    sample: Sample, home: Path, inbox: Path
) -> None:
    whole = sample.of("pdf").read_bytes()
    path = inbox / "coming.pdf"
    path.write_bytes(whole[:1000])
    done = threading.Event()

    def write() -> None:
        for place in range(1000, len(whole), 500):
            with path.open("ab") as file:
                file.write(whole[place : place + 500])
            if done.wait(0.05):
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        context = run_context("us_irs", Settings(settle_seconds=0.5))
        batch = stages.receive_inbox(context, inbox)
        (row,) = context.repository.documents(batch)
        assert (row.state, row.reason) == ("rejected", RejectReason.STILL_BEING_WRITTEN)
        assert "next run" in row.message
    finally:
        done.set()
        writer.join()
    path.write_bytes(whole)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert stages.receive_inbox(context, inbox) == batch
    (row,) = context.repository.documents(batch)
    assert row.state == "received"


_DECODE = """
import resource, sys
from pathlib import Path
from extractors.decode import decode_pages
from schemas.errors import DocumentError
from schemas.settings import Settings
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    list(decode_pages(Path(sys.argv[1]), Settings()))
    print("taken", end=" ")
except DocumentError as error:
    print(error.reason.value, end=" ")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(
    "kind", ["png", "tiff", "image in pdf", "content", "content twice packed", "content in a form"]
)
def test_a_bomb_is_refused_in_little_memory_and_time(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    if kind == "png":
        bad_files.png(path, 40_000, 40_000, bad_files.squeezed(600))
    elif kind == "tiff":
        bad_files.tiff(path, 40_000, 40_000, bad_files.squeezed(600))
    elif kind == "image in pdf":
        bad_files.pdf_of_an_image(path, 1000, 1000, bad_files.squeezed(600))
    else:
        packed = bad_files.squeezed(600, b" ")
        layers = 2 if kind == "content twice packed" else 1
        packed = bad_files.zlib.compress(packed) if layers == 2 else packed
        bad_files.pdf_of_content(path, packed, layers, in_form=kind == "content in a form")
    assert path.stat().st_size < 2 * 2**20
    started = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", _DECODE, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "TAXLIFT_HOME": str(tmp_path)},
    )
    outcome, megabytes = told.stdout.split()
    if kind != "image in pdf":  # there the renderer takes no more than the image claims to hold
        assert outcome in ("too_many_pixels", "too_large")
    assert int(megabytes) < 300, f"{kind} took {megabytes} MB"
    assert time.monotonic() - started < 30
