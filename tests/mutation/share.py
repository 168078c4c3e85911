"""Prints which share of the mutants that were tried the tests have noticed."""

import json
import sys
from pathlib import Path

found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
outcomes = ("killed", "timeout", "survived", "suspicious", "segfault", "no_tests")
tried = sum(found[outcome] for outcome in outcomes)
listed = ", ".join(f"{found[outcome]:,} {outcome.replace('_', ' ')}" for outcome in outcomes)
print(f"{found['killed'] / max(1, tried):.1%} of {tried:,} mutants killed ({listed}).")
if found["total"] > tried:
    print(f"{found['total'] - tried:,} are still to be tried: make mutate goes on with them.")
