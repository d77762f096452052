"""The one path that every action takes, whoever asks for it."""

from ares.gate._drive import Approver, abandon, drive, execute, leave_unreached
from ares.gate._gate import Binder, Gate, question_of
from ares.gate._normalise import Surroundings
from ares.gate._passage import Executed, NeedApproval, NeedExecute, NeedStart, Passage, Proposal
from ares.gate._rules import RuleBook, Rules
from ares.gate._summary import human_bytes, human_duration, summarise
from ares.gate._way_back import CutOff, close_cut_off

__all__ = [
    "Approver",
    "Binder",
    "CutOff",
    "Executed",
    "Gate",
    "NeedApproval",
    "NeedExecute",
    "NeedStart",
    "Passage",
    "Proposal",
    "RuleBook",
    "Rules",
    "Surroundings",
    "abandon",
    "close_cut_off",
    "drive",
    "execute",
    "human_bytes",
    "human_duration",
    "leave_unreached",
    "question_of",
    "summarise",
]
