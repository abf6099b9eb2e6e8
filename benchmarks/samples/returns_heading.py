"""The parts of a return that are no figures: who, where, status, dependants, bank, signatures."""

from __future__ import annotations

import numpy as np

from benchmarks.samples.arithmetic import age_boxes
from benchmarks.samples.arithmetic_ledger import Ledger
from benchmarks.samples.parameters import Status
from benchmarks.samples.people import (
    Dependant,
    Person,
    chance,
    invent_ein,
    invent_phone,
    invent_ptin,
    pick,
    seeded_faker,
)
from benchmarks.samples.returns_binding import Binder, Fields
from benchmarks.samples.returns_economy import Facts
from benchmarks.samples.returns_mistakes import MistakeKind
from benchmarks.samples.returns_writing import (
    MARK,
    Habits,
    as_is,
    write_date,
    write_employer_number,
    write_identifier,
    write_phone,
    write_text,
)
from schemas.forms import FieldDefinition

DEPENDANT_ROWS = 4


class Heading:
    """Writes fields by their stable names, leaving out those that this year's form lacks."""

    def __init__(self, binder: Binder, facts: Facts, habits: Habits) -> None:
        self.binder, self.facts, self.habits = binder, facts, habits
        self.fields: Fields = {}

    def text(self, name: str, text: str) -> None:
        if text and name in self.binder.by_name:
            self.fields[name] = write_text(text, self.habits)

    def mark(self, name: str) -> None:
        if name in self.binder.by_name:
            self.fields[name] = MARK

    def digits(self, name: str, digits: str) -> FieldDefinition | None:
        """Digits as they are; returns the field for a caller that writes them otherwise."""
        field = self.binder.by_name.get(name)
        if field is not None and digits:
            self.fields[name] = as_is(digits)
        return field

    def identifier(self, name: str, digits: str) -> None:
        field = self.digits(name, digits)
        if field is not None and digits:
            self.fields[name] = write_identifier(digits, self.habits, field)

    def phone(self, name: str, digits: str) -> None:
        field = self.digits(name, digits)
        if field is not None and digits:
            self.fields[name] = write_phone(digits, self.habits, field)


def write_main_heading(
    rng: np.random.Generator,
    binder: Binder,
    facts: Facts,
    habits: Habits,
    ledger: Ledger,
    mistake: MistakeKind | None,
) -> Fields:
    """All of Form 1040 that is not figured, with the omission that was planned, if one was."""
    page = Heading(binder, facts, habits)
    _status(rng, page, mistake)
    _people(page, mistake)
    _boxes(rng, page, mistake)
    for row, dependant in enumerate(facts.household.dependants[:DEPENDANT_ROWS], start=1):
        _dependant(page, row, dependant)
    if ledger.get("form_1040", "35a") > 0 and chance(rng, 0.75):
        _direct_deposit(page)
    _designee(rng, page)
    _signatures(rng, page, mistake)
    if chance(rng, 0.25):
        _preparer(rng, page)
    return page.fields


def write_attachment_heading(binder: Binder, facts: Facts, habits: Habits) -> Fields:
    """Names and number at the top of a schedule."""
    page = Heading(binder, facts, habits)
    people: list[Person] = [facts.household.taxpayer]
    if facts.status is Status.JOINT and facts.household.spouse:
        people.append(facts.household.spouse)
    if len(people) == 2 and people[0].last == people[1].last:
        names = f"{people[0].given} & {people[1].given} {people[0].last}"
    else:
        names = " & ".join(f"{person.given} {person.last}" for person in people)
    page.text("names_shown", names)
    page.identifier("taxpayer_ssn", facts.household.taxpayer.ssn)
    return page.fields


def _status(rng: np.random.Generator, page: Heading, mistake: MistakeKind | None) -> None:
    status, household = page.facts.status, page.facts.household
    if mistake is not MistakeKind.NO_STATUS:
        page.mark(f"filing_status_{status}")
    if mistake is MistakeKind.TWO_STATUSES:
        others = [one for one in Status if one is not status]
        page.mark(f"filing_status_{pick(rng, others)}")
    if status is Status.SEPARATE and household.spouse:
        page.text("filing_status_person_name", f"{household.spouse.given} {household.spouse.last}")
    page.text("filing_status_person_name", page.facts.child_name)


