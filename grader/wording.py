"""The wording of questions: words, sentences that ask, and places left for an answer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

Key = tuple[frozenset[str], ...]
"""A phrase: each word of it in one of its forms."""

HEAD = 1_500  # characters at the start of a text in which its question is looked for
SENTENCES = 12  # that a question may have
SENTENCE = 500  # characters of one sentence that asks
ALIKE = 0.6  # of a wording's words that a text must hold, in order, to be that wording
_WORD = re.compile(r"[^\W_]+")
_SPELLINGS = {
    "colour": "color", "regularisation": "regularization", "gray": "grey", "does": "do", "did": "do",
    "has": "have", "batches": "batch", "pretrained": "pre", "are": "is",
}  # fmt: skip
_ORDERS = re.compile(
    "explain|describe|motivate|discuss|compare|name|state|calculate|using|förklara|beskriv|motivera"
)
_ASKING = re.compile(
    f"{_ORDERS.pattern}|what|which|why|how|is|are|do|does|did|can|could|will|would|should|when|where|who|was"
    "|were|has|have|if|given|vad|vilken|vilket|vilka|varför|hur|är|kan"
)
_SENTENCE_END = re.compile(r"[.?!](?=[\s*_<)\"'’”]|\Z)")
_ASIDE = re.compile(  # what handouts add to a question
    r"[\s*_(]*(?:"
    r"(?:please )?(?:motivate|explain|justify|describe) (?:your answer|why|how)?[^.?!\n]{0,20}[.?!]"
    r"|why(?: not)?\?|how\?|use your answer to[^.?!\n]{0,40}[.?!]|\(?\d+ ?p(?:oints?)?\)"
    r"|check the doc[^\n?]{0,80}?(?:https?://\S{1,150}|\.)|(?:hint|tips)\b[^\n]{0,300}"
    r"|motivera[^.?!\n]{0,30}[.?!])",
    re.IGNORECASE,
)
_GAP = re.compile(r"(?:[\s*_]|<br ?/?>)*")
_BREAKS = re.compile(r"\A(?:\s|<br ?/?>|</?(?:b|i|p|em|strong)>)+")
_ANSWER_MARK = re.compile(
    r"(?:\A|(?<=[\s*_>?.!]))(?:(?:my|your|mitt|ditt) )?(?:answers?|ans|svar)[*_ ]{0,4}:[*_]{0,3}",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"[\[({<][*_ ]{0,4}(?:please )?(?:write|type|put|insert|enter|add|fill|your|skriv|ditt|answer)\b"
    r"[^\[\](){}<>\n]{0,60}[\])}>]",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:please )?(?:(?:write|type|put|insert|enter|add|fill in|skriv|fyll i) )?(?:(?:your|ditt|the|my) )?"
    r"(?:own )?(?:answers?|svar|text|code|kod) ?(?:(?:goes )?(?:here|här)|below)?"
    r"|(?:write|type|skriv) (?:here|här)|todo(?: \w{1,20}){0,6}|tbd|tba|fixme|xxx+|fill in",
    re.IGNORECASE,
)
_UNSURE = {"yes", "no", "ja", "nej", "maybe", "perhaps", "kanske", "idk"}
_TAG = re.compile(r"<[^<>]{0,200}>")


def words(text: str) -> tuple[str, ...]:
    """The words of a text in one spelling: small letters, American, without the s of the plural.

    >>> words("How many Channels do colour images have?")
    ('how', 'many', 'channel', 'do', 'color', 'image', 'have')
    """
    return tuple(map(_spelling, _WORD.findall(text.lower())))


def key(phrase: str) -> Key:
    """A phrase of a question file; ``a|b`` is one word or the other."""
    return tuple(frozenset(map(_spelling, part.split("|"))) for part in phrase.lower().split())


def weight(keys: Iterable[Key], found: frozenset[str]) -> int:
    """The number of words of the longest phrase that ``found`` holds; 0 where it holds none."""
    return max((len(one) for one in keys if all(not found.isdisjoint(forms) for forms in one)), default=0)


def asking(text: str) -> str:
    """The start of a text as far as its sentences ask something or lead to it, or ``""``."""
    sentences = _sentences(text[:HEAD])
    last = max((n for n, sentence in enumerate(sentences) if _asks(sentence)), default=-1)
    return "".join(sentences[: last + 1])


def answer_in(text: str, wordings: Sequence[tuple[str, ...]]) -> str:
    """What follows the question's own text: all of ``text`` where it does not begin with the question."""
    mark = _ANSWER_MARK.search(text[:HEAD])
    if mark:
        return text[mark.end() :].strip()
    at = 0
    for _ in range(SENTENCES):
        if not (end := _asked_until(text[at : at + HEAD], wordings)):
            break
        at += end
    return _BREAKS.sub("", text[at:]).rstrip() if at else text


