"""The folder of what is kept: believed by its checksums, bounded, private, and shared without locks."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.cache.place import store_for
from grader.cache.store import LARGE, Store, open_store
from grader.errors import UsageProblem

KEY = "ab" * 32
KINDS = ("arrays", "evidence", "pages", "runs", "verdicts")


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "cache")


def files_of(store):
    return sorted(path for path in store.folder.rglob("*") if path.is_file() and path.name != "looked")


def test_what_is_kept_comes_back(store):
    """Records and bytes, those that are worth compressing and those that are not, come back equal."""
    store.note("verdicts", KEY, {"a": [1, 2.5, None, "é\ud800"]})
    assert store.entry("verdicts", KEY) == {"a": [1, 2.5, None, "é\ud800"]}
    for content in (b"", b"x" * 1_000_000, os.urandom(300_000)):
        assert store.content("arrays", store.add("arrays", content)) == content
    assert sum(path.stat().st_size for path in files_of(store)) < 320_000


def test_what_is_not_there(store):
    """An empty store has nothing, and a key belongs to its kind."""
    assert (store.entry("runs", KEY), store.content("arrays", KEY)) == (None, None)
    store.note("runs", KEY, {"run": "x"})
    assert store.entry("verdicts", KEY) is None


@pytest.mark.parametrize("kind", ["entry", "content"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-3],
        lambda data: b"",
        lambda data: data[:5] + bytes([data[5] ^ 1]) + data[6:],
        lambda data: os.urandom(len(data)),
        lambda data: b"{}",
    ],
    ids=["cut-off", "empty", "one-bit", "noise", "json"],
)
def test_damage_is_noticed(store, kind, damage):
    """A file that is not what was written is taken for missing, and removed."""
    name = KEY
    if kind == "entry":
        store.note("runs", KEY, {"run": "x" * 100})
    else:
        name = store.add("runs", b"content" * 30)
    (file,) = files_of(store)
    file.write_bytes(damage(file.read_bytes()))
    found = store.entry("runs", name) if kind == "entry" else store.content("runs", name)
    assert found is None
    assert files_of(store) == []


def test_a_record_under_another_key_is_no_record(store):
    """Who renames a record gives its verdict to nobody else."""
    store.note("verdicts", KEY, {"points": 4})
    (file,) = files_of(store)
    other = file.parents[1] / "cd" / ("cd" * 32 + ".json")
    other.parent.mkdir()
    file.rename(other)
    assert store.entry("verdicts", "cd" * 32) is None


def test_a_bomb_is_not_unpacked(store, monkeypatch):
    """What would unpack to more than a content may have is refused."""
    name = store.add("arrays", b"\0" * 100_000)
    monkeypatch.setattr("grader.cache.store.MAX_BYTES", 1000)
    assert store.content("arrays", name) is None


def test_only_the_owner_reads(store):
    """Folders have the mode 0700 and files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        store.note("runs", KEY, {})
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [store.folder, *store.folder.rglob("*")]}
    assert modes == {0o700, 0o600}


