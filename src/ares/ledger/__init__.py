"""The append-only, hash-chained record of everything that was proposed, approved and done."""

from ares.ledger._change import Change
from ares.ledger._ledger import Batch, Ledger
from ares.ledger._process import process_start, this_process
from ares.ledger._record import KINDS, Head, NotDone, Record, Report, Statistics, Undoable, Unfinished

__all__ = [
    "KINDS",
    "Batch",
    "Change",
    "Head",
    "Ledger",
    "NotDone",
    "Record",
    "Report",
    "Statistics",
    "Undoable",
    "Unfinished",
    "process_start",
    "this_process",
]