def _people(page: Heading, mistake: MistakeKind | None) -> None:
    facts, household = page.facts, page.facts.household
    page.text("taxpayer_first_name", household.taxpayer.given)
    page.text("taxpayer_last_name", household.taxpayer.last)
    page.identifier("taxpayer_ssn", household.taxpayer.ssn)
    if household.spouse and mistake is not MistakeKind.NO_SPOUSE_ID:
        page.identifier("spouse_ssn", household.spouse.ssn)
    if household.spouse and facts.status is Status.JOINT:
        page.text("spouse_first_name", household.spouse.given)
        page.text("spouse_last_name", household.spouse.last)
        page.text("spouse_occupation", household.spouse.occupation)
    page.text(
        "taxpayer_occupation", "Retired" if facts.age >= 66 else household.taxpayer.occupation
    )
    page.text("address_street", household.street)
    page.text("address_apartment", household.apartment)
    page.text("address_city", household.city)
    page.digits("address_state", household.state)
    page.digits("address_zip", household.zip_code)
    page.phone("taxpayer_phone", household.phone)
    page.digits("taxpayer_email", household.email)


def _boxes(rng: np.random.Generator, page: Heading, mistake: MistakeKind | None) -> None:
    for name, ticked in age_boxes(page.facts).items():
        if ticked:
            page.mark(name)
    if chance(rng, 0.05):
        page.mark("campaign_fund_taxpayer")
    if mistake is not MistakeKind.NO_ANSWER:
        page.mark("digital_assets_yes" if chance(rng, 0.05) else "digital_assets_no")


def _dependant(page: Heading, row: int, dependant: Dependant) -> None:
    person = dependant.person
    page.text(f"dependent_{row}_name", f"{person.first} {person.last}")
    page.identifier(f"dependent_{row}_ssn", person.ssn)
    page.text(f"dependent_{row}_relationship", dependant.relationship)
    credit = "other_credit" if dependant.other_credit else "child_tax_credit"
    page.mark(f"dependent_{row}_{credit}")


def _direct_deposit(page: Heading) -> None:
    household = page.facts.household
    page.digits("routing_number", household.routing_number)
    page.mark(f"account_type_{'savings' if household.savings else 'checking'}")
    page.digits("account_number", household.account_number)


def _designee(rng: np.random.Generator, page: Heading) -> None:
    if chance(rng, 0.05):
        page.mark("third_party_designee_yes")
        page.text("designee_name", seeded_faker(rng).name())
        page.phone("designee_phone", invent_phone(rng))
        page.digits("designee_pin", f"{rng.integers(100_000):05d}")
    elif chance(rng, 0.6):
        page.mark("third_party_designee_no")


def _signatures(rng: np.random.Generator, page: Heading, mistake: MistakeKind | None) -> None:
    household = page.facts.household
    signers = ["taxpayer"] + (["spouse"] if page.facts.status is Status.JOINT else [])
    if chance(rng, 0.04):
        page.digits("taxpayer_ip_pin", f"{rng.integers(1_000_000):06d}")
    for role in signers:
        if mistake is MistakeKind.NO_SIGNATURE and role == signers[-1]:
            continue
        page.mark(f"{role}_signature")
        if f"{role}_signature_date" in page.binder.by_name:
            page.fields[f"{role}_signature_date"] = write_date(household.signed, page.habits)


def _preparer(rng: np.random.Generator, page: Heading) -> None:
    faker = seeded_faker(rng)
    name = f"{faker.first_name()} {faker.last_name()}"
    page.text("preparer_name", name)
    page.digits("preparer_ptin", invent_ptin(rng))
    page.mark("preparer_signature")
    if "preparer_signature_date" in page.binder.by_name:
        page.fields["preparer_signature_date"] = write_date(
            page.facts.household.signed, page.habits
        )
    if chance(rng, 0.3):
        page.mark("preparer_self_employed")
    page.text("firm_name", f"{name.split()[-1]} Tax Service")
    page.phone("firm_phone", invent_phone(rng))
    household = page.facts.household
    address = f"{rng.integers(1, 900)} Main St, {household.city}, {household.state}"
    page.text("firm_address", f"{address} {household.zip_code}")
    field = page.binder.by_name.get("firm_ein")
    if field is not None:
        page.fields["firm_ein"] = write_employer_number(invent_ein(rng), field)
