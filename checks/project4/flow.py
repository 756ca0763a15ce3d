"""Tasks P1.1 to P1.3: flow, mask and masked frame, each judged by what the functions do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from checks.kit import Failure, Raised, Student, check, falsify
from checks.kit.calling import Signature, read_signature
from checks.kit.student import Array
from checks.project4 import highway
from checks.project4.arrows import Grid, grids, require_grid
from checks.project4.asking import array_of, call, missing, with_code
from checks.project4.blackened import Masking, maskings, require_colours, require_dtype, require_shape
from checks.project4.fields import Field, even_fields, fields, large_blocks, specks
from checks.project4.masks import (
    Masker,
    masker_of,
    require_empty,
    require_falling,
    require_inside,
    require_kept,
    require_nothing,
    require_same,
    require_values,
)
from checks.project4.moving import Scene, require_field, require_motion, require_size, scenes

SCENES = 16  # distinct scenes; each costs two textures and a flow
EXAMPLES = 30  # distinct cases of the others
FORMS = 12  # where only the form of the result is looked at
SHARE = 0.5  # of the reference's F1, where the rubric sets none
GOOD_SHARE = 0.85  # below it a right mask gets a hint
Case = TypeVar("Case", Scene, Grid, Field, Masking)


def _search(
    student: Student, claim: Callable[[Case], None], cases: SearchStrategy[Case], examples: int = EXAMPLES
) -> None:
    """Raise the simplest failure of a claim."""
    failure = falsify(claim, cases, examples=examples, seed=student.seed)
    if failure is not None:
        raise failure


# ---- P1.1 dense flow and its vector field


@check(task="P1.1")
def field(student: Student) -> str | None:
    """compute_flow returns two numbers for each pixel: (height, width, 2) floats"""
    try:
        types = _search_flow(student, require_field, grey=False, examples=4)
    except Failure as failure:
        try:
            types = _search_flow(student, require_field, grey=True, examples=4)
        except Failure:
            raise failure from None
    if "float64" in types:
        return "The flow is float64. cv2.calcOpticalFlowFarneback returns float32, which is enough."
    return None


@check(task="P1.1", needs=field)
def motion(student: Student) -> None:
    """compute_flow finds the motion in pixels per frame, x to the right and y down"""
    _search_flow(student, require_motion, grey=not _takes(student, grey=False))


@check(task="P1.1", needs=field)
def grey(student: Student) -> None:
    """compute_flow takes frames in colour and in grey"""
    for one in (False, True):
        _search_flow(student, require_field, grey=one, examples=4)


def _takes(student: Student, *, grey: bool) -> bool:
    try:
        _search_flow(student, require_field, grey=grey, examples=1)
    except Failure:
        return False
    return True


def _search_flow(
    student: Student, require: Callable[[Scene, Array], None], *, grey: bool, examples: int = SCENES
) -> set[str]:
    """Search for a scene whose flow is wrong; returns the types of the flows that came back."""
    types: set[str] = set()

    def claim(scene: Scene) -> None:
        def on_result() -> None:
            flow = array_of(call(student, "compute_flow", scene.frames()), "compute_flow", "a flow")
            types.add(flow.dtype.name)
            require(scene, flow)

        with_code(f"{scene.code()}flow = compute_flow(prev, frame)\n{scene.look()}", on_result)

    _search(student, claim, scenes(grey=grey), examples)
    return types


@check(task="P1.1")
def grid(student: Student) -> None:
    """flow_grid chooses pixels a step apart both ways, all of them inside the frame"""
    try:
        signature = read_signature(
            student, "flow_grid", {"shape": (), "step": ("stride", "spacing", "size")}, ("shape", "step")
        )
    except Raised:
        raise missing(student, "flow_grid") from None
    colour = _unpacks_three(student, signature)

    def claim(case: Grid) -> None:
        shape = (case.height, case.width, *((3,) if colour else ()))
        values = {"shape": {"$tuple": shape}, **({"step": case.step} if case.passed else {})}
        arguments = signature.arguments(values)
        code = signature.code(arguments)

        def on_result() -> None:
            reply = call(student, "flow_grid", (), **arguments)
            require_grid(case, array_of(reply, "flow_grid", "x and y, two 2D arrays of integers"))

        with_code(f"x, y = {code}", on_result)

    _search(student, claim, grids())


def _unpacks_three(student: Student, signature: Signature) -> bool:
    """Whether it takes the shape of a colour frame only, which has three entries."""

    def works(*shape: int) -> bool:
        arguments = signature.arguments({"shape": {"$tuple": shape}})
        try:
            student.ask("apply", (), function="flow_grid", arguments=arguments)
        except Raised:
            return False
        return True

    return not works(60, 80) and works(60, 80, 3)


# ---- P1.2 the mask of the moving cars


@check(task="P1.2")
def mask(student: Student) -> None:
    """flow_mask takes a flow and a threshold and returns a mask of the flow's height and width"""
    masker = masker_of(student)
    _search_mask(masker, lambda field, mask: None, fields(), FORMS)


