"""Prefect and its neighbours as taxlift wants them, set before any of them is imported.

An ephemeral server with its state under taxlift's own home, no telemetry, no results kept
(they would hold taxpayers' data), and one thread for every numeric library: the flow decides
how many documents are read at once. What the user has set already stays as it is.
"""

from __future__ import annotations

import os

from schemas.settings import Settings

ONE_THREAD = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# Services that only a long-running server needs: without them the ephemeral one is lighter.
_UNUSED_SERVICES = (
    "SCHEDULER",
    "LATE_RUNS",
    "TRIGGERS",
    "FOREMAN",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
)


def prepare_environment(settings: Settings) -> None:
    """Set what is unset; call before importing Prefect or Great Expectations."""
    defaults = {
        "PREFECT_HOME": str((settings.home / "prefect").resolve()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        # The ephemeral server writes a traceback for what its shutdown interrupts.
        "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
        # On two busy cores it took longer than a minute.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
        "GX_ANALYTICS_ENABLED": "false",
        "TQDM_DISABLE": "1",
    }
    for name in ONE_THREAD:
        defaults[name] = "1"
    if "PREFECT_API_URL" not in os.environ:
        for service in _UNUSED_SERVICES:
            defaults[f"PREFECT_SERVER_SERVICES_{service}_ENABLED"] = "false"
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def server_is_ephemeral() -> bool:
    """Whether Prefect starts a server of its own for this process."""
    return "PREFECT_API_URL" not in os.environ
