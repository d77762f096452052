"""The two SQLite files of an ARES home: opened, made, brought up to date, backed up."""

from ares.store._errors import folder_error, translated
from ares.store._store import Store

__all__ = ["Store", "folder_error", "translated"]
