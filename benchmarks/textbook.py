"""The textbook pipeline that we measure against: register, crop, one `pytesseract` call a field.

It is what tutorials teach, done with care: ORB features and a homography, crops from the
registered page, Tesseract in single-line mode, marks by the share of dark pixels. It is told
which form and page it looks at, which taxlift must find out by itself.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import cv2
import numpy as np
import pytesseract

from extractors.page_image import CANVAS_SCALE, Gray
from schemas.forms import FieldDefinition, FieldKind, PageDefinition

_DARK_SHARE = 0.12
_DIGITS_ONLY = (
    FieldKind.TAXPAYER_ID,
    FieldKind.ROUTING_NUMBER,
    FieldKind.ACCOUNT_NUMBER,
    FieldKind.PHONE,
    FieldKind.POSTAL_CODE,
    FieldKind.CODE,
)


def read_page(scan: Gray, blank: Gray, page: PageDefinition) -> dict[str, str | bool]:
    """Texts and marks by field name; `blank` is the page's official blank at 300 dpi."""
    registered = _register(scan, blank)
    return {field.name: _read_field(registered, field) for field in page.fields}


def _register(scan: Gray, blank: Gray) -> Gray:
    """The scan on the blank's canvas, by ORB features and RANSAC."""
    half = cv2.resize(blank, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    orb = cv2.ORB.create(nfeatures=3000)
    of_blank, blank_descriptors = orb.detectAndCompute(half, None)
    of_scan, scan_descriptors = orb.detectAndCompute(scan, None)
    size = (blank.shape[1], blank.shape[0])
    if scan_descriptors is None or blank_descriptors is None:
        return np.asarray(cv2.resize(scan, size), np.uint8)
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(
        scan_descriptors, blank_descriptors
    )
    best = sorted(matches, key=lambda match: match.distance)[:500]
    if len(best) < 8:
        return np.asarray(cv2.resize(scan, size), np.uint8)
    source = np.array([of_scan[match.queryIdx].pt for match in best], np.float32)
    target = np.array([of_blank[match.trainIdx].pt for match in best], np.float32) * 2
    homography, _ = cv2.findHomography(source, target, cv2.RANSAC, 5.0)
    if homography is None:
        return np.asarray(cv2.resize(scan, size), np.uint8)
    return np.asarray(cv2.warpPerspective(scan, homography, size, borderValue=255), np.uint8)


def _read_field(registered: Gray, field: FieldDefinition) -> str | bool:
    x0, y0, x1, y1 = (round(edge * CANVAS_SCALE) for edge in field.box)
    crop = registered[max(y0, 0) : y1, max(x0, 0) : x1]
    if field.kind.is_mark:
        inner = crop[
            crop.shape[0] // 6 : -crop.shape[0] // 6, crop.shape[1] // 6 : -crop.shape[1] // 6
        ]
        return bool((inner < 128).mean() > _DARK_SHARE)
    return _tidy(field.kind, pytesseract.image_to_string(crop, config="--psm 7"))


def _tidy(kind: FieldKind, text: str) -> str:
    """What a tutorial does with the text: strip it, and keep the digits of numbers."""
    text = " ".join(text.split())
    if kind in (FieldKind.AMOUNT, FieldKind.COUNT):
        digits = re.sub(r"[^0-9.()-]", "", text)
        negative = digits.startswith(("-", "("))
        digits = digits.strip("-().")
        try:
            amount = Decimal(digits)
        except InvalidOperation:
            return text
        return str(-amount if negative else amount)
    if kind in _DIGITS_ONLY:
        return re.sub(r"\D", "", text) or text
    return text
