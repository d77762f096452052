"""The agent: a sentence, the capabilities and live values of this moment, and the model that is chosen,
become a reading.

It proposes; only the gate lets anything run.
"""

from __future__ import annotations

from ares.agent._models import BUILT_IN, built_in_file, open_file, open_proposer, prompts_of
from ares.agent._reader import Reader

__all__ = ["BUILT_IN", "Reader", "built_in_file", "open_file", "open_proposer", "prompts_of"]
