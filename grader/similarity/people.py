"""Whether two submissions are of the same people, by their names."""

from __future__ import annotations

import re
import unicodedata

_COPY = re.compile(r"\s*\((?:\d+|copy)\)\s*$", re.IGNORECASE)
_AGAIN = frozenset({"and", "och", "copy", "kopia", "final", "late", "new", "resubmission", "v1", "v2", "v3"})


def people(name: str) -> frozenset[str]:
    """The words of a name in small letters and any order, without what only says that it came again.

    >>> people("Ada & Ben") == people("ben_ada (2)")
    True
    """
    plain = _COPY.sub("", unicodedata.normalize("NFKC", name).casefold())
    words = frozenset(re.findall(r"[^\W_]+", plain))
    return words - _AGAIN or words


def same_people(one: str, other: str) -> bool:
    """Whether the names are of the same people, or one of somebody in the other's group.

    Where that cannot be told, as with two students who are both called Ada, the answer is yes: nobody is
    accused for a name.
    """
    left, right = people(one), people(other)
    return bool(left and right) and (left <= right or right <= left)
