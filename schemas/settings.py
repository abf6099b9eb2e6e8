"""Settings from the environment (`TAXLIFT_…`), with defaults that need nothing configured."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where taxlift keeps things, and the limits within which it takes a document."""

    model_config = SettingsConfigDict(env_prefix="TAXLIFT_", frozen=True, extra="ignore")

    home: Path = Path("taxlift-data")
    """Folder of the database, archive, reports and Prefect's state."""
    db_url: str | None = None
    """SQLAlchemy URL; none: SQLite in `home`."""
    key_file: Path | None = None
    """File of the installation's secret key; none: `secret.key` in `home`, made at first need."""
    department_path: tuple[Path, ...] = ()
    """Folders searched for departments before the built-in ones (JSON list)."""
    workers: int = Field(default=2, ge=1, le=256)
    """Documents read at the same time by one run."""

    max_bytes: int = 512 * 2**20
    max_pages: int = 2_000
    settle_seconds: float = Field(default=2.0, ge=0)
    """A file changed less long ago than this is taken for one still being written."""
    max_pixels: int = 120_000_000
    """Pixels of one page: a letter page at 1,000 dpi has 94 million."""

    @property
    def database_url(self) -> str:
        return self.db_url or f"sqlite:///{(self.home / 'taxlift.db').resolve()}"

    @property
    def secret_key_file(self) -> Path:
        return self.key_file or self.home / "secret.key"

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def reports(self) -> Path:
        return self.home / "reports"
