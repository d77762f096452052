"""What may ever happen: rules, the decision they come to, and the table that joins it with confidence.

Pure: nothing here reads a file. The gate reads the YAML and hands it to :func:`parse_rules`.
"""

from ares.policy._always import always_rule, write_rules
from ares.policy._decide import STATE_RULE, decide
from ares.policy._outside import outside_rules
from ares.policy._parse import parse_rules
from ares.policy._permissions import Imported, import_permissions
from ares.policy._question import INSIDE, Place, Question
from ares.policy._rule import ArgumentTest, Rule
from ares.policy._ruling import always_asks, ruling

__all__ = [
    "INSIDE",
    "STATE_RULE",
    "ArgumentTest",
    "Imported",
    "Place",
    "Question",
    "Rule",
    "always_asks",
    "always_rule",
    "decide",
    "import_permissions",
    "outside_rules",
    "parse_rules",
    "ruling",
    "write_rules",
]
