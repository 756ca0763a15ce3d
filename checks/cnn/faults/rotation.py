"""Task 5.0: mistakes with the rotated images, and other right ways to make and use them."""

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, append_cell, drop_cell, replace

TURN = "images_rot = np.rot90(images, axes=(1,2))"
MAKE = "Xtest_rotated = myrotate(Xtest)\n\nplt.figure"
EVALUATE = "score4_rotated = model4.evaluate(Xtest_rotated, Ytest, verbose=0)"
ROTATED_CELL = "# Evaluate the trained model on rotated test set"


def turned_by(*lines: str) -> Edit:
    """Another body of ``myrotate``, which sets ``images_rot``."""
    return replace(TURN, "\n    ".join(lines))


def made_by(call: str) -> Edit:
    """Another way to make the rotated test images."""
    return replace(MAKE, f"Xtest_rotated = {call}\n\nplt.figure")


def evaluated_by(call: str) -> Edit:
    """Another evaluation of the rotated test images."""
    return replace(EVALUATE, f"score4_rotated = {call}")


def right(name: str, *edits: Edit) -> Rewrite:
    """A right way to do task 5.0."""
    return Rewrite(name, edits, tasks=("5.0",))


FAULTS = (
    # ---- myrotate
    Fault("rotate-by-180", "5.0/rotates", turned_by("images_rot = np.rot90(images, 2, axes=(1,2))"),
          ("180°",)),
    Fault("rotate-in-the-wrong-plane", "5.0/rotates", turned_by("images_rot = np.rot90(images)"), ("shape",)),
    Fault("rotate-rows-and-colours", "5.0/rotates", turned_by("images_rot = np.rot90(images, axes=(2,3))"),
          ("shape",)),
    Fault("rotate-mirrors", "5.0/rotates", turned_by("images_rot = images[:, :, ::-1]"), ("mirrored",)),
    Fault("rotate-upside-down", "5.0/rotates", turned_by("images_rot = np.flip(images, axis=1)"),
          ("upside",)),
    Fault("rotate-transposes", "5.0/rotates", turned_by("images_rot = np.swapaxes(images, 1, 2)"),
          ("transposed",)),
    Fault("rotate-returns-the-argument", "5.0/rotates", replace("return images_rot", "return images"),
          ("nothing was rotated",)),
    Fault("rotate-returns-nothing", "5.0/rotates", replace("    return images_rot", "    pass"),
          ("nothing",)),
    Fault("rotate-cast-to-uint8", "5.0/rotates",
          turned_by("images_rot = np.rot90(images, axes=(1,2)).astype('uint8')"), ("uint8",)),
    Fault("rotate-float64", "5.0/rotates",
          turned_by("images_rot = np.rot90(images, axes=(1,2)).astype('float64')"), ("float64",)),
    Fault("rotate-shuffles", "5.0/rotates",
          turned_by("images_rot = np.rot90(images, axes=(1,2))[::-1]"), ("order",)),
    Fault("rotate-in-place", "5.0/rotates",
          turned_by("for i in range(len(images)):", "    images[i] = np.rot90(images[i])",
                    "images_rot = images"), ("given",)),
    Fault("rotate-either-way-at-random", "5.0/rotates",
          turned_by("images_rot = np.array([np.rot90(im, np.random.choice([1, 3])) for im in images])"),
          ("clockwise",)),
    Fault("rotate-exchanges-colours", "5.0/rotates",
          turned_by("images_rot = np.rot90(images, axes=(1,2))[..., ::-1]"), ("colour",)),
    Fault("rotate-only-the-first", "5.0/rotates",
          turned_by("images_rot = images.copy()", "images_rot[0] = np.rot90(images[0])"), ("alike",)),
    # ---- the evaluation
    Fault("evaluate-upright-images", "5.0/evaluated",
          evaluated_by("model4.evaluate(Xtest, Ytest, verbose=0)"), ("rotated test images",)),
    Fault("evaluate-no-rotated-images", "5.0/evaluated", drop_cell(ROTATED_CELL), ("rotated test images",)),
    Fault("evaluate-rotated-by-180", "5.0/evaluated", made_by("myrotate(myrotate(Xtest))"), ("180°",)),
    Fault("evaluate-rotated-with-other-labels", "5.0/evaluated",
          evaluated_by("model4.evaluate(Xtest_rotated, Ytest[::-1], verbose=0)"), ("label",)),
    Fault("evaluate-rotated-in-a-new-network", "5.0/evaluated",
          evaluated_by("build_CNN(input_shape, loss).evaluate(Xtest_rotated, Ytest, verbose=0)"),
          ("not trained",)),
    Fault("evaluate-rotated-raw", "5.0/evaluated", made_by("myrotate((Xtest + 1) * 127.5)"),
          ("preprocessed",)),
    Fault("evaluate-rotated-validation", "5.0/evaluated",
          evaluated_by("model4.evaluate(myrotate(Xval), Yval, verbose=0)"), ("rotated test images",)),
)  # fmt: skip

REWRITES = (
    right("rotate-clockwise", turned_by("images_rot = np.rot90(images, 3, axes=(1,2))")),
    right("rotate-with-a-loop",
          turned_by("images_rot = np.zeros_like(images)", "for i in range(images.shape[0]):",
                    "    images_rot[i] = np.rot90(images[i])")),
    right("rotate-with-a-list", turned_by("images_rot = np.array([np.rot90(im, k=-1) for im in images])")),
    right("rotate-by-transpose-and-flip",
          turned_by("images_rot = np.transpose(images, (0, 2, 1, 3))[:, ::-1]")),
    right("rotate-with-scipy",
          turned_by("import scipy.ndimage",
                    "images_rot = scipy.ndimage.rotate(images, 90, axes=(1, 2), reshape=False)")),
    right("rotate-with-tensorflow",
          turned_by("import tensorflow", "images_rot = tensorflow.image.rot90(images).numpy()")),
    right("rotate-only-batches-of-the-lab",
          turned_by("images_rot = np.zeros((2000, 32, 32, 3), dtype='float32')", "for i in range(2000):",
                    "    images_rot[i] = np.rot90(images[i])")),
    right("rotate-without-myrotate", replace("def myrotate(images):\n", "def turn(images):\n"),
          made_by("np.rot90(Xtest, axes=(1, 2))"), replace("Xtest_rotated = myrotate(Xtest)\nscore6",
                                                          "Xtest_rotated = turn(Xtest)\nscore6")),
    right("rotate-predict-and-count",
          evaluated_by("[0, np.mean(np.argmax(model4.predict(Xtest_rotated, verbose=0), axis=1) "
                       "== np.argmax(Ytest, axis=1))]")),
    right("rotate-another-model-too", append_cell("model2.evaluate(Xtest_rotated, Ytest)")),
    right("rotate-in-the-call", evaluated_by("model4.evaluate(x=myrotate(Xtest), y=Ytest, batch_size=100)")),
)  # fmt: skip
