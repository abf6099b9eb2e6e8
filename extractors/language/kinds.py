"""Which prior belongs to which field."""

from __future__ import annotations

from functools import cache

from extractors.language.prior import Manner, TextPrior, WordPrior
from extractors.language.slots import Compounds, Slot
from extractors.language.tables import Lexicon, load_tables
from schemas.forms import FieldDefinition, FieldKind

_STATES = (
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm"
    " ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr gu vi as mp aa ae ap"
)
_MILLIONS = {
    "ca": 39, "tx": 30, "fl": 22, "ny": 20, "pa": 13, "il": 13, "oh": 12, "ga": 11, "nc": 11,
    "mi": 10, "nj": 9, "va": 9, "wa": 8, "az": 7, "ma": 7, "tn": 7, "in": 7, "mo": 6, "md": 6,
    "wi": 6, "co": 6, "mn": 6, "sc": 5, "al": 5, "la": 5, "ky": 5, "or": 4, "ok": 4, "ct": 4,
    "ut": 3, "ia": 3, "nv": 3, "ar": 3, "ms": 3, "ks": 3,
}  # fmt: skip
"""Of people, about; one for the others (Census Bureau)."""
_RELATIONS = (
    "son daughter stepson stepdaughter stepchild child foster brother sister half stepbrother"
    " stepsister grandchild grandson granddaughter niece nephew parent mother father stepfather"
    " stepmother grandparent grandmother grandfather aunt uncle cousin in law none other adopted"
)
"""Those that the instructions of Form 1040 name, and their plain words."""
_COMMON_RELATIONS = {"son": 20.0, "daughter": 20.0, "parent": 4.0, "mother": 4.0, "father": 3.0}
_AFTER_NAMES = "jr sr ii iii iv esq md do dds dmd dvm phd cpa ea rn"
_FIRMS = (
    "inc llc llp lp co corp corporation company ltd pc pa na plc tax taxes service services"
    " accounting accountants bookkeeping associates partners group advisors consulting financial"
    " bank banks banking trust savings credit union federal national first fund funds income"
    " growth index bond equity capital investments securities brokerage insurance mutual the of and"
    " community county state city american united states treasury us usa"
)
_ADDRESS = (
    "po box apt unit suite ste fl floor rr route hwy highway county road lot bldg rm room"
    " north south east west n s e w ne nw se sw old new"
)
_TOWN_WORDS = (
    "north south east west new old port lake fort mount mt st saint san santa los las el la city"
    " beach springs falls park hills heights grove valley"
)
_TOWN_ENDINGS = (
    "ville ton town burg burgh boro borough field wood woods land view port side haven ford mouth"
    " shire bury chester stead dale brook creek ridge hill hills crest mont mount wick worth gate"
    " shore point fort"
)
"""Of towns named for people; of the gazetteer's towns most end so that are two words in one."""
_HOSTS = (
    "gmail yahoo hotmail aol outlook icloud comcast msn live att verizon sbcglobal bellsouth cox"
    " charter earthlink juno mac me protonmail mail"
)
_TOP_LEVELS = {"com": 80.0, "net": 10.0, "org": 5.0, "edu": 2.0, "gov": 1.0, "us": 1.0, "mil": 0.5}
_MONTHS = (
    "january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sept sep oct nov dec"
)

_PERSON_PARTS = ("_name", "names_shown", "designee", "preparer")
_FIRM_PARTS = ("payer", "firm", "lender", "employer", "bank", "business")


def prior_for(definition: FieldDefinition) -> TextPrior | None:
    """What is likely in that field; None where words say nothing (numbers, marks).

    Raises:
        MissingProgramError: the word tables are missing or damaged.
    """
    sort = _sort(definition)
    return _prior(sort) if sort else None


def _sort(definition: FieldDefinition) -> str:
    name, kind = definition.name, definition.kind
    if kind is FieldKind.EMAIL:
        return "email"
    if kind is FieldKind.DATE:
        return "recent date" if "sign" in name else "date"
    if kind not in (FieldKind.NAME, FieldKind.TEXT):
        return ""
    if "address" in name and name.startswith(_FIRM_PARTS):
        return "address"
    for part, sort in (
        ("first_name", "given"),
        ("last_name", "surname"),
        ("street", "street"),
        ("apartment", "apartment"),
        ("city", "town"),
        ("state", "state"),
        ("address", "address"),
        ("occupation", "occupation"),
        ("relationship", "relationship"),
    ):
        if name.endswith(part):
            return sort
    if any(part in name for part in _FIRM_PARTS):
        return "firm"
    if kind is FieldKind.NAME:
        return "people" if name.startswith("names") else "person"
    return "prose"


