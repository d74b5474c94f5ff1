"""All statistical checks; their results are kept with the hash of the sources they hold for
(decision 21 of the design). Exit code 1 when one fails."""

import json
import sys

from verification import displacement, draws, exact, ranks, recovery, sirte_check
from verification.sources import RESULTS, source_hash

FARTHEST = 4.0  # standard errors, for each of ninety numbers


def main() -> int:
    """Run the checks, print them and write them down."""
    before = source_hash()
    drawn = draws.check()
    rows = sirte_check.rows()
    far = max(rows, key=lambda r: r["errors"])
    for name, p in drawn.items():
        print(f"draws {name}: {p:.4g}")
    for row in rows:
        print(f"sirte {row['variant']}, {row['quantity']}: {row['errors']:.2f}")
    known = exact.rows()
    for row in known:
        print(f"exact {row['what']}: {row['found']} ({row['exact']})")
    ranked, recovered = ranks.check(), recovery.rows()
    for name, value in ranked.items():
        print(f"calibration {name}: {value:.4g}")
    for row in recovered:
        print(f"recovered {row['switch']} {row['answer']}, {row['record']}: {row['found']:.2f}")
    moved = displacement.rows()
    for case in moved:
        print(f"flee {case['case']}: {case['camps_off']:.4f}, {case['spreads_off']:+.2f} spreads")
    passed = {
        "draws": draws.passes(drawn),
        "sirte": bool(far["errors"] <= FARTHEST),
        "exact": exact.passes(known),
        "ranks": ranks.passes(ranked),
        "recovery": recovery.passes(recovered),
        "displacement": displacement.passes(moved),
    }
    print(f"draws_least_p: {min(drawn.values()):.4g}")
    print(f"sirte_farthest: {far['errors']:.2f}")
    for name, well in passed.items():
        print(f"{name}_passed: {int(well)}")
    if source_hash() != before:
        print("the sources changed meanwhile: nothing is written; run it again", file=sys.stderr)
        return 1
    results = {
        "source_hash": before,
        "passed": passed,
        "draws": {name: float(f"{p:.4g}") for name, p in drawn.items()},
        "sirte": [{**row, "errors": round(row["errors"], 2)} for row in rows],
        "exact": known,
        "ranks": {name: float(f"{value:.4g}") for name, value in ranked.items()},
        "recovery": recovered,
        "displacement": moved,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0 if all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
