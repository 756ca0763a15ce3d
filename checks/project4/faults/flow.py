"""Tasks P1.1 to P1.3: mistakes with flow, mask and masked frame, and other right ways."""

# ruff: noqa: E501 - a table of edits reads better with one a line

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, drop_cell, replace, replace_cell, write

FARNEBACK = "cv2.calcOpticalFlowFarneback(prev_gray, gray, None, 0.5, 3, 15, 3, 5, 1.2, 0)"
GRID = "x, y = np.meshgrid(np.arange(step // 2, width, step), np.arange(step // 2, height, step))"
POLAR = "magnitude, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1])"
NORMALISE = "magnitude = cv2.normalize(magnitude, None, 0, 255, cv2.NORM_MINMAX)"
THRESHOLD = "_, mask = cv2.threshold(magnitude, threshold, 255, cv2.THRESH_BINARY)"
CAST = "mask = mask.astype(np.uint8)"
ERODE = "mask = cv2.erode(mask, kernel, iterations=2)"
APPLY = "return cv2.bitwise_and(frame, frame, mask=mask)"


def flow_by(call: str) -> Edit:
    """Another value for ``flow``, from ``prev_gray`` and ``gray``."""
    return replace(FARNEBACK, call)


def flow_then(*lines: str) -> Edit:
    """Something done with ``flow`` before it is returned."""
    return replace("    return flow", "\n".join(f"    {line}" for line in (*lines, "return flow")))


def grid_by(*lines: str) -> Edit:
    """Another way to ``x`` and ``y``."""
    return replace(GRID, "\n    ".join(lines))


def mask_by(*lines: str) -> Edit:
    """Another body of ``flow_mask``."""
    body = "\n".join(f"    {line}" for line in lines)
    return replace_cell("def flow_mask", f"def flow_mask(flow, threshold=20):\n{body}")


def apply_by(*lines: str) -> Edit:
    """Another body of ``apply_mask``."""
    return replace(APPLY, "\n    ".join(lines))


def farneback(*arguments: float) -> Edit:
    """Other parameters of Farneback's."""
    return flow_by(f"cv2.calcOpticalFlowFarneback(prev_gray, gray, None, {', '.join(map(str, arguments))})")


def wrong(name: str, check: str, edit: Edit, *words: str) -> Fault:
    """A mistake, and words of the message that it must give."""
    return Fault(name, check, edit, words)


def right(name: str, *edits: Edit, task: str) -> Rewrite:
    """A right way to do one task."""
    return Rewrite(name, edits, tasks=(task,))