def is_whole_question(text: str) -> bool:
    """Whether a paragraph ends by asking, so that what it says before leads to the question."""
    return len(text) < HEAD and text.rstrip(" \n\t*_>").endswith("?") and bool(asking(text))


def without_placeholders(text: str) -> str:
    """The text without the places that a handout leaves for it; ``""`` where nothing answers.

    >>> without_placeholders("[Your answer here]\\n512 x 512"), without_placeholders("yes???")
    ('512 x 512', '')
    """
    kept = [line for line in _BRACKETED.sub("", text).split("\n") if not _is_placeholder(line)]
    answer = "\n".join(kept).strip()
    shown = _visible(answer)
    said = _WORD.findall(shown.lower())
    unsure = "??" in shown and len(said) <= 1 and _UNSURE.issuperset(said)
    return "" if unsure or not said else answer


def _is_placeholder(line: str) -> bool:
    bare = " ".join(_WORD.findall(line[:200].lower()))
    if not bare:
        return bool(line.strip()) and not line.strip().startswith(("|", "$", "`", "~", "---"))
    return len(line) < 120 and _PLACEHOLDER.fullmatch(bare) is not None


def _visible(text: str) -> str:
    """The text without HTML tags and comments."""
    parts = text.split("<!--")
    return _TAG.sub("", parts[0] + "".join(part.partition("-->")[2] for part in parts[1:]))


def _spelling(word: str) -> str:
    plain = _SPELLINGS.get(word, word)
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain


def _sentences(text: str) -> list[str]:
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def _asks(sentence: str) -> bool:
    first = _WORD.search(sentence.lower())
    if first is None:
        return False
    return sentence.endswith("?") or _ORDERS.fullmatch(first[0]) is not None


def _asked_until(text: str, wordings: Sequence[tuple[str, ...]]) -> int:
    """Where the next sentence of a question ends in ``text``; 0 where the answer begins."""
    gap = _GAP.match(text)
    start = gap.end() if gap else 0
    rest = text[start:]
    aside = _ASIDE.match(rest)
    if aside:
        return start + aside.end()
    known = max((_alike(rest, wording) for wording in wordings), default=0)
    if known:
        return start + known
    return start + end if (end := _unknown_question(rest)) else 0


def _unknown_question(text: str) -> int:
    """Where a sentence ends that asks in words that no file knows; 0 where the first one does not."""
    end = _SENTENCE_END.search(text[:SENTENCE])
    if end is None or end[0] != "?":
        return 0
    said = _WORD.findall(text[: end.end()].lower())
    return _past_marks(text, end.end()) if len(said) >= 4 and _ASKING.fullmatch(said[0]) else 0


def _alike(text: str, wording: tuple[str, ...]) -> int:
    """Where in ``text`` its beginning ends, if that is this wording or much like it; else 0."""
    found = [match for match, _ in zip(_WORD.finditer(text), range(len(wording) * 3 // 2 + 4), strict=False)]
    heard = [_spelling(match[0].lower()) for match in found]
    if not heard or not (heard[0] == wording[0] or _ASKING.fullmatch(heard[0])):
        return 0  # an answer may repeat the question's words, but it does not ask
    blocks = difflib.SequenceMatcher(None, wording, heard, autojunk=False).get_matching_blocks()
    blocks = [
        block for block in blocks if block.size > 1 or block.a + block.size == len(wording) > 0 < block.size
    ]
    same, last = 0, 0
    for block in blocks:
        if block.b - last > 6:  # what is so far behind is the answer, which uses the same words
            break
        same, last = same + block.size, block.b + block.size
    if same < max(4, ALIKE * len(wording)):
        return 0
    return _to_the_end(text, found[last - 1].end())


def _to_the_end(text: str, at: int) -> int:
    """The end of the sentence at ``at`` where that is near, on the same line, and a question mark."""
    line = text[at : at + 80].partition("\n")[0]
    end = _SENTENCE_END.search(line)
    near = end is not None and (end[0] == "?" or end.start() <= 2)
    return _past_marks(text, at + end.end() if end is not None and near else at)


def _past_marks(text: str, at: int) -> int:
    """``at``, behind the marks that close emphasis, quotation and brackets there."""
    while at < len(text) and text[at] in "*_\"'’”)?.:/":
        at += 1
    return at
