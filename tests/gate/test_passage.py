from __future__ import annotations

import signal

import pytest

from ares import Ares
from ares.core import Approval, Outcome, Status
from ares.gate import NeedApproval, NeedStart, Passage, Proposal
from ares.gate._passage import Steps


def test_ctrl_c_cuts_no_step_short_and_the_rest_can_still_be_refused() -> None:
    done: list[str] = []

    def steps(proposal: Proposal) -> Steps:
        yield NeedApproval(proposal)
        signal.raise_signal(signal.SIGINT)
        done.append("recorded")
        turn = yield NeedStart(proposal)
        assert isinstance(turn, Approval)
        return Outcome(action=proposal.action, status=Status.DENIED, error=turn.note)

    with Ares.open() as me:
        proposal = me.propose("notes.add", text="x").proposal
    passage = Passage(proposal, steps(proposal))
    with pytest.raises(KeyboardInterrupt):
        passage.answer(Approval(True, "terminal"))
    assert done == ["recorded"]
    passage.abandon("interrupted")
    assert passage.outcome is not None
    assert passage.outcome.error == "interrupted"
