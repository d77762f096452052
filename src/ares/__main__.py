"""``python -m ares``."""

import sys

from ares.cli import main

sys.exit(main())