P11 = (
    # ---- what comes back
    wrong("flow-not-written", "P1.1/field", drop_cell("def compute_flow"), "no function"),
    wrong("flow-not-returned", "P1.1/field", replace("    return flow", "    pass"), "nothing"),
    wrong("flow-only-the-magnitude", "P1.1/field", flow_then("flow = np.hypot(flow[..., 0], flow[..., 1])"),
          "shape"),
    wrong("flow-planes-first", "P1.1/field", flow_then("flow = np.transpose(flow, (2, 0, 1))"), "shape"),
    wrong("flow-of-half-the-size", "P1.1/field", flow_then("flow = flow[::2, ::2]"), "shape"),
    wrong("flow-transposed", "P1.1/field", flow_then("flow = np.transpose(flow, (1, 0, 2))"), "shape"),
    wrong("flow-as-a-picture", "P1.1/field",
          flow_then("flow = cv2.normalize(flow, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)"), "uint8"),
    wrong("flow-rounded-to-integers", "P1.1/field", flow_then("flow = np.rint(flow).astype(int)"), "int64"),
    wrong("flow-of-raising-parameters", "P1.1/field", flow_by("cv2.calcOpticalFlowFarneback(prev_gray, gray)"),
          "stops with"),
    # ---- the motion
    wrong("flow-backwards", "P1.1/motion", replace("(prev_gray, gray,", "(gray, prev_gray,"), "sign"),
    wrong("flow-of-one-frame", "P1.1/motion", replace("(prev_gray, gray,", "(gray, gray,"), "no motion"),
    wrong("flow-axes-exchanged", "P1.1/motion", flow_then("flow = flow[..., ::-1]"), "exchanged"),
    wrong("flow-y-up", "P1.1/motion", flow_then("flow[..., 1] *= -1"), "y points up"),
    wrong("flow-x-left", "P1.1/motion", flow_then("flow[..., 0] = -flow[..., 0]"), "x points left"),
    wrong("flow-per-second", "P1.1/motion", flow_then("flow = flow * 25"), "times"),
    wrong("flow-halved", "P1.1/motion", flow_then("flow = flow / 2"), "times"),
    wrong("flow-normalised", "P1.1/motion", flow_then("flow = cv2.normalize(flow, None, 0, 1, cv2.NORM_MINMAX)"),
          "pixels"),
    wrong("flow-in-polar-coordinates", "P1.1/motion",
          flow_then("flow = np.dstack(cv2.cartToPolar(flow[..., 0], flow[..., 1]))"), "pixels"),
    wrong("flow-its-mean-everywhere", "P1.1/motion", flow_then("flow[:] = flow.mean(axis=(0, 1))"), "moves by"),
    wrong("flow-of-small-frames-not-scaled", "P1.1/motion",
          replace(f"flow = {FARNEBACK}",
                  "small = [cv2.resize(one, None, fx=0.5, fy=0.5) for one in (prev_gray, gray)]\n"
                  "    flow = cv2.calcOpticalFlowFarneback(*small, None, 0.5, 3, 15, 3, 5, 1.2, 0)\n"
                  "    flow = cv2.resize(flow, gray.shape[::-1])"), "times"),
    wrong("flow-rounded", "P1.1/motion", flow_then("flow = np.trunc(flow).astype(np.float32)"), "pixels"),
    wrong("flow-only-colour", "P1.1/grey", replace("if prev_frame.ndim == 3:", "if True:"), "stops with"),
    wrong("flow-only-grey", "P1.1/grey", replace("if prev_frame.ndim == 3:", "if False:"), "stops with"),
    # ---- the grid
    wrong("grid-not-written", "P1.1/grid", replace("def flow_grid", "def arrow_grid"), "no function"),
    wrong("grid-y-before-x", "P1.1/grid", replace("    return x, y", "    return y, x"), "exchanged"),
    wrong("grid-height-for-width", "P1.1/grid", replace("height, width = shape[:2]", "width, height = shape[:2]"),
          "height for the width"),
    wrong("grid-ij", "P1.1/grid", replace(GRID, GRID.replace("height, step))", "height, step), indexing='ij')")),
          "exchanged"),
    wrong("grid-flat", "P1.1/grid", replace("    return x, y", "    return x.ravel(), y.ravel()"), "2D"),
    wrong("grid-of-floats", "P1.1/grid", replace("    return x, y", "    return x / 1, y / 1"), "float64"),
    wrong("grid-fixed-step", "P1.1/grid", grid_by("step = 25", GRID), "pixel"),
    wrong("grid-outside", "P1.1/grid",
          grid_by("x, y = np.meshgrid(np.arange(0, width + step, step), np.arange(0, height + step, step))"),
          "outside"),
    wrong("grid-without-the-last", "P1.1/grid",
          grid_by("x, y = np.meshgrid(np.arange(0, width - step, step), np.arange(0, height - step, step))"),
          "frame"),
    wrong("grid-by-linspace", "P1.1/grid",
          grid_by("x, y = np.meshgrid(np.linspace(0, width - 1, max(2, width // step)).astype(int), "
                  "np.linspace(0, height - 1, max(2, height // step)).astype(int))"), "apart"),
)  # fmt: skip

