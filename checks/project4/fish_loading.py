"""Calling a student's ``load_fish`` on a drawn folder."""

from __future__ import annotations

from dataclasses import dataclass

from checks.kit import Failure, Raised, Reply, Student
from checks.kit.calling import Signature, read_signature
from checks.kit.student import Array, Json
from checks.project4.asking import missing
from checks.project4.fish_folders import SIZE, Folder

FUNCTION = "load_fish"
SPELLINGS = {
    "root": (
        "path", "folder", "directory", "dir", "data_dir", "root_dir", "data_path", "root_path", "data_root",
    ),
    "size": ("image_size", "img_size", "target_size", "dim", "side", "resize", "image_shape"),
}  # fmt: skip
FORMS = ("path", "text")


@dataclass(frozen=True)
class Loaded:
    """What came back: ``images`` (n, size, size, 3) and the label of each as text."""

    images: Array
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Loader:
    """A student's function and how its folder is given: as a ``Path`` or as text."""

    student: Student
    signature: Signature
    form: str = FORMS[0]

    def code(self, folder: Folder) -> str:
        """The call on a folder, as code to paste that makes it."""
        size = {} if folder.size is None else {"size": folder.size}
        rest = "".join(f", {name}={value}" for name, value in self.signature.arguments(size).items())
        return folder.code(f"{FUNCTION}({'root' if self.form == 'path' else 'str(root)'}{rest})")

    def reply(self, folder: Folder) -> Reply:
        """What the kernel answers.

        Raises:
            Raised: the function raises.
            Gone: the kernel is.
        """
        files = folder.files()
        values: dict[str, Json] = {"root": {"$folder": self.form}}
        if folder.size is not None or "size" in self._required():
            values["size"] = folder.size or SIZE
        return self.student.ask(
            "call_on_files", tuple(files.values()), function=FUNCTION, paths=list(files),
            arguments=self.signature.arguments(values),
        )  # fmt: skip

    def _required(self) -> list[str]:
        names = self.signature.names
        return [name for name in names if names[name] not in self.signature.defaults]

    def load(self, folder: Folder) -> Loaded:
        """The images and labels of a folder.

        Raises:
            Failure: the function raises, or returns something else.
            Gone: the kernel is.
        """
        try:
            reply = self.reply(folder)
        except Raised as raised:
            raise Failure(
                f"`{FUNCTION}` stops with {raised}.",
                expected="images and labels",
                received=f"{raised}",
                hint="Run the code below in a cell of its own and read the last lines of the error.",
                counterexample=self.code(folder),
            ) from None
        try:
            return _read(reply)
        except Failure as failure:
            failure.counterexample = failure.counterexample or self.code(folder)
            raise


def loader_of(student: Student) -> Loader:
    """How the student's function is called.

    Raises:
        Failure: there is none, or it cannot be looked at.
        Gone: the kernel is.
    """
    try:
        signature = read_signature(student, FUNCTION, SPELLINGS, ("root", "size"))
    except Raised:
        raise missing(student, FUNCTION) from None
    loader = Loader(student, signature)
    try:
        loader.reply(Folder())
    except Raised:
        other = Loader(student, signature, FORMS[1])
        try:
            other.reply(Folder())
        except Raised:
            return loader
        return other
    return loader


def _read(reply: Reply) -> Loaded:
    items = reply.data.get("items")
    entries = [entry for entry in items if isinstance(entry, dict)] if isinstance(items, list) else []
    if len(entries) != 2:
        raise _refused(
            f"{len(entries)} things" if len(entries) > 1 else f"one thing, a {reply.data.get('type')}"
        )
    images, labels = _array(entries[0], reply), _labels(entries[1], reply)
    if images is None or images.ndim != 4:
        raise _refused(
            f"a {entries[0].get('type')}" if images is None else f"an array of shape {images.shape}"
        )
    if labels is None:
        raise _refused(f"images, and a {entries[1].get('type')} that is no list of labels")
    return Loaded(images, labels)


def _refused(received: str) -> Failure:
    return Failure(
        f"`{FUNCTION}` does not return images and labels.",
        expected="two things: an array (n, size, size, 3), and the name of the class of each image",
        received=received,
        hint="End the function with `return images, labels`, all images resized, in colour and in one array.",
    )


def _array(entry: dict[str, Json], reply: Reply) -> Array | None:
    place = entry.get("array")
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(reply.arrays):
        return None
    return reply.arrays[place]


def _labels(entry: dict[str, Json], reply: Reply) -> tuple[str, ...] | None:
    words = entry.get("texts")
    if isinstance(words, list):
        return tuple(str(word) for word in words)
    array = _array(entry, reply)
    if array is None or array.ndim not in (1, 2):
        return None
    if not array.size:
        return ()
    rows = array.reshape(len(array), -1)
    return tuple(" ".join(f"{value:g}" for value in row) for row in rows.astype(float))