def test_a_group_may_share(tmp_path):
    """A folder that a group may write is the group's, with all that comes into it."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o2770)
    store = open_store(tmp_path / "shared")
    store.note("runs", KEY, {})
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.folder.rglob("*") if path.is_dir()} == {
        0o2770
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in files_of(store)} == {0o660}


@pytest.mark.parametrize("what", ["everybody-writes", "a-file", "below-a-file"])
def test_folders_that_cannot_be_used(tmp_path, what):
    """Each is refused in one sentence that names the cure."""
    place = tmp_path / "cache"
    if what == "everybody-writes":
        place.mkdir()
        place.chmod(0o777)
    else:
        place.write_text("")
        place = place if what == "a-file" else place / "cache"
    with pytest.raises(UsageProblem, match="--cache") as refused:
        open_store(place)
    assert str(place) in str(refused.value)


def test_no_draft_is_left(store, monkeypatch):
    """What stops the writing leaves nothing behind."""
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        store.add("runs", b"content")
    assert files_of(store) == []


def aged(store, kind, size, days):
    """A content that was last used so many days ago."""
    name = store.add(kind, os.urandom(size))
    place = store._place(kind, name)
    os.utime(place, (time.time() - days * 86_400,) * 2)
    return name


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    """The oldest large files go until all fits, and what is read stays."""
    store = open_store(tmp_path / "cache", 5_000)
    names = [aged(store, "arrays", 1_000, days) for days in (9, 8, 7, 6, 5, 4)]
    assert store.content("arrays", names[0]) is not None
    store.trim()
    there = [store.content("arrays", name) is not None for name in names]
    assert there == [True, False, False, True, True, True]


def test_verdicts_outlive_their_evidence(tmp_path):
    """Small records stay as long as large files can go, however old they are."""
    store = open_store(tmp_path / "cache", 3_000)
    verdict = aged(store, "verdicts", 900, 100)
    for kind in LARGE:
        aged(store, kind, 1_000, 1)
    store.trim()
    assert store.content("verdicts", verdict) is not None
    assert sum(path.stat().st_size for path in files_of(store)) <= 3_000


def test_a_store_within_its_bound_is_left_alone(store):
    """Nothing is removed but the drafts of processes that were killed long ago."""
    name = store.add("arrays", b"content")
    old, new = (store._place("arrays", name).with_name(f".{one}.tmp") for one in ("old", "new"))
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (time.time() - 7_200,) * 2)
    store.trim()
    assert store.content("arrays", name) == b"content"
    assert (old.exists(), new.exists()) == (False, True)


def test_it_is_not_searched_for_every_file(tmp_path):
    """Within a minute of the last look nobody looks again, and afterwards somebody does."""
    store = open_store(tmp_path / "cache", 1_000)
    names = [store.add("arrays", os.urandom(90)) for _ in range(2)]
    store.trim()
    names += [store.add("arrays", os.urandom(900)) for _ in range(2)]
    store.trim(after_s=60)
    assert [store.content("arrays", name) is not None for name in names] == [True] * 4
    os.utime(store.folder / "v1/looked", (time.time() - 61,) * 2)
    store.trim(after_s=60)
    assert None in [store.content("arrays", name) for name in names]


WRITE = """
import sys
from pathlib import Path
from grader.cache.store import Store
store = Store(Path(sys.argv[1]), 40_000)
for number in range(150):
    key = f"{number % 10:064x}"
    store.note("runs", key, {"run": "x" * 2000, "number": number % 10})
    name = store.add("arrays", b"%d" % (number % 7) * 9000)
    store.trim()
    found = store.entry("runs", key)
    assert found in (None, {"run": "x" * 2000, "number": number % 10}), found
    assert store.content("arrays", name) in (None, b"%d" % (number % 7) * 9000)
"""


def test_two_processes_at_once(store):
    """Two that write, read and remove the same at the same time read whole files or none."""
    both = [subprocess.Popen([sys.executable, "-c", WRITE, str(store.folder)]) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert not [path for path in files_of(store) if path.name.endswith(".tmp")]


def test_where_it_lies(tmp_path, monkeypatch):
    """The folder that was named, else that of the environment, else the user's own; "off" means none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LABGRADE_CACHE", raising=False)
    out = tmp_path / "grades"
    assert store_for(None, None, out, "bubblewrap").folder == tmp_path / "home/labgrade/grades"
    assert store_for(None, None, out, "none") is None
    monkeypatch.setenv("LABGRADE_CACHE", str(tmp_path / "told"))
    assert store_for(None, 2.0, out, "none") == Store(tmp_path / "told", 2 * 2**30)
    assert store_for(tmp_path / "named", None, out, "none").folder == tmp_path / "named"
    monkeypatch.setenv("LABGRADE_CACHE", "off")
    assert store_for(None, None, out, "bubblewrap") is None


def test_beside_the_results_where_the_user_has_none(tmp_path, monkeypatch):
    """Where the user's own folder cannot be made, the cache lies in the results' own folder."""
    monkeypatch.delenv("LABGRADE_CACHE", raising=False)
    (tmp_path / "home").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    found = store_for(None, None, tmp_path / "grades", "bubblewrap")
    assert found.folder == tmp_path / "grades/.labgrade/cache"
