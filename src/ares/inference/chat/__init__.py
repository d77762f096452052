"""Any general instruct model as a proposer."""

from ares.inference.chat._encode import encode
from ares.inference.chat._proposer import ANSWER_TOKENS, ChatProposer
from ares.inference.chat._template import CHATML, Rendered, render, written_with

__all__ = ["ANSWER_TOKENS", "CHATML", "ChatProposer", "Rendered", "encode", "render", "written_with"]
