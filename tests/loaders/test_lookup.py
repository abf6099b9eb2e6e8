"""From what somebody types to a return and a field, and what he is told where it fails."""

from __future__ import annotations

import explained
import made
import pytest

from loaders.explaining import explain_return
from loaders.lookup import LookupFailedError, department_of, find_field, find_return
from loaders.repository import Repository
from schemas.errors import RejectReason
from schemas.explanation import Explanation
from schemas.packs import load_department

DEPARTMENT = load_department("us_irs")


@pytest.fixture
def return_id(repository: Repository) -> str:
    return explained.store(repository)


@pytest.fixture
def explanation(repository: Repository, return_id: str) -> Explanation:
    return explain_return(repository, return_id, DEPARTMENT)


def test_a_return_by_its_id_its_beginning_or_its_file(
    repository: Repository, return_id: str
) -> None:
    for asked in (return_id, return_id[:6], return_id[:6].upper(), explained.FILE):
        assert find_return(repository, asked) == return_id
    assert department_of(repository, return_id) == "us_irs"


def test_a_file_by_its_last_part_and_by_the_name_of_a_later_delivery(
    repository: Repository,
) -> None:
    mine = explained.store(repository, file="march/box 7/a.tif")
    batch = repository.start_or_resume_batch("us_irs", "/later")
    repository.receive(batch, "renamed.tif", made.sha("march/box 7/a.tif"), 1000)
    repository.finish_batch(batch)
    for asked in ("a.tif", "box 7/a.tif", "march/box 7/a.tif", "renamed.tif"):
        assert find_return(repository, asked) == mine


@pytest.mark.parametrize("asked", ["%", "____", "f%", "0"])
def test_signs_and_short_beginnings_mean_nothing_special(
    repository: Repository, return_id: str, asked: str
) -> None:
    with pytest.raises(LookupFailedError):
        find_return(repository, asked)


def test_a_file_with_several_returns_names_them(repository: Repository) -> None:
    pages = [made.first_page(number=1), made.first_page(number=2)]
    returns = [made.decided("two.pdf", page) for page in pages]
    batch = repository.start_or_resume_batch("us_irs", "/in")
    document = repository.receive(batch, "two.pdf", made.sha("two.pdf"), 1).document_id
    repository.store_pages(document, pages)
    repository.store_returns(batch, returns)
    with pytest.raises(LookupFailedError) as told:
        find_return(repository, "two.pdf")
    for number, each in enumerate(returns, 1):
        assert f"{each.tax_return.return_id} (from page {number})" in str(told.value)


def test_a_return_that_is_not_there_tells_what_is_near(
    repository: Repository, return_id: str
) -> None:
    explained.store(repository, file="ret-0005.tif")
    with pytest.raises(LookupFailedError, match=r"did you mean ret-0005\.tif"):
        find_return(repository, "ret-005.tif")
    with pytest.raises(LookupFailedError) as told:
        find_return(repository, "smyth 912-34-5678.tif")
    assert "912-34" not in str(told.value), "neither what is asked nor what is near"


def test_a_file_without_a_return_says_what_became_of_it(repository: Repository) -> None:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    repository.reject_file(batch, "empty.pdf", RejectReason.EMPTY_FILE, "the file is empty")
    with pytest.raises(LookupFailedError, match=r"no return was found in empty.pdf \(rejected\)"):
        find_return(repository, "empty.pdf")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("form_1040.wages", "wages"),
        ("wages", "wages"),
        ("  WAGES ", "wages"),
        ("form_1040 1z", "wages"),
        ("Form 1040 line 1Z", "wages"),
        ("form-1040, 1z", "wages"),
        ("form_1040:1.wages", "wages"),
        ("line 1z", "wages"),
        ("1z", "wages"),
        ("taxable interest", "taxable_interest"),
        ("form_1040 taxpayer ssn", "taxpayer_ssn"),
        ("filing_status", "filing_status_single"),
    ],
)
def test_a_field_as_people_write_it(explanation: Explanation, asked: str, name: str) -> None:
    assert find_field(explanation, asked).name == name


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("form_1040.wagse", "form_1040.wages (line 1z)"),
        ("interest", "form_1040.taxable_interest"),
        ("1y", "form_1040.wages (line 1z)"),
        ("form_1040 99", "it has the forms form_1040"),
        ("schedule_q.xyzzy", "it has the forms form_1040"),
        ("", "it has the forms form_1040"),
    ],
)
def test_a_field_that_is_not_there_tells_what_is_near(
    explanation: Explanation, asked: str, near: str
) -> None:
    with pytest.raises(LookupFailedError) as told:
        find_field(explanation, asked)
    assert near in str(told.value)


def test_what_may_be_several_fields_is_listed(explanation: Explanation) -> None:
    [wages] = [field for field in explanation.fields if field.name == "wages"]
    copy = wages.model_copy(update={"copy_number": 2})
    twice = explanation.model_copy(update={"fields": (*explanation.fields, copy)})
    with pytest.raises(LookupFailedError) as told:
        find_field(twice, "1z")
    assert "form_1040.wages (line 1z), form_1040:2.wages (line 1z)" in str(told.value)
    assert find_field(twice, "form_1040:2.wages") is copy
    assert find_field(twice, "form_1040:1 1z") is wages
