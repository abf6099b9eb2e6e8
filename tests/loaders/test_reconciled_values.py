"""What arithmetic said of a value is stored with it: first reading, odds, correction."""

from __future__ import annotations

from decimal import Decimal

import made
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.repository import Repository
from loaders.store import VALUES
from schemas.readings import FirstReading, Reconciled, Reconciliation, ValueStatus


def test_a_reconciled_value_comes_back_as_it_was(repository: Repository, engine: Engine) -> None:
    page = made.first_page()
    first = page.values[4]
    said = Reconciliation(
        outcome=Reconciled.CORRECTED,
        rules=("F1040-009", "F1040-011"),
        probability=0.9993,
        first=FirstReading(
            value="52840.50", as_read="52,840.50", confidence=0.71, risk=0.31,
            status=ValueStatus.REVIEW, decided_by="engine:strip 2", reason="the engines disagree",
        ),
        log_odds=-1.25,
        correction=Decimal("52340.55"),
    )  # fmt: skip
    update = {"reconciliation": said, "ink": "hand", "risk": 0.00125}
    values = tuple(
        value.model_copy(update=update) if value is first else value for value in page.values
    )
    page = page.model_copy(update={"values": values})
    batch = repository.start_or_resume_batch("us_irs", "inbox")
    received = repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1000)
    repository.store_pages(received.document_id, [page])
    for _ in range(2):
        repository.store_returns(batch, [made.decided("a.pdf", page)])
    [record] = repository.returns(batch)
    assert record.tax_return.forms[0].values == values
    assert repository.load_pages(received.document_id)[0].values == values
    with engine.connect() as connection:
        without = connection.execute(
            sa.select(sa.func.count()).where(VALUES.c.reconciliation.is_(sa.null()))
        ).scalar_one()
    assert without == len(values) - 1
