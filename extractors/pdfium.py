"""PDFium is not thread-safe: whoever calls it, through `pypdfium2`, holds this lock.

One lock a process, shared by all modules, because pages of several documents are read at
the same time in threads.
"""

from __future__ import annotations

import threading

PDFIUM_LOCK = threading.RLock()
