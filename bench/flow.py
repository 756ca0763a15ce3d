"""How well do flow and mask of the reference find the moving cars, and what do they cost?

    python -m bench.flow --data DIR

DIR holds `highway` and `highway_truth` of CDnet 2014 (frames 1050–1169 were used to choose the settings);
without it, drawn frames are used. In a truth mask 255 is moving, 0 and 50 (shadow) are not, the rest is
left out. A pair is judged by the mask of its earlier frame, at whose pixels the flow is known. Precision,
recall and F1 are over all pixels of all pairs: thresholds on the first 60 pairs, the recommended one on the
others, beside OpenCV's background subtractor MOG2, which sees all frames in their order, with its default
settings and with the best of several on the first 60.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from grader.scenes import BACKGROUND, MOVING, SHADOW, make_highway
from reference.project4.flow import FARNEBACK, THRESHOLD, compute_flow, flow_mask, flow_pictures
from reference.project4.video import run_video

Pixels = NDArray[np.uint8]
CHOSEN_ON = 60  # pairs
THRESHOLDS = (2, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64)
MOG2_DEFAULT = (16, 1)  # varThreshold; side of the median filter that cleans the mask, 1 for none
MOG2_SETTINGS = tuple((variance, median) for variance in (4, 8, 16, 32) for median in (1, 5, 9))
MOST_OVERHEAD = 0.15


@dataclass(frozen=True)
class Score:
    """Pixels found, found wrongly, and missed."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0

    def __add__(self, other: Score) -> Score:
        sums = (mine + others for mine, others in zip(vars(self).values(), vars(other).values(), strict=True))
        return Score(*sums)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0–1."""
        wrong = self.false_positive + self.false_negative
        return 2 * self.true_positive / max(1, 2 * self.true_positive + wrong)

    def __str__(self) -> str:
        precision = self.true_positive / max(1, self.true_positive + self.false_positive)
        recall = self.true_positive / max(1, self.true_positive + self.false_negative)
        return f"precision {precision:.3f}  recall {recall:.3f}  F1 {self.f1:.3f}"


def score(mask: Pixels, truth: Pixels) -> Score:
    """Both (height, width)."""
    found, moving = mask == 255, truth == MOVING
    still = (truth == BACKGROUND) | (truth == SHADOW)
    return Score(int((found & moving).sum()), int((found & still).sum()), int((~found & moving).sum()))


def total(masks: Iterable[Pixels], truths: Sequence[Pixels]) -> Score:
    return sum((score(mask, truth) for mask, truth in zip(masks, truths, strict=True)), Score())


def subtracted(frames: Sequence[Pixels], variance: float, median: int) -> list[Pixels]:
    """MOG2's masks of all frames, smoothed by a median; its 127 is a shadow and does not count as moving."""
    model = cv2.createBackgroundSubtractorMOG2(varThreshold=variance)
    masks = (np.asarray(model.apply(frame), np.uint8) for frame in frames)
    return [mask if median == 1 else np.asarray(cv2.medianBlur(mask, median), np.uint8) for mask in masks]


def quality(frames: Sequence[Pixels], truths: Sequence[Pixels]) -> None:
    flows = [compute_flow(before, after) for before, after in itertools.pairwise(frames)]
    truths = truths[: len(flows)]
    chosen = min(CHOSEN_ON, (len(flows) + 1) // 2)
    first, last = slice(0, chosen), slice(chosen, None)

    print(f"\nfirst {chosen} pairs, on which settings are chosen")
    for threshold in THRESHOLDS:
        found = total((flow_mask(flow, threshold) for flow in flows[first]), truths[first])
        print(f"  flow, threshold {threshold:3}               {found}{'  <-' * (threshold == THRESHOLD)}")
    background = {setting: subtracted(frames, *setting)[: len(flows)] for setting in MOG2_SETTINGS}
    tuned = {setting: total(masks[first], truths[first]) for setting, masks in background.items()}
    best = max(tuned, key=lambda setting: tuned[setting].f1)
    for setting, found in tuned.items():
        print(f"  {named(*setting)}  {found}{'  <-' * (setting == best)}")

    print(f"\nother {len(flows) - chosen} pairs")
    found = total((flow_mask(flow) for flow in flows[last]), truths[last])
    print(f"  flow, threshold {THRESHOLD:3}               {found}")
    for setting in dict.fromkeys((MOG2_DEFAULT, best)):
        print(f"  {named(*setting)}  {total(background[setting][last], truths[last])}")


def named(variance: int, median: int) -> str:
    return f"MOG2, varThreshold {variance:2}, median {median}×{median}"


def steps(task: Callable[[Callable[..., None]], object]) -> NDArray[np.float64]:
    """Seconds between the calls that a task makes to what it is given, and before and after them."""
    times = [time.perf_counter()]
    task(lambda *_: times.append(time.perf_counter()))
    return np.diff([*times, time.perf_counter()])


def speed(folder: Path, frames: Sequence[Pixels], repeats: int) -> None:
    """Each pair counts with the quickest of its repeats, which other processes have disturbed least."""
    greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8) for frame in frames]

    def opencv_alone(tick: Callable[..., None]) -> None:
        for before, after in itertools.pairwise(greys):
            cv2.calcOpticalFlowFarneback(before, after, None, **vars(FARNEBACK))
            tick()

    def flow_and_mask(tick: Callable[..., None]) -> None:
        for before, after in itertools.pairwise(frames):
            flow_mask(compute_flow(before, after))
            tick()

    def whole_run(tick: Callable[..., None]) -> None:
        with tempfile.TemporaryDirectory() as out:
            run_video(folder, out, flow_pictures, progress=tick)

    tasks = (opencv_alone, flow_and_mask, whole_run)
    rounds = [[steps(task) for task in tasks] for _ in range(repeats)]
    times = [np.min(repeated, axis=0).sum() for repeated in zip(*rounds, strict=True)]
    print(f"\ncost, quickest of {repeats}")
    names = ("OpenCV's Farneback call alone", "compute_flow and flow_mask", "whole run: read, both videos")
    for name, time_s in zip(names, times, strict=True):
        pairs = len(frames) - 1
        print(
            f"  {name:30} {1000 * time_s / pairs:6.2f} ms per pair  {pairs / time_s:6.1f} frames/s  "
            f"{time_s / times[0] - 1:+.1%}"
        )
    verdict = "within" if times[2] / times[0] - 1 <= MOST_OVERHEAD else "OVER"
    print(f"  the whole run is {verdict} the {MOST_OVERHEAD:.0%} allowed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="holds highway and highway_truth")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each kind that are timed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as drawn:
        if options.data is None:
            print("No --data: drawn frames.")
            make_highway(Path(drawn))
        root = options.data or Path(drawn)
        frame_files, truth_files = (
            sorted((root / name).glob(pattern))
            for name, pattern in (("highway", "in*"), ("highway_truth", "gt*.png"))
        )
        if len(frame_files) < 3 or len(frame_files) != len(truth_files):
            raise SystemExit(f"{root} should hold highway/in*.jpg and as many highway_truth/gt*.png.")
        print(f"{len(frame_files)} frames, OpenCV {cv2.__version__}, {cv2.getNumThreads()} threads")
        frames = [np.asarray(cv2.imread(str(file)), np.uint8) for file in frame_files]
        truths = [np.asarray(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE), np.uint8) for file in truth_files]
        quality(frames, truths)
        speed(root / "highway", frames, options.repeats)


if __name__ == "__main__":
    main()
