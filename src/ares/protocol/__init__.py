"""Whether an action is wise: five steps over what is known, with the evidence and a confidence.

Pure: nothing here reads a file, a clock or the network.
"""

from ares.protocol._case import (
    Alternative,
    AntiPatternRow,
    Case,
    History,
    PatternRow,
    TechnologyRow,
)
from ares.protocol._judge import judge
from ares.protocol._render import as_json, render_markdown

__all__ = [
    "Alternative",
    "AntiPatternRow",
    "Case",
    "History",
    "PatternRow",
    "TechnologyRow",
    "as_json",
    "judge",
    "render_markdown",
]
