"""What travels arrives as it was: files, earlier attempts, data; and machines that differ are found."""

import dataclasses
import json
import os

import pytest

from grader.cluster import asking, shared
from grader.cluster.asking import MISSING, require_equal, wrong_with
from grader.cluster.carriers import PIECE_BYTES, Inline, SharedFolder, send_file, write_file
from grader.cluster.grounds import differences, own_ground
from grader.cluster.node import describe
from grader.cluster.parcels import Parcel, files_of, pack, unpack
from grader.cluster.rays import Need
from grader.errors import UsageProblem
from grader.records import Submission
from grader.resume import hand_in
from tests.grader import fakes
from tests.grader.fakes import settings_for

OURS = own_ground()


@pytest.fixture(params=["inline", "folder"])
def carrier(request, tmp_path):
    """Both ways in which bytes can travel."""
    (tmp_path / "way").mkdir()
    return Inline() if request.param == "inline" else SharedFolder(tmp_path / "way")


def a_submission(folder):
    """One with helpers of the same name and an earlier attempt."""
    for name in ("lab.ipynb", "a/utilities.py", "b/utilities.py", "old/lab.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    earlier = Submission("ada", "ada", folder / "old/lab.ipynb")
    files = tuple((f"{one}/utilities.py", folder / one / "utilities.py") for one in "ab")
    return Submission("ada", "ada", folder / "lab.ipynb", files, earlier=(earlier,))


def parcel_of(submission, settings, carrier):
    contents = pack(submission, settings, carrier)
    return Parcel("ada/1", submission, contents, settings, "0", OURS, fakes.grade, fakes.write)


def test_a_submission_arrives_as_it_was(tmp_path, carrier):
    """Names and contents are those that were handed in, so its hash is the same on the node."""
    sent = a_submission(tmp_path / "class")
    parcel = parcel_of(sent, settings_for(tmp_path), carrier)
    came = unpack(parcel, tmp_path / "node", carrier)
    assert hand_in(came) == hand_in(sent)
    assert all(path.is_relative_to(tmp_path / "node") for path in files_of(came))
    parcel.drop(carrier)
    assert list((tmp_path / "way").iterdir()) == []


def test_what_is_too_large_for_every_limit_stays_here(tmp_path, carrier):
    """Of a file that no limit admits only the length travels, by which the node leaves it out."""
    sent = a_submission(tmp_path / "class")
    parcel = parcel_of(sent, settings_for(tmp_path, limits={"files_mib": 1e-6}), carrier)
    came = unpack(parcel, tmp_path / "node", carrier)
    assert came.notebook.read_text() == "lab.ipynb"
    assert came.files[0][1].read_bytes() == bytes(len("a/utilities.py"))


def test_long_files_travel_in_pieces(tmp_path, carrier):
    """A file arrives whole whatever its length, and so does an empty one."""
    for number, data in enumerate((b"", os.urandom(PIECE_BYTES + 5))):
        (tmp_path / "sent").write_bytes(data)
        content = send_file(tmp_path / "sent", carrier)
        assert len(content.tickets) == (0, 2)[number]
        write_file(content, tmp_path / f"came{number}", carrier)
        assert (tmp_path / f"came{number}").read_bytes() == data


def test_data_are_kept_by_their_hash(tmp_path, carrier):
    """Data and rubric arrive whole in a place of their own; other data have another place."""
    for name in ("visible/cifar10/x.npy", "hidden/y.npy"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "mine.toml").write_text("[points]")
    settings = settings_for(
        tmp_path, visible=tmp_path / "visible", hidden=tmp_path / "hidden", rubric=tmp_path / "mine.toml"
    )
    sent = shared.send_shared(settings, carrier)
    place = shared.place_of(sent.digest, tmp_path / "cache")
    assert not shared.is_here(place)
    shared.keep(sent, place, carrier)
    shared.keep(sent, place, carrier)  # another process of the node, which was slower
    assert shared.is_here(place)
    came = shared.settings_at(settings, place, tmp_path / "out")
    assert (came.visible / "cifar10/x.npy").read_text() == "visible/cifar10/x.npy"
    assert (came.hidden / "y.npy").read_text() == "hidden/y.npy"
    assert came.rubric.read_text() == "[points]"
    (tmp_path / "hidden/y.npy").write_text("other")
    assert shared.send_shared(settings, carrier).digest != sent.digest


def test_data_of_long_ago_make_room(tmp_path):
    """A node keeps few sets, and none that was used of late is removed."""
    for number in range(6):
        place = tmp_path / f"set{number}"
        place.mkdir()
        os.utime(place, (number, number) if number < 4 else None)
    nothing = shared.Shared("new", ())
    shared.keep(nothing, tmp_path / "new", Inline())
    assert {path.name for path in tmp_path.iterdir()} == {"set4", "set5", "new"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"packages": "other"}, ""),
        ({"version": "9"}, "labgrade 9 instead of"),
        ({"code": "other"}, "a changed labgrade of the same version"),
        ({"python": "3.99.0"}, "Python 3.99.0 instead of"),
        ({"judging": tuple((name, "0") for name, _ in OURS.judging)}, "tensorflow 0 instead of"),
    ],
    ids=["equal", "unimportant", "version", "code", "python", "packages"],
)
def test_differences(changes, says):
    """What decides verdicts must be equal; what does not may differ."""
    told = "; ".join(differences(OURS, dataclasses.replace(OURS, **changes)))
    assert (says in told) if says else told == ""


