"""Lets the tests import the oracle that stands beside their folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
