"""The F1 of the reference's mask on the frames of check P1.2/cars, for checks/project4/thresholds.toml.

    python -m bench.flow_f1 --data DIR

DIR holds `highway` and `highway_truth` as for `bench.flow`; without it, drawn frames are used. It prints an
entry of that file: what tells the frames from others, and the best F1 of the thresholds that the check tries.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from checks.project4 import highway
from grader.data import prepare_data
from grader.given import Given
from reference.project4.flow import compute_flow, flow_mask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="holds highway and highway_truth")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty:
        data = prepare_data(options.data or Path(empty))
    pairs = highway.pairs_of(Given(data.visible), Given(data.hidden))
    if not pairs:
        raise SystemExit("There are no frames with truth masks of the same numbers.")
    score = highway.best_score(
        pairs,
        lambda pair: compute_flow(pair.before, pair.after),
        lambda flow, threshold: flow_mask(flow, threshold) != 0,
    )
    print(f'[[highway]]\nname = "…"\ntruth = "{highway.digest(pairs)}"\nf1 = {score.f1:.3f}  # {score}')


if __name__ == "__main__":
    main()
