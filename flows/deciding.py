"""Brings a department's policy, the rules' results and the installation's key to a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from loaders.rows import DecidedReturn
from loaders.secret_key import secret_key
from schemas.department import Department
from schemas.returns import ReturnStatus, TaxReturn
from schemas.rules import RuleResult
from schemas.settings import Settings
from validators.decisions import decide, leave_unread
from validators.sampling import draw_sample


def decide_returns(
    returns: Sequence[TaxReturn],
    results: Iterable[RuleResult],
    department: Department,
    settings: Settings,
) -> list[DecidedReturn]:
    """What becomes of each return, and which of its fields a person keys to check on us."""
    policy = department.settings.decisions
    key = secret_key(settings.secret_key_file) if policy.sampling.share else b""
    said: dict[str, list[RuleResult]] = defaultdict(list)
    for result in results:
        said[result.return_id].append(result)
    decided = []
    for each in returns:
        held = leave_unread(each, policy)
        status, reasons = decide(held, said[held.return_id], policy)
        drawn = status is ReturnStatus.ACCEPTED and policy.sampling.share > 0
        sample = draw_sample(held, policy.sampling, key) if drawn else ()
        decided.append(DecidedReturn(held, status, reasons, sample))
    return decided
