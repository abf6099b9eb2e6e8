"""The one way into the database: all reads and writes of the pipeline, in one object.

Every step can be done again and changes nothing then; every answer is a frozen record.
What may not be done with values (logging them, quoting them in errors) is not done here.
"""

from __future__ import annotations

from loaders.accounts import Accounts
from loaders.pages import Pages
from loaders.records import Records
from loaders.returns import Returns
from loaders.samples import Samples


class Repository(Accounts, Pages, Returns, Records, Samples):
    """`Repository(open_database(url))`; any number of threads may share it.

    In the order of a run: `start_or_resume_batch`, `receive` or `reject_file` for each
    file, `pending_documents`, `store_pages` or `reject` for each document,
    `store_returns`, `store_rule_results`, `finish_batch`.
    """