@cache
def _prior(sort: str) -> TextPrior:
    return WordPrior(_MANNERS[sort]())


@cache
def _own() -> dict[str, Lexicon | Compounds]:
    def even(words: str) -> Lexicon:
        return Lexicon(dict.fromkeys(words.split(), 1.0))

    lists, endings = load_tables().lexicons, even(_TOWN_ENDINGS)
    return {
        "states": Lexicon({state: _MILLIONS.get(state, 1.0) for state in _STATES.split()}),
        "relations": Lexicon(dict.fromkeys(_RELATIONS.split(), 1.0) | _COMMON_RELATIONS),
        "after names": even(_AFTER_NAMES),
        "firms": even(_FIRMS),
        "addresses": even(_ADDRESS),
        "town words": even(_TOWN_WORDS),
        "named surname": Compounds(lists["surnames"], endings),
        "named given": Compounds(lists["given"], endings),
        "hosts": even(_HOSTS),
        "top levels": Lexicon(_TOP_LEVELS),
        "months": even(_MONTHS),
        "numbered months": Lexicon(_counted(1, 12)),
        "days": Lexicon(_counted(1, 31)),
        "recent years": Lexicon(_years(2000, 2035)),
        "years": Lexicon(_years(1915, 2035)),
    }


def _counted(first: int, last: int) -> dict[str, float]:
    """Numbers of one or two digits, with and without a nought before them."""
    return {f"{n:{pad}}": 1.0 for n in range(first, last + 1) for pad in ("d", "02d")}


def _years(first: int, last: int) -> dict[str, float]:
    return {
        f"{year % 10**size:0{size}d}": 1.0 for year in range(first, last + 1) for size in (2, 4)
    }


def _slot(**weights: float) -> Slot:
    named = {name.replace("_", " "): weight for name, weight in weights.items()}
    return Slot(named, load_tables(), _own())


def _given() -> Manner:
    first = _slot(given=0.8, surnames=0.08, initial=0.02, letters=0.1)
    then = _slot(initial=0.8, given=0.12, surnames=0.04, letters=0.04)
    return Manner((first, then), (0.65, 0.03), {" ": 0.93, "-": 0.01, ".": 0.02, ",": 0.005})


def _surname() -> Manner:
    first = _slot(surnames=0.82, given=0.04, initial=0.002, letters=0.14)
    then = _slot(surnames=0.45, after_names=0.4, letters=0.15)
    return Manner((first, then), (0.04, 0.02), {" ": 0.6, "-": 0.3, ",": 0.1})


def _person() -> Manner:
    first = _slot(given=0.82, surnames=0.06, initial=0.02, letters=0.1)
    second = _slot(surnames=0.42, initial=0.42, given=0.08, letters=0.08)
    third = _slot(surnames=0.75, after_names=0.1, initial=0.02, letters=0.13)
    return Manner((first, second, third), (0.97, 0.45, 0.05, 0.02),
                  {" ": 0.95, "-": 0.01, ".": 0.02, ",": 0.01})  # fmt: skip


def _people() -> Manner:
    first = _slot(given=0.82, surnames=0.06, initial=0.02, letters=0.1)
    second = _slot(initial=0.42, surnames=0.42, given=0.08, letters=0.08)
    third = _slot(surnames=0.72, given=0.08, after_names=0.05, initial=0.02, letters=0.13)
    return Manner((first, second, third), (0.97, 0.6, 0.2),
                  {" ": 0.95, "-": 0.01, ".": 0.02, ",": 0.01},
                  after_space={"&": 0.18}, restart={"&": 0})  # fmt: skip


def _street() -> Manner:
    first = _slot(number=0.93, addresses=0.04, surnames=0.01, letters=0.02)
    name = _slot(surnames=0.34, given=0.12, english=0.16, towns=0.1, addresses=0.1, number=0.06,
                 streets=0.02, letters=0.1)  # fmt: skip
    then = _slot(streets=0.62, english=0.06, surnames=0.05, towns=0.03, addresses=0.1, number=0.08,
                 initial=0.01, letters=0.05)  # fmt: skip
    return Manner((first, name, then), (0.995, 0.95, 0.12, 0.2),
                  {" ": 0.96, "-": 0.005, ".": 0.015, ",": 0.015, "/": 0.002},
                  after_space={"#": 0.01})  # fmt: skip


