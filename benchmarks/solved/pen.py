"""What is typed into the solver: every question answered, amounts by the luck of one filer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.solved.program import Inputs

Answers = Mapping[str, Mapping[str, str]]
"""What the solver may ask, form by form, with the harmless answer."""


class Pen:
    """Writes amounts and answers into the inputs, by the luck of one filer."""

    def __init__(self, rng: np.random.Generator, answers: Answers) -> None:
        self.rng = rng
        self.inputs: Inputs = {
            form: dict(asked) for form, asked in answers.items() if not is_counted(form)
        }
        self._answers = answers
        self._cents = rng.random() < 0.3

    def luck(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def money(self, low: float, high: float) -> str:
        amount = self.rng.uniform(low, high)
        return f"{amount:.2f}" if self._cents else f"{round(amount)}"

    def put(self, form: str, **values: object) -> None:
        """Keyword `number_w_2` is the input `number_w-2`."""
        known = self._answers[form]
        for name, value in values.items():
            key = name if name in known else name.replace("w_2", "w-2").replace("1099_", "1099-")
            # Not every year asks the same, or asks in the same way.
            if key in known and (known[key] != "no" or value in ("yes", "no")):
                self.inputs[form][key] = str(value)

    def slip(self, form: str, number: int, **values: object) -> None:
        """One information return that came in the mail."""
        section = dict(self._answers[form])
        section |= {name: str(value) for name, value in values.items()}
        self.inputs[f"{form}:{number}"] = section


def is_counted(form: str) -> bool:
    """Several of them may come; each is a section of its own."""
    return form in ("w-2", "1098") or form.startswith("1099")
