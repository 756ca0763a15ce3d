"""Which of our source files a piece of our code depends on, read from the imports in them.

Imports within functions count, and so does each package on the way to a module. What is loaded by a name
that is made at run time is not seen: checks are, so each of their modules is asked for by its name.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.cache.keys import digest

# The first is a notebook's magic, which loads the command line; the others make and compare keys.
NOT_FOLLOWED = ("grader", "grader.cache.loaded", "grader.cache.plan")


@dataclass(frozen=True)
class Sources:
    """The Python files of some packages, by dotted name; each is read once, into ``known``."""

    files: Mapping[str, Path]
    known: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def reached(self, roots: Collection[str]) -> frozenset[str]:
        """The modules that these import, directly or by way of others, and they themselves.

        Raises:
            KeyError: one of the roots does not exist.
            OSError, SyntaxError, ValueError: a file cannot be read.
        """
        found: set[str] = set()
        waiting = list(roots)
        if missing := set(roots) - set(self.files):
            raise KeyError(*sorted(missing))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                if name not in self.known:
                    self.known[name] = tuple(self._imported(name))
                waiting += self.known[name]
        return frozenset(found)

    def hash_of(self, roots: Collection[str]) -> str:
        """The hash of all source files on which these modules depend; it raises what ``reached`` does."""
        return digest([(name, file_hash(self.files[name])) for name in sorted(self.reached(roots))])

    def _imported(self, name: str) -> Iterator[str]:
        yield from self._with_packages(name)
        if name in NOT_FOLLOWED:
            return
        for node in ast.walk(ast.parse(self.files[name].read_bytes())):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._with_packages(alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(name, node)
                for alias in node.names:
                    yield from self._with_packages(f"{base}.{alias.name}")

    def _absolute(self, name: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        is_package = self.files[name].name == "__init__.py"
        parts = name.split(".")
        kept = parts[: len(parts) - node.level + is_package]
        return ".".join([*kept, *([node.module] if node.module else [])])

    def _with_packages(self, name: str) -> Iterator[str]:
        """What exists of a module and the packages that hold it; a name in a module is not one."""
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            known = ".".join(parts[:end])
            if known in self.files:
                yield known


def sources_of(*folders: Path) -> Sources:
    """The modules of packages, by the folders of these."""
    files = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return Sources(files)


def folder_hash(folder: Path) -> str:
    """The hash of all files below a folder, but what Python makes of them.

    Raises:
        OSError: one cannot be read.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return digest([(path.relative_to(folder).as_posix(), file_hash(path)) for path in found])


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's content.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