P12 = (
    # ---- what comes back
    wrong("mask-not-returned", "P1.2/mask", replace(f"{ERODE}\n    return mask", ERODE), "nothing"),
    wrong("mask-three-channels", "P1.2/mask", replace(ERODE, f"{ERODE}\n    mask = cv2.merge([mask] * 3)"),
          "height and width"),
    wrong("mask-transposed", "P1.2/mask", replace(ERODE, f"{ERODE}.T"), "height and width"),
    wrong("mask-without-threshold", "P1.2/mask", replace("def flow_mask(flow, threshold=20):\n",
          "def flow_mask(flow):\n    threshold = 20\n"), "threshold"),
    wrong("mask-of-0-and-1", "P1.2/values", replace("threshold, 255, cv2.THRESH_BINARY", "threshold, 1, "
          "cv2.THRESH_BINARY"), "255"),
    wrong("mask-boolean", "P1.2/values", replace(ERODE, f"{ERODE} > 0"), "bool"),
    wrong("mask-float", "P1.2/values", replace(CAST, "pass"), "float32"),
    # ---- the threshold
    wrong("mask-inverted", "P1.2/inside", replace("THRESH_BINARY)", "THRESH_BINARY_INV)"), "inverted"),
    wrong("mask-not-normalised", "P1.2/kept", replace(NORMALISE, "pass"), "0–255"),
    wrong("mask-normalised-to-1", "P1.2/kept", replace("None, 0, 255, cv2.NORM_MINMAX", "None, 0, 1, "
          "cv2.NORM_MINMAX"), "0–255"),
    wrong("mask-by-the-largest", "P1.2/inside", replace(NORMALISE, "magnitude = magnitude * 255 / "
          "max(magnitude.max(), 1e-9)"), "slowest pixel to 0"),
    wrong("mask-norm-inf", "P1.2/inside", replace("0, 255, cv2.NORM_MINMAX", "255, 0, cv2.NORM_INF"), "0–255"),
    wrong("mask-norm-l2", "P1.2/kept", replace("0, 255, cv2.NORM_MINMAX", "255, 0, cv2.NORM_L2"), "0–255"),
    wrong("mask-by-otsu", "P1.2/inside", mask_by(POLAR, NORMALISE,
          "_, mask = cv2.threshold(magnitude.astype(np.uint8), 0, 255, cv2.THRESH_OTSU)",
          "return cv2.erode(mask, np.ones((3, 3), np.uint8))"), "threshold"),
    wrong("mask-threshold-unused", "P1.2/inside", replace("(magnitude, threshold, 255", "(magnitude, 20, 255"),
          "too slowly"),
    wrong("mask-of-x-alone", "P1.2/kept", replace(POLAR, "magnitude = np.abs(flow[..., 0])"), "moves by"),
    wrong("mask-of-what-moves-right", "P1.2/kept", replace(POLAR, "magnitude = flow[..., 0] + flow[..., 1]"),
          "moves by"),
    wrong("mask-of-the-angle", "P1.2/kept", replace(POLAR, "angle, magnitude = cv2.cartToPolar(flow[..., 0], "
          "flow[..., 1])"), "moves by"),
    wrong("mask-fixed-scale", "P1.2/kept", replace(NORMALISE, "magnitude = np.clip(magnitude * 20, 0, 255)"),
          "0–255"),
    wrong("mask-truncated", "P1.2/values", replace("cv2.THRESH_BINARY", "cv2.THRESH_TOZERO"), "255"),
    wrong("mask-dilated", "P1.2/inside", replace(ERODE, "mask = cv2.dilate(mask, kernel, iterations=2)"),
          "dilation"),
    wrong("mask-eroded-then-dilated-more", "P1.2/inside", replace(ERODE, "mask = cv2.dilate(cv2.erode(mask, "
          "kernel), kernel, iterations=3)"), "dilation"),
    wrong("mask-blurred-first", "P1.2/inside", replace(NORMALISE, "magnitude = cv2.normalize(cv2.GaussianBlur("
          "magnitude, (15, 15), 0), None, 0, 255, cv2.NORM_MINMAX)"), "too slowly"),
    wrong("mask-of-edges", "P1.2/kept", replace(ERODE, "mask = mask - cv2.erode(mask, kernel, iterations=4)\n"
          "    mask = cv2.erode(mask, kernel)"), "middle"),
    wrong("mask-always-empty", "P1.2/kept", replace(ERODE, "mask = np.zeros_like(mask)"), "leaves it out"),
    wrong("mask-eroded-away", "P1.2/kept", replace("iterations=2)", "iterations=40)"), "leaves it out"),
    # ---- erosion
    wrong("mask-not-eroded", "P1.2/noise", replace(ERODE, "pass"), "erosion"),
    wrong("mask-eroded-zero-times", "P1.2/noise", replace("iterations=2)", "iterations=0)"), "erosion"),
    wrong("mask-kernel-1", "P1.2/noise", replace("np.ones((3, 3), np.uint8)", "np.ones((1, 1), np.uint8)"),
          "erosion"),
    wrong("mask-eroded-sideways", "P1.2/noise", replace("np.ones((3, 3), np.uint8)", "np.ones((1, 3), np.uint8)"),
          "strip"),
    wrong("mask-eroded-result-unused", "P1.2/noise", replace("mask = cv2.erode", "cv2.erode"), "erosion"),
    wrong("mask-closed", "P1.2/noise", replace(ERODE, "mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)"),
          "erosion"),
    # ---- the same everywhere
    wrong("mask-full-where-nothing-moves", "P1.2/still", replace(THRESHOLD,
          f"if np.ptp(magnitude) == 0:\n        magnitude = np.full_like(magnitude, 255)\n    {THRESHOLD}"),
          "empty"),
    wrong("mask-nan-is-moving", "P1.2/still", mask_by(POLAR,
          "magnitude = (magnitude - magnitude.min()) / (magnitude.max() - magnitude.min()) * 255",
          "mask = np.where(magnitude <= threshold, 0, 255).astype(np.uint8)",
          "return cv2.erode(mask, np.ones((3, 3), np.uint8))"), "empty"),
    wrong("mask-stops-where-nothing-moves", "P1.2/still", replace(NORMALISE,
          f"if not magnitude.any():\n        raise ValueError('no motion')\n    {NORMALISE}"), "no motion"),
    # ---- in relation to the others, and on real frames
    wrong("mask-eroded-more-to-the-left", "P1.2/relative", replace("iterations=2)", "iterations=2 + int(flow[..., 0].min() < 0))"),
          "turned"),
    wrong("mask-eroded-by-the-speed", "P1.2/relative", replace("iterations=2)", "iterations=1 + int(np.abs(flow).max() > 6))"),
          "flow"),
    wrong("mask-eroded-less-for-higher-thresholds", "P1.2/relative", replace("iterations=2)", "iterations=9 - threshold // 30)"),
          "adds"),
    wrong("mask-of-the-inside-of-the-fastest-cars", "P1.2/cars", replace(ERODE,
          "mask = np.where(magnitude > 170, mask, 0).astype(np.uint8)\n"
          "    mask = cv2.erode(mask, kernel, iterations=16)"), "F1"),
    wrong("mask-of-the-smallest-car-alone", "P1.2/cars", replace(ERODE, f"{ERODE}\n"
          "    number, parts, sizes, _ = cv2.connectedComponentsWithStats(mask)\n"
          "    if number > 1:\n"
          "        mask = np.where(parts == 1 + np.argmin(sizes[1:, 4]), 255, 0).astype(np.uint8)"), "F1"),
)  # fmt: skip

