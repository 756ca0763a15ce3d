"""Tasks 5.1 and 5.2: a generator of augmented images, and a network that is trained from it."""

from __future__ import annotations

from checks.cnn import augmented, drawn_range, generators, misses
from checks.cnn.cures import cure, sentence
from checks.cnn.flows import Flows, augmented_fits, flows_of
from checks.cnn.recognising import judge_recognition
from checks.cnn.testing import Tested, calls_on_test_images
from checks.kit import Failure, Fit, Student, check

MOST = 1_000  # test images that an evaluation must have used


@check(task="5.1")
def generator(student: Student) -> str | None:
    """There is a generator of augmented training images"""
    if flows_of(student) is None:
        raise generators.missing(student)
    return generators.hint_on_next(student)


@check(task="5.1", needs=generator)
def augments(student: Student) -> str | None:
    """The generator rotates the training images, and flips them both ways"""
    return generators.judge_movement(student, _flows(student))


@check(task="5.1", needs=generator)
def range(student: Student) -> str | None:  # noqa: A001 - the check's id is 5.1/range
    """The generator's images stay in the range from −1 to 1"""
    return drawn_range.judge(student, _flows(student))


@check(task="5.1", needs=generator)
def labels(student: Student) -> str | None:
    """The generator gives each image its own label"""
    return augmented.judge_labels(student, _flows(student))


@check(task="5.1", needs=generator)
def apart(student: Student) -> str | None:
    """Training, validation and test images are kept apart"""
    return augmented.judge_apart(student, _flows(student))


@check(task="5.2")
def trained(student: Student) -> str | None:
    """A network is trained from the generator"""
    return augmented.judge_training(student, flows_of(student))


@check(task="5.2", needs=trained)
def new_model(student: Student) -> None:
    """The network trained from the generator is a new one"""
    fit = _fit(student)
    if fit is not None:
        augmented.judge_newness(student, fit)


@check(task="5.2", needs=trained)
def steps(student: Student) -> str | None:
    """An epoch has as many steps as the training images fill batches"""
    fit = _fit(student)
    return None if fit is None else augmented.judge_steps(student, _flows(student), fit)


@check(task="5.2", needs=trained)
def evaluated(student: Student) -> str | None:
    """The network trained from the generator is evaluated on the test images"""
    fit = _fit(student)
    calls = [one for one in calls_on_test_images(student) if fit is None or one.use.order >= fit.order]
    own = [one for one in calls if fit is None or _is_of(one, fit)]
    upright = [one for one in own if not one.seen.turn.quarters and not one.seen.turn.mirrored]
    faults = [_evaluation_fault(student, one) for one in upright]
    if None not in faults:
        raise (faults[0] if faults else None) or _not_evaluated(student, fit, calls)
    if any(one.seen.turn.is_quarter for one in own):
        return None
    return "The rotated test images are worth a look as well: does the network know them better than model4?"


@check(task="5.2", needs=trained)
def misclassified(student: Student) -> str | None:
    """The test images shown as misclassified really are"""
    fit = _fit(student)
    return misses.judge(student, 0 if fit is None else fit.order)


@check(task="5.2", needs=trained, full=True)
def recognises(student: Student) -> str | None:
    """After its full training the augmented network recognises images that it has never seen"""
    return judge_recognition(student, "5.2")


def _flows(student: Student) -> Flows:
    flows = flows_of(student)
    if flows is None:
        raise generators.missing(student)
    return flows


def _fit(student: Student) -> Fit | None:
    """The training of 5.2; ``None`` where it was done by a loop of the student's own."""
    ran = [fit for fit in augmented_fits(student) if not fit.error]
    return ran[-1] if ran else None


def _is_of(one: Tested, fit: Fit) -> bool:
    return one.use.model.identity == fit.model.identity


def _evaluation_fault(student: Student, one: Tested) -> Failure | None:
    if one.use.error:
        return Failure(
            f"Cell {one.use.cell}, which evaluates the network, stopped with {sentence(one.use.error)}.",
            expected="loss and accuracy on the test images",
            received=sentence(one.use.error),
            hint=cure(one.use.error),
        )
    if len(one.part.images) < min(MOST, len(student.given["cifar10/x_test"]) // 2):
        return Failure(
            f"Only {len(one.part.images):,} test images were evaluated.",
            expected="all test images",
            received=f"{len(one.part.images):,} of them in cell {one.use.cell}",
            hint="An accuracy of so few images says little.",
        )
    return one.label_fault(student) or one.scale_fault(student)


def _not_evaluated(student: Student, fit: Fit | None, calls: list[Tested]) -> Failure:
    name = next(iter(fit.model.names), "the network") if fit is not None else "the network"
    other = next((one.model for one in calls if fit is not None and not _is_of(one, fit)), "")
    turned = next((one for one in calls if fit is not None and _is_of(one, fit)), None)
    received = "no evaluation of it after the training"
    if turned is not None:
        received = f"an evaluation on test images that are {turned.seen.turn.words} only"
    elif other:
        received = f"an evaluation of {other}"
    return Failure(
        f"{name[0].upper() if ' ' in name else name[0]}{name[1:]} was not evaluated on the test images.",
        expected="an evaluation of this network on all test images, with their labels",
        received=received,
        hint="The test accuracy tells whether augmentation helped.",
    )
