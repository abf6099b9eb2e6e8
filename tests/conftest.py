"""For the whole suite: nothing that a test starts writes into the checkout, or waits for a file."""

from __future__ import annotations

import os
import tempfile

from hypothesis import settings

# Before any test module is imported: Prefect settles where its home is when it is imported.
os.environ.setdefault("TAXLIFT_HOME", tempfile.mkdtemp(prefix="taxlift-tests-"))

# A busy machine is no failure: time is measured in benchmarks, never asserted.
settings.register_profile("taxlift", deadline=None)
settings.load_profile("taxlift")