def answer(**changes):
    return json.dumps({**json.loads(describe("none", "", look_for_gpu=False)), **changes})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (answer(), ""),
        (answer(no_sandbox="bubblewrap is missing"), "bubblewrap is missing"),
        (answer(no_folder="/net/x"), "no folder /net/x"),
        (f"{MISSING}no labgrade", "no labgrade"),
        ("{}", "another version"),
        ("[", "another version"),
    ],
    ids=["equal", "sandbox", "folder", "missing", "empty", "no JSON"],
)
def test_answers_of_nodes(text, says):
    """A node that may not grade is named with its reason, whatever it answers."""
    told = wrong_with(text, OURS)
    assert (says in told) if says else told == ""
    if says:
        with pytest.raises(UsageProblem, match=r"node-7: .*Give every node the same"):
            require_equal({"node-7": text}, OURS, lambda _: None)


def test_packages_that_judge_nothing():
    """Where only such packages differ, the run goes on and says what that costs."""
    ground = {**dataclasses.asdict(OURS), "packages": "other"}
    told = []
    require_equal({"a": answer(), "b": answer(ground=ground)}, OURS, told.append)
    assert told and told[0].startswith("1 of 2 nodes have other packages")


def test_a_card_that_nobody_sees(monkeypatch):
    """Only a node that is asked looks for graphics cards."""
    monkeypatch.setattr("grader.cluster.node.sees_gpu", lambda sandbox: sandbox == "none")
    assert asking.read_told(describe("none", "", look_for_gpu=True)).gpu
    assert not asking.read_told(describe("none", "", look_for_gpu=False)).gpu


@pytest.mark.parametrize(
    ("need", "resources", "fit"),
    [
        (Need(2**30), {"CPU": 4.0, "memory": 3.5 * 2**30}, 3),
        (Need(2**30), {"CPU": 2.0, "memory": 64.0 * 2**30}, 2),
        (Need(2**30, cards=1), {"CPU": 8.0, "memory": 64.0 * 2**30, "GPU": 1.0}, 1),
        (Need(2**30, cards=1), {"CPU": 8.0, "memory": 64.0 * 2**30}, 0),
        (Need(2**30), {"memory": 64.0 * 2**30}, 0),
    ],
)
def test_how_many_fit(need, resources, fit):
    """A node takes as many as its cores, memory and cards allow."""
    assert need.fit_into(resources) == fit
