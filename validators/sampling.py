"""Which accepted returns a person keys all the same: so the error of what is accepted is measured.

The choice follows from the return and a secret key alone: nobody without the key can tell it
beforehand, and whoever asks again gets the same answer.
"""

from __future__ import annotations

import hashlib
import hmac

from schemas.policy import Sampling
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import SampledPlace, TaxReturn


def draw_sample(tax_return: TaxReturn, sampling: Sampling, key: bytes) -> tuple[SampledPlace, ...]:
    """The fields of an accepted return that are keyed blind; none where it is not chosen.

    Of a chosen return all that a machine took, and a share of what it took as blank. With a
    greater share the same returns are chosen, and more.

    Raises:
        ValueError: the key is empty: anybody could foretell the choice.
    """
    if not key:
        raise ValueError("sampling needs a secret key")
    name = tax_return.return_id
    if not _chosen(sampling.share, key, "return", name):
        return ()
    return tuple(
        SampledPlace(at, value.name)
        for at, form in enumerate(tax_return.forms)
        for value in form.values
        if _by_machine(value)
        and (
            value.status is ValueStatus.ACCEPTED
            or _chosen(sampling.blanks, key, "blank", name, str(at), value.name)
        )
    )


def _by_machine(value: FieldValue) -> bool:
    return value.status.is_held and not value.decided_by.startswith("person:")


def _chosen(share: float, key: bytes, *what: str) -> bool:
    """Whether a number between 0 and 1 that only the key can tell lies below the share."""
    digest = hmac.digest(key, "\0".join(("taxlift sampling", *what)).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8]) < share * 2**64