@check(task="P1.2", needs=mask)
def values(student: Student) -> None:
    """The mask is uint8, 255 where something moves and 0 elsewhere"""
    masker = masker_of(student)

    def claim(field: Field) -> None:
        with_code(
            f"{masker.code(field)}\nmask.dtype, np.unique(mask)",
            lambda: require_values(masker.raw(field.flow(), field.threshold)),
        )

    _search(student, claim, fields(), FORMS)


@check(task="P1.2", needs=mask)
def inside(student: Student) -> None:
    """No pixel is in the mask whose normalised magnitude lies below the threshold"""
    _search_mask(masker_of(student), require_inside, st.one_of(fields(), large_blocks()))


@check(task="P1.2", needs=mask)
def kept(student: Student) -> None:
    """The inside of a large moving block is in the mask, whichever way the block moves"""
    _search_mask(masker_of(student), require_kept, large_blocks())


@check(task="P1.2", needs=mask)
def noise(student: Student) -> None:
    """A single moving pixel is eroded away"""
    _search_mask(masker_of(student), require_nothing, specks())


@check(task="P1.2", needs=mask)
def still(student: Student) -> None:
    """A flow that is the same everywhere gives an empty mask"""
    _search_mask(masker_of(student), require_empty, even_fields())


@check(task="P1.2", needs=mask)
def relative(student: Student) -> None:
    """Twice the flow and another direction change nothing, and a higher threshold adds nothing"""
    masker = masker_of(student)

    def claim(field: Field) -> None:
        require_falling(masker, field)
        if not field.ties():
            require_same(masker, field)

    _search(student, claim, large_blocks())


def _search_mask(
    masker: Masker,
    require: Callable[[Field, Array], None],
    cases: SearchStrategy[Field],
    examples: int = EXAMPLES,
) -> None:
    def claim(field: Field) -> None:
        with_code(masker.code(field), lambda: require(field, masker.mask(field.flow(), field.threshold)))

    _search(masker.student, claim, cases, examples)


@check(task="P1.2", needs=(motion, kept))
def cars(student: Student) -> str | None:
    """The mask finds the cars on the frames of the highway"""
    pairs = highway.pairs_of(student.given, student.hidden)
    reference = highway.reference_f1(pairs)
    if not pairs or reference is None:
        return "There is nothing to hold the mask against: no truth masks, or no F1 of the reference on them."
    masker = masker_of(student)

    def flow_of(pair: highway.Pair) -> Array:
        reply = call(student, "compute_flow", (pair.before, pair.after))
        flow = array_of(reply, "compute_flow", "a flow")
        require_size(flow, pair.truth.shape)
        return flow

    score = highway.best_score(pairs, flow_of, masker.mask)
    wanted = student.thresholds.get("P1.2/cars", SHARE) * reference
    if score.f1 < wanted:
        raise Failure(
            "The mask misses too much of the cars, or marks too much beside them.",
            expected=f"F1 of at least {wanted:.2f} at the best threshold, {reference:.2f} can be reached",
            received=f"{score}",
            hint=_advice(score),
        )
    if score.f1 < GOOD_SHARE * reference:
        return f"Your mask reaches an {score}; an F1 of {reference:.2f} can be reached. {_advice(score)}"
    return None


def _advice(score: highway.Score) -> str:
    if score.precision < score.recall:
        return "More erosion, or a smaller winsize of Farneback, would mark less beside the cars."
    return "Less erosion would lose less of the cars."


# ---- P1.3 the masked frame


@check(task="P1.3")
def shape(student: Student) -> None:
    """apply_mask returns a frame of the same shape"""
    _search_masked(student, require_shape, FORMS)


@check(task="P1.3", needs=shape)
def masked(student: Student) -> None:
    """apply_mask keeps the colours where the mask is set and makes the rest black"""
    _search_masked(student, require_colours)


@check(task="P1.3", needs=shape)
def dtype(student: Student) -> None:
    """apply_mask returns uint8, as the frame is"""
    _search_masked(student, require_dtype, FORMS)


@check(task="P1.3", needs=shape)
def untouched(student: Student) -> None:
    """apply_mask leaves the frame that it is given as it was"""

    def claim(case: Masking) -> None:
        changed = call(student, "apply_mask", (case.frame(), case.mask())).data.get("changed")
        if not isinstance(changed, list) or changed[:1] != [True]:
            return
        raise Failure(
            "`apply_mask` also changes the frame that it is given.",
            expected="a new frame; the one passed in stays as it was",
            received="the argument is different after the call",
            hint="Work on a copy, or use what cv2.bitwise_and returns.",
            counterexample=f"{case.code()}before = frame.copy()\napply_mask(frame, mask)\n"
            "np.array_equal(frame, before)  # False",
        )

    _search(student, claim, maskings(), FORMS)


def _search_masked(
    student: Student, require: Callable[[Masking, Array], None], examples: int = EXAMPLES
) -> None:
    def claim(case: Masking) -> None:
        def on_result() -> None:
            reply = call(student, "apply_mask", (case.frame(), case.mask()))
            require(case, array_of(reply, "apply_mask", "a masked frame, uint8"))

        with_code(f"{case.code()}apply_mask(frame, mask)", on_result)

    _search(student, claim, maskings(), examples)
