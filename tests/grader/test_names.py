"""Slugs: safe on every file system, and apart from one another."""

import pytest

from grader.names import MAX_BYTES, MAX_CHARACTERS, slug, unique_slugs, visible


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("ada", "ada", id="plain"),
        pytest.param("Ada Lovelace", "Ada Lovelace", id="space"),
        pytest.param("Åsa Öberg", "Åsa Öberg", id="letters-decomposed"),
        pytest.param("李雷", "李雷", id="letters-of-another-script"),
        pytest.param("../../etc/passwd", "-..-etc-passwd", id="separators"),
        pytest.param("a\\b:c*d", "a-b-c-d", id="windows-separators"),
        pytest.param("...", "student", id="dots-only"),
        pytest.param("", "student", id="empty"),
        pytest.param("///", "student", id="signs-only"),
        pytest.param(".bashrc", "bashrc", id="hidden"),
        pytest.param("ends. ", "ends", id="dot-and-space-at-the-end"),
        pytest.param("CON", "student-CON", id="device"),
        pytest.param("nul.txt", "student-nul.txt", id="device-with-suffix"),
        pytest.param("Index.html", "student-Index.html", id="a-file-of-ours"),
        pytest.param("a\x1b[31m\n\u202eb", "a--31m--b", id="control-characters"),
        pytest.param("caf\udce9", "caf-", id="bytes-that-are-no-utf8"),
    ],
)
def test_slug(name, expected):
    """A name becomes one component that every system takes."""
    assert slug(name) == expected


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Åsa Öberg", "Åsa Öberg", id="plain"),
        pytest.param("ada\u202egpj", "ada⟨U+202E⟩gpj", id="turned-round"),
        pytest.param("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩", id="isolated"),
        pytest.param("a\nb\x00\x1b[31m", "a⟨U+000A⟩b⟨U+0000⟩⟨U+001B⟩[31m", id="control"),
        pytest.param("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩", id="no-width"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="joiners-stay"),
        pytest.param("a\udce9", "a�", id="no-utf8"),
        pytest.param("a\ud800", "a?", id="half-a-pair"),
        pytest.param("<img src=x>", "<img src=x>", id="markup-is-the-page-s-business"),
    ],
)
def test_every_sign_of_a_name_can_be_seen(name, shown):
    """What is invisible, or turns the writing round, is shown by its number; letters of any script stay."""
    assert visible(name) == shown


@pytest.mark.parametrize("letter", ["a", "å", "李", "𝒜"])
def test_long_names_fit(letter):
    """No slug is longer than systems allow, in characters or in bytes, with its number too."""
    for made in unique_slugs([letter * 300] * 12):
        assert 0 < len(made) <= MAX_CHARACTERS
        assert len(made.encode()) <= MAX_BYTES


def test_collisions_stay_apart():
    """Names that differ only in case or in form get numbers, and a number never meets a name."""
    made = unique_slugs(["Ada", "ada", "ADA-2", "ada", "e\u0301", "\u00e9"])
    assert made == ["Ada", "ada-2", "ADA-2-2", "ada-3", "é", "é-2"]
    assert len({name.casefold() for name in made}) == len(made)
