"""What people write in the fields of a form: every manner that the recogniser has to know.

Nothing here is a taxpayer's: digits and words are drawn by chance, evenly enough that the
recogniser learns shapes and not which values are common.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from faker import Faker

from schemas.forms import FieldDefinition, FieldKind

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
"""Cents written small and high; read as a point and two digits."""

_NOTHING = ("0", "-0-", "NONE", "None", "-", "0.00", "N/A", "0")


def label_of(text: str, spaced: bool) -> str:
    """What the recogniser should answer: superscript cents after a point, no spaces in numbers."""
    out: list[str] = []
    raised = False
    for character in text:
        if character in SUPERSCRIPTS:
            if not raised:
                out.append(".")
            out.append(str(SUPERSCRIPTS.index(character)))
            raised = True
        else:
            raised = False
            out.append(character)
    label = "".join(out)
    return " ".join(label.split()) if spaced else "".join(label.split())


def amount(rng: np.random.Generator) -> str:
    """From cents to hundreds of millions, as many of each length, written variously."""
    if rng.random() < 0.04:
        return str(rng.choice(_NOTHING))
    dollars = int(np.exp(rng.uniform(np.log(2), np.log(10 ** rng.choice([4, 6, 7, 9])))))
    if rng.random() < 0.12:  # round figures, repeated digits
        step = 10 ** int(rng.integers(1, 4))
        dollars = max(dollars // step * step, step)
    if rng.random() < 0.06:
        dollars = int(str(rng.integers(1, 10)) * int(rng.integers(2, 7)))
    text = f"{dollars:,}" if rng.random() < 0.62 else str(dollars)
    chance = rng.random()
    cents = f"{0 if rng.random() < 0.2 else rng.integers(100):02d}"
    if chance < 0.2:
        text = f"{text}.{cents}"
    elif chance < 0.25:
        text = text + "".join(SUPERSCRIPTS[int(digit)] for digit in cents)
    elif chance < 0.28:
        text = f"{text} {cents}"
    elif chance < 0.32:
        text += "."
    elif chance < 0.35:
        text += ".-" if rng.random() < 0.5 else "-"
    chance = rng.random()
    if chance < 0.06:
        return f"({text})"
    if chance < 0.12:
        return f"-{text}"
    if chance < 0.2:
        return f"${text}" if rng.random() < 0.7 else f"$ {text}"
    return text


def _digits(count: int, rng: np.random.Generator) -> str:
    if rng.random() < 0.05:
        return str(rng.integers(10)) * count
    return "".join(str(d) for d in rng.integers(0, 10, count))


def _taxpayer_id(rng: np.random.Generator) -> str:
    chance = rng.random()
    if chance < 0.06:
        return "P" + _digits(8, rng)
    if chance < 0.2:
        return f"{_digits(2, rng)}-{_digits(7, rng)}"
    first, second, third = _digits(3, rng), _digits(2, rng), _digits(4, rng)
    return (" " if rng.random() < 0.2 else "-" if rng.random() < 0.7 else "").join(
        (first, second, third)
    )


def _phone(rng: np.random.Generator) -> str:
    area, exchange, line = _digits(3, rng), _digits(3, rng), _digits(4, rng)
    forms = (
        f"({area}) {exchange}-{line}",
        f"({area}){exchange}-{line}",
        f"{area}-{exchange}-{line}",
        f"{area} {exchange} {line}",
        f"{area}.{exchange}.{line}",
        f"{area}{exchange}{line}",
        f"+1 {area} {exchange} {line}",
        f"1-{area}-{exchange}-{line}",
    )
    return str(rng.choice(forms))


def _date(rng: np.random.Generator) -> str:
    month, day = int(rng.integers(1, 13)), int(rng.integers(1, 32))
    year = int(rng.integers(1940, 2027))
    short = f"{year % 100:02d}"
    months = ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"]
    forms = (
        f"{month}/{day}/{year}",
        f"{month:02d}/{day:02d}/{year}",
        f"{month}/{day}/{short}",
        f"{month:02d}-{day:02d}-{year}",
        f"{month}-{day}-{short}",
        f"{month:02d} {day:02d} {year}",
        f"{month}.{day}.{year}",
        f"{months[month - 1]} {day}, {year}",
        f"{year}-{month:02d}-{day:02d}",
    )
    return str(rng.choice(forms))


def _postal_code(rng: np.random.Generator) -> str:
    return _digits(5, rng) if rng.random() < 0.8 else f"{_digits(5, rng)}-{_digits(4, rng)}"


def _account(rng: np.random.Generator) -> str:
    text = _digits(int(rng.integers(5, 15)), rng)
    if rng.random() < 0.12:
        return "".join(rng.choice(list("ABCDEFGHJKLMNPRSTUVWXYZ"), 2)) + text
    return text[:4] + "-" + text[4:] if rng.random() < 0.12 else text


class Texts:
    """Draws texts by field, from one seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self._fake = Faker("en_US")
        self._fake.seed_instance(seed)

    def text(self, field: FieldDefinition) -> str:
        """Something that a person may write there; short enough for the field."""
        kinds: dict[FieldKind, Callable[[np.random.Generator], str]] = {
            FieldKind.AMOUNT: amount,
            FieldKind.TAXPAYER_ID: _taxpayer_id,
            FieldKind.PHONE: _phone,
            FieldKind.DATE: _date,
            FieldKind.POSTAL_CODE: _postal_code,
            FieldKind.ACCOUNT_NUMBER: _account,
        }
        rng = self.rng
        if field.kind in kinds:
            return kinds[field.kind](rng)
        if field.kind is FieldKind.COUNT:
            return str(int(rng.integers(0, 25)))
        if field.kind is FieldKind.ROUTING_NUMBER:
            return _digits(9, rng)
        if field.kind is FieldKind.CODE:
            return _digits(field.comb or int(rng.integers(1, 7)), rng)
        if field.kind is FieldKind.EMAIL:
            return str(self._fake.email())
        room = max(int(field.box.width / 5.2), 1)
        return self._words(field, room)

    def _words(self, field: FieldDefinition, room: int) -> str:
        fake, rng = self._fake, self.rng
        if "initial" in field.name or room <= 2:
            return str(fake.random_uppercase_letter())
        if field.name.rsplit("_at_", 1)[0].endswith("state"):
            return str(fake.state_abbr())
        makers: tuple[Callable[[], str], ...] = (
            fake.name,
            fake.first_name,
            fake.last_name,
            fake.last_name,
            fake.city,
            fake.street_address,
            fake.job,
            fake.company,
            lambda: f"{fake.street_name()} Apt {rng.integers(1, 400)}",
            lambda: f"PO Box {rng.integers(1, 99999)}",
            lambda: str(rng.choice(("Son", "Daughter", "Mother", "Niece", "Foster child"))),
            self._jumble,
        )
        text = str(makers[int(rng.integers(len(makers)))]())
        while len(text) > room:
            text = text.rsplit(" ", 1)[0] if " " in text else text[:room]
        text = text.strip()
        return text.upper() if rng.random() < 0.4 else text

    def _jumble(self) -> str:
        """Letters by chance: shapes have to be learnt, not only words."""
        letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&-.,'/#")
        return "".join(self.rng.choice(letters, int(self.rng.integers(2, 12))))