def _apartment() -> Manner:
    first = _slot(number=0.8, addresses=0.08, initial=0.1, letters=0.02)
    return Manner((first,), (0.1, 0.05), {" ": 0.8, "-": 0.1})


def _town() -> Manner:
    first = _slot(towns=0.54, surnames=0.1, town_words=0.14, given=0.02, named_surname=0.05,
                  named_given=0.05, letters=0.1)  # fmt: skip
    then = _slot(towns=0.5, town_words=0.1, surnames=0.1, given=0.04, english=0.05,
                 named_surname=0.05, named_given=0.05, letters=0.11)  # fmt: skip
    return Manner((first, then), (0.4, 0.1, 0.05), {" ": 0.96, "-": 0.01, ".": 0.02})


def _state() -> Manner:
    return Manner((_slot(states=0.97, towns=0.02, letters=0.01),), (0.01,))


def _address() -> Manner:
    first = _slot(number=0.93, addresses=0.04, surnames=0.01, letters=0.02)
    then = _slot(surnames=0.2, given=0.05, towns=0.2, english=0.1, addresses=0.08, number=0.12,
                 streets=0.12, states=0.08, named_surname=0.02, named_given=0.02,
                 letters=0.05)  # fmt: skip
    return Manner((first, then), (0.995, 0.99, 0.9, 0.75),
                  {" ": 0.8, ",": 0.15, ".": 0.02, "-": 0.005},
                  after_space={"#": 0.01})  # fmt: skip


def _occupation() -> Manner:
    word = _slot(occupations=0.62, english=0.3, letters=0.08)
    return Manner((word,), (0.5, 0.15), {" ": 0.95, "/": 0.02, "-": 0.02})


def _relationship() -> Manner:
    return Manner((_slot(relations=0.93, english=0.04, letters=0.03),), (0.05,),
                  {" ": 0.7, "-": 0.3})  # fmt: skip


def _firm() -> Manner:
    word = _slot(firms=0.3, surnames=0.22, english=0.3, towns=0.07, given=0.03, initial=0.02,
                 number=0.01, letters=0.05)  # fmt: skip
    return Manner((word,), (0.9, 0.6, 0.3),
                  {" ": 0.94, ",": 0.02, ".": 0.01, "-": 0.01, "'": 0.01},
                  after_space={"&": 0.04})  # fmt: skip


def _prose() -> Manner:
    word = _slot(english=0.62, surnames=0.06, towns=0.06, firms=0.06, occupations=0.05, given=0.03,
                 months=0.01, number=0.07, letters=0.04)  # fmt: skip
    return Manner((word,), (0.7, 0.5, 0.4),
                  {" ": 0.93, ",": 0.03, ".": 0.01, "-": 0.01, "/": 0.005},
                  after_space={"&": 0.01, "#": 0.005})  # fmt: skip


def _email() -> Manner:
    local = _slot(given=0.4, surnames=0.36, english=0.06, initial=0.06, number=0.04, letters=0.08)
    host = _slot(hosts=0.6, english=0.2, surnames=0.08, letters=0.12)
    end = _slot(top_levels=0.95, english=0.03, letters=0.02)
    # Words after `@` count from the host's slot on; those before it stay in the first two.
    return Manner((local, local, local, host, end), (0.999, 0.999, 0.999, 0.99, 0.05),
                  {".": 0.45, "@": 0.45, "_": 0.03, "-": 0.02},
                  full_stop=0.0, restart={"@": 3})  # fmt: skip


def _date(years: str = "years") -> Manner:
    first = _slot(numbered_months=0.85, days=0.08, months=0.05, number=0.02)
    second = _slot(days=0.93, months=0.04, number=0.03)
    year = _slot(**{years: 0.97, "number": 0.03})
    return Manner((first, second, year), (0.999, 0.999, 0.0),
                  {"/": 0.68, "-": 0.22, ".": 0.03, " ": 0.05, ",": 0.02},
                  full_stop=0.0)  # fmt: skip


def _recent_date() -> Manner:
    return _date("recent years")


_MANNERS = {
    "date": _date,
    "recent date": _recent_date,
    "given": _given,
    "surname": _surname,
    "person": _person,
    "people": _people,
    "street": _street,
    "apartment": _apartment,
    "town": _town,
    "state": _state,
    "address": _address,
    "occupation": _occupation,
    "relationship": _relationship,
    "firm": _firm,
    "prose": _prose,
    "email": _email,
}