P13 = (
    wrong("apply-not-written", "P1.3/shape", drop_cell("def apply_mask"), "no function"),
    wrong("apply-nothing-returned", "P1.3/shape", apply_by("cv2.bitwise_and(frame, frame, mask=mask)"), "nothing"),
    wrong("apply-one-channel", "P1.3/shape", apply_by("return cv2.bitwise_and(frame[..., 0], mask)"), "shape"),
    wrong("apply-without-broadcast", "P1.3/shape", apply_by("return cv2.bitwise_and(frame, mask)"), "stops with"),
    wrong("apply-inverted", "P1.3/masked", apply_by("return cv2.bitwise_and(frame, frame, mask=255 - mask)"),
          "outside the mask"),
    wrong("apply-no-mask", "P1.3/masked", apply_by("return cv2.bitwise_and(frame, frame)"), "whole frame"),
    wrong("apply-white-outside", "P1.3/masked", apply_by("result = frame.copy()", "result[mask == 0] = 255",
          "return result"), "not black"),
    wrong("apply-grey", "P1.3/masked", apply_by("gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)",
          "return cv2.merge([cv2.bitwise_and(gray, mask)] * 3)"), "colours"),
    wrong("apply-rgb", "P1.3/masked", apply_by("return cv2.cvtColor(cv2.bitwise_and(frame, frame, mask=mask), "
          "cv2.COLOR_BGR2RGB)"), "exchanges"),
    wrong("apply-times-255", "P1.3/masked", apply_by("return frame * mask[..., None]"), "colours"),
    wrong("apply-red", "P1.3/masked", apply_by("result = frame.copy()", "result[mask > 0] = (0, 0, 255)",
          "return result"), "mask"),
    wrong("apply-bitwise-or", "P1.3/masked", apply_by("return cv2.bitwise_or(frame, cv2.merge([mask] * 3))"),
          "mask"),
    wrong("apply-float", "P1.3/dtype", apply_by("return frame * (mask[..., None] / 255)"), "float64"),
    wrong("apply-int", "P1.3/dtype", apply_by("return frame * (mask[..., None] // 255).astype(int)"), "int64"),
    wrong("apply-in-place", "P1.3/untouched", apply_by("frame[mask == 0] = 0", "return frame"), "given"),
    wrong("apply-in-place-and-a-copy", "P1.3/untouched", apply_by("frame[mask == 0] = 0", "return frame.copy()"),
          "given"),
)  # fmt: skip

