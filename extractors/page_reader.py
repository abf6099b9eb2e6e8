"""One page from pixels to values: identify, register, lift, cut, read; refuse before guessing."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import cv2

from extractors.confidence import load_calibration, unfitted
from extractors.engines.base import load_engine
from extractors.fields import cut_fields
from extractors.identify import Identification, Kind, PageIndex
from extractors.lift import lift_page
from extractors.page_image import PageImage, Registration
from extractors.reader import read_fields
from extractors.register import register_page
from schemas.department import Department
from schemas.errors import EngineError, MissingProgramError, RejectReason
from schemas.readings import FieldValue, PageResult, PageStatus
from schemas.versions import definition_version

VERSION = "1"
"""Of identification, registration and lifting together; part of every page's provenance."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Clock:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - start, 4)


class PageReader:
    """Reads pages of a department's forms; made once a process and shared by its threads."""

    def __init__(self, department: Department) -> None:
        """Loads the department's blanks.

        Raises:
            BlankMissingError: a blank is missing or differs from its definition's.
        """
        # One thread a page: the flow decides how many pages are read at once.
        cv2.setNumThreads(1)
        self._department = department
        self._limits = department.settings.limits
        self._index = PageIndex(department)
        self._calibration = load_calibration(department.folder)
        for doubt in unfitted(self._calibration, _installed(department)):
            _log.warning("%s: more goes to a person (python -m benchmarks.calibrate)", doubt)

    def read(self, page: PageImage) -> PageResult:
        """What is on one page, with a status that says whether it could be read and why not.

        Raises:
            MissingProgramError: a program or model that an engine needs is not there.
        """
        clock = _Clock()
        with clock.stage("identify"):
            found = self._index.identify(page)
        if found.blank is None:
            return self._unidentified(page, found, clock)
        with clock.stage("register"):
            registration = register_page(page, found.blank, found.turned, found.start, found.scan)
        problem = self._doubt(registration)
        if registration is None or problem:
            return self._result(
                page,
                found,
                registration,
                clock,
                status=PageStatus.REFUSED,
                reason=RejectReason.REGISTRATION_FAILED,
                message=f"{problem}; scan the page again, flat and whole, or key it by hand",
            )
        return self._read(page, found, registration, clock)

    def _read(
        self,
        page: PageImage,
        found: Identification,
        registration: Registration,
        clock: _Clock,
    ) -> PageResult:
        blank = found.blank
        form = self._department.form(blank.form, blank.year) if blank else None
        if blank is None or form is None:
            raise ValueError("an identified page is of a form of the department")
        with clock.stage("lift"):
            lifted = lift_page(page, blank, registration, found.scan)
            images = cut_fields(lifted, page, blank.page)
        try:
            with clock.stage("read"):
                values = read_fields(images, form, blank.page.number, self._department)
        except EngineError as error:
            return self._result(
                page,
                found,
                registration,
                clock,
                status=PageStatus.REFUSED,
                reason=RejectReason.ENGINE_FAILED,
                message=f"no engine could read it ({type(error).__name__}); key it by hand",
            )
        return self._result(page, found, registration, clock, status=PageStatus.READ, values=values)

    def _doubt(self, registration: Registration | None) -> str:
        """Why a registration is not to be trusted; empty where it is."""
        if registration is None:
            return "too little of the form was found to map it"
        if registration.score < self._limits.registration:
            return f"only {registration.score:.0%} of the form's print is where it should be"
        if registration.residual_px > self._limits.residual_px:
            return f"the form is bent by {registration.residual_px:.1f} pixels"
        return ""

    def _unidentified(self, page: PageImage, found: Identification, clock: _Clock) -> PageResult:
        empty = found.kind is Kind.EMPTY
        return self._result(
            page,
            found,
            None,
            clock,
            status=PageStatus.BLANK if empty else PageStatus.UNKNOWN,
            reason=RejectReason.BLANK if empty else RejectReason.UNKNOWN_FORM,
            message=found.message,
        )

    def _result(
        self,
        page: PageImage,
        found: Identification,
        registration: Registration | None,
        clock: _Clock,
        *,
        status: PageStatus,
        reason: RejectReason | None = None,
        message: str = "",
        values: tuple[FieldValue, ...] = (),
    ) -> PageResult:
        return PageResult(
            number=page.number,
            width=page.gray.shape[1],
            height=page.gray.shape[0],
            dpi=page.dpi,
            status=status,
            reason=reason,
            message=message,
            form=found.form,
            year=found.year,
            form_page=found.page,
            identification_score=round(found.score, 4),
            turned=found.turned,
            registration_score=round(registration.score, 4) if registration else 0.0,
            residual_px=round(registration.residual_px, 3) if registration else None,
            transform=tuple(float(one) for one in registration.matrix.ravel())
            if registration
            else (),
            values=values,
            seconds=clock.seconds,
            versions=self._versions(found),
        )

    def _versions(self, found: Identification) -> dict[str, Any]:
        versions: dict[str, Any] = {
            "page_reader": VERSION,
            "opencv": cv2.__version__,
            "calibration": self._calibration.version,
        }
        if found.form is not None and found.year is not None:
            form = self._department.form(found.form, found.year)
            if form is not None:
                versions["blank_sha256"] = form.blank.sha256
                versions["definition"] = definition_version(form)
        return versions


def _installed(department: Department) -> list[tuple[str, str]]:
    """The department's engines that have scores, with their versions; one missing tells itself."""
    engines = department.settings.engines
    found = []
    for name in engines.names:
        if name == engines.born_digital:  # taken at its word: there is no score to fit
            continue
        try:
            found.append((name, str(load_engine(name).version)))
        except MissingProgramError:
            continue
    return found
