"""What was found of batches as a whole: stored whole or not at all, and loaded again.

To show it: `FindingStore(engine).findings("20261124-1")`, alerts first.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from loaders.figures import Figures
from loaders.store import BATCHES, table_of
from schemas.findings import Finding
from schemas.masking import mask_text
from schemas.oversight_tables import BatchFinding
from schemas.rules import Outcome

FINDINGS = table_of(BatchFinding)

_ORDER = sa.case(
    (FINDINGS.c.outcome == Outcome.FAIL, 0),
    (FINDINGS.c.outcome == Outcome.NOT_EVALUATED, 1),
    else_=2,
)


class FindingStore(Figures):
    """`FindingStore(open_database(url))`: figures and findings."""

    def store_findings(self, batch_id: str, findings: Sequence[Finding]) -> bool:
        """Replace what was found of a batch; the same again changes nothing, and says so."""
        rows = [
            each.model_dump(mode="json")
            | {
                "position": position,
                "outcome": each.outcome,
                "severity": each.severity,
                "message": mask_text(each.message),
            }
            for position, each in enumerate(findings)
        ]
        with self.writing() as connection:
            stored = connection.execute(
                sa.select(FINDINGS)
                .where(FINDINGS.c.batch_id == batch_id)
                .order_by(FINDINGS.c.position)
            ).mappings()
            if [dict(row) for row in stored] == rows:
                return False
            connection.execute(sa.delete(FINDINGS).where(FINDINGS.c.batch_id == batch_id))
            if rows:
                connection.execute(sa.insert(FINDINGS), rows)
            failed = sum(each.outcome is Outcome.FAIL for each in findings)
            self.audit.append(
                "findings.stored",
                f"batch:{batch_id}",
                detail={"findings": len(rows), "alerts": failed},
                connection=connection,
            )
        return True

    def findings(
        self, batch_id: str, *, outcomes: Sequence[Outcome] | None = None
    ) -> list[Finding]:
        """What was found of a batch: alerts, then what could not be evaluated, then what held."""
        query = sa.select(FINDINGS).where(FINDINGS.c.batch_id == batch_id)
        if outcomes is not None:
            query = query.where(FINDINGS.c.outcome.in_(outcomes))
        with self.reading() as connection:
            rows = connection.execute(query.order_by(_ORDER, FINDINGS.c.position)).mappings()
            return [Finding(**{name: row[name] for name in Finding.model_fields}) for row in rows]

    def without_findings(self, batch_id: str) -> str | None:
        """The batch before this one, if nothing was ever said of it: its run was broken off."""
        for earlier in self.earlier_batches(batch_id, 1):
            with self.reading() as connection:
                said = connection.scalar(
                    sa.select(
                        sa.or_(
                            sa.exists().where(FINDINGS.c.batch_id == earlier),
                            sa.exists().where(
                                BATCHES.c.id == earlier, BATCHES.c.finished_at.is_(None)
                            ),
                        )
                    )
                )
            return None if said else earlier
        return None