FAULTS = (*P11, *P12, *P13)

REWRITES = (
    # ---- P1.1
    right("flow-one-level", farneback(0.5, 1, 15, 3, 5, 1.2, 0), task="P1.1"),
    right("flow-small-window", farneback(0.5, 3, 7, 3, 5, 1.1, 0), task="P1.1"),
    right("flow-large-window", farneback(0.5, 5, 31, 5, 7, 1.5, 0), task="P1.1"),
    right("flow-gaussian", farneback(0.5, 3, 15, 3, 5, 1.2, 256), task="P1.1"),
    right("flow-fine-pyramid", farneback(0.8, 5, 15, 5, 7, 1.5, 0), task="P1.1"),
    right("flow-by-keywords", flow_by("cv2.calcOpticalFlowFarneback(prev=prev_gray, next=gray, flow=None, "
          "pyr_scale=0.5, levels=3, winsize=15, iterations=3, poly_n=5, poly_sigma=1.2, flags=0)"), task="P1.1"),
    right("flow-from-rgb", replace("COLOR_BGR2GRAY", "COLOR_RGB2GRAY", count=2), task="P1.1"),
    right("flow-from-the-mean-of-colours", replace("cv2.cvtColor(prev_frame, cv2.COLOR_BGR2GRAY)",
          "prev_frame.mean(axis=2).astype(np.uint8)"), replace("cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)",
          "frame.mean(axis=2).astype(np.uint8)", cell="def compute_flow"), task="P1.1"),
    right("flow-float64", flow_then("flow = flow.astype(np.float64)"), task="P1.1"),
    right("flow-smoothed", flow_then("flow = cv2.GaussianBlur(flow, (5, 5), 0)"), task="P1.1"),
    right("flow-object", flow_by("cv2.FarnebackOpticalFlow_create(winSize=15).calc(prev_gray, gray, None)"),
          task="P1.1"),
    right("grid-from-zero", grid_by("x, y = np.meshgrid(np.arange(0, width, step), np.arange(0, height, step))"),
          task="P1.1"),
    right("grid-by-mgrid", grid_by("y, x = np.mgrid[0:height:step, 0:width:step]"), task="P1.1"),
    right("grid-by-opencvs-sample", grid_by("y, x = np.mgrid[step / 2:height:step, step / 2:width:step]"
          ".astype(int)"), task="P1.1"),
    right("grid-of-a-colour-frame", replace("height, width = shape[:2]", "height, width, _ = shape"),
          task="P1.1"),
    right("grid-of-two-numbers", replace("height, width = shape[:2]", "height, width = shape"),
          replace("flow_grid(frames[0].shape)", "flow_grid(frames[0].shape[:2])"), task="P1.1"),
    right("grid-as-a-list", replace("    return x, y", "    return [x.astype(np.int32), y.astype(np.int32)]"),
          task="P1.1"),
    right("flow-in-a-module", replace_cell("def compute_flow", "from motion import compute_flow"), write("motion.py", """
        import cv2

        def _gray(frame):
            return frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)

        def compute_flow(prev_frame, frame):
            return cv2.calcOpticalFlowFarneback(_gray(prev_frame), _gray(frame), None, 0.5, 3, 15, 3, 5, 1.2, 0)
        """), task="P1.1"),
    # ---- P1.2
    right("mask-greater-or-equal", replace(THRESHOLD, "mask = np.where(magnitude >= threshold, 255, 0)"),
          task="P1.2"),
    right("mask-by-numpy", mask_by(
          "magnitude = np.sqrt(flow[..., 0] ** 2 + flow[..., 1] ** 2)",
          "span = magnitude.max() - magnitude.min()",
          "if span < 1e-6:",
          "    return np.zeros(magnitude.shape, np.uint8)",
          "magnitude = (magnitude - magnitude.min()) / span * 255",
          "mask = (magnitude > threshold).astype(np.uint8) * 255",
          "return cv2.erode(mask, np.ones((5, 5), np.uint8))"), task="P1.2"),
    right("mask-of-whole-levels", replace(NORMALISE, f"{NORMALISE}.astype(np.uint8)"), task="P1.2"),
    right("mask-normalised-to-8-bit", replace("cv2.NORM_MINMAX)", "cv2.NORM_MINMAX, cv2.CV_8U)"), task="P1.2"),
    right("mask-eroded-by-a-cross", replace("np.ones((3, 3), np.uint8)",
          "cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))"), task="P1.2"),
    right("mask-eroded-once", replace("iterations=2)", "iterations=1)"), task="P1.2"),
    right("mask-eroded-by-an-ellipse", replace("np.ones((3, 3), np.uint8)",
          "cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))"), task="P1.2"),
    right("mask-eroded-deeply", replace("np.ones((3, 3), np.uint8)", "np.ones((7, 7), np.uint8)"),
          replace("iterations=2)", "iterations=3)"), task="P1.2"),
    right("mask-opened", replace(ERODE, "mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)"), task="P1.2"),
    right("mask-eroded-by-scipy", mask_by(POLAR, NORMALISE, "from scipy import ndimage",
          "mask = ndimage.binary_erosion(magnitude > threshold, np.ones((3, 3)), iterations=2)",
          "return np.where(mask, 255, 0).astype(np.uint8)"), task="P1.2"),
    right("mask-angle-in-degrees", replace("flow[..., 1])\n    magnitude =",
          "flow[..., 1], angleInDegrees=True)\n    magnitude ="), task="P1.2"),
    right("mask-compared", replace(THRESHOLD, "mask = cv2.compare(magnitude, float(threshold), cv2.CMP_GT)"),
          task="P1.2"),
    right("mask-other-argument-name", replace("def flow_mask(flow, threshold=20)", "def flow_mask(flow, thr)"),
          replace("magnitude, threshold, 255", "magnitude, thr, 255"), replace("flow_mask(flow)\n",
          "flow_mask(flow, 20)\n"), task="P1.2"),
    right("mask-with-further-arguments", replace("def flow_mask(flow, threshold=20)",
          "def flow_mask(flow, threshold=20, kernel_size=3, iterations=2)"), task="P1.2"),
    # ---- P1.3
    right("apply-by-a-copy", apply_by("result = frame.copy()", "result[mask == 0] = 0", "return result"),
          task="P1.3"),
    right("apply-by-where", apply_by("return np.where(mask[..., None] > 0, frame, 0).astype(frame.dtype)"),
          task="P1.3"),
    right("apply-by-three-masks", apply_by("return cv2.bitwise_and(frame, cv2.cvtColor(mask, "
          "cv2.COLOR_GRAY2BGR))"), task="P1.3"),
    right("apply-by-product", apply_by("return frame * (mask[..., None] // 255)"), task="P1.3"),
    right("apply-by-copyto", apply_by("return cv2.copyTo(frame, mask)"), task="P1.3"),
)  # fmt: skip
