"""The system calls that a submission may not make, as a filter for bubblewrap's ``--seccomp``.

A list of what is denied, not of what is allowed, since the libraries of a notebook use most of the rest:
what reaches into other processes or the kernel, what makes namespaces, what gets memory that nobody
counts, sockets that no network namespace holds, and every call that is younger than this list. The
program is classic BPF, see seccomp(2); the numbers are those of the kernel's own tables.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass

LOAD, EQUAL, GREATER, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
ALLOW, DENY = 0x7FFF0000, 0x00050000
NUMBER_AT, ARCHITECTURE_AT = 0, 4  # in struct seccomp_data

NEWEST = 462  # mseal, Linux 6.10
NEW_NAMESPACE = 0x7E020000  # every CLONE_NEW… that clone() can name
TERMINAL_REQUESTS = (0x5412, 0x541C, 0x541D)  # TIOCSTI, TIOCLINUX, TIOCCONS: input in another's name
FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink; vsock and others leave a network namespace
PERSONALITIES = (0, 0xFFFFFFFF)  # Linux, and to ask which

# call → its numbers on x86_64 and aarch64, -1 where there is none
FORBIDDEN = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # mounts and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "statmount": (457, 457),
    "listmount": (458, 458),
    # keys, programs in the kernel, its counters and its queues
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "syslog": (103, 116),
    # the machine
    "acct": (163, 89),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "vhangup": (153, 58),
    "ioperm": (173, -1),
    "iopl": (172, -1),
    "modify_ldt": (154, -1),
    "uselib": (134, -1),
    "ustat": (136, -1),
    "sysfs": (139, -1),
    "nfsservctl": (180, 42),
    "_sysctl": (156, -1),
}
# As if the kernel lacked them, so that libraries take another way: memory that belongs to no process and
# no folder, and clone3, whose flags lie where a filter cannot look.
LACKING = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "clone3": (435, 435),
}
CLONE, IOCTL, PERSONALITY, SOCKET, SOCKETPAIR = (56, 220), (16, 29), (135, 92), (41, 198), (53, 199)


@dataclass(frozen=True)
class Architecture:
    """A processor: its code in the kernel's audit, and the place of its numbers in the tables."""

    audit: int
    column: int


ARCHITECTURES = {"x86_64": Architecture(0xC000003E, 0), "aarch64": Architecture(0xC00000B7, 1)}


def program(machine: str | None = None) -> bytes:
    """The filter for a processor, by default this one's; ``b""`` where its numbers are not known here."""
    architecture = ARCHITECTURES.get(machine or platform.machine())
    return b"" if architecture is None else b"".join(_instructions(architecture))


def _instructions(architecture: Architecture) -> list[bytes]:
    column = architecture.column
    lines = [
        _line(LOAD, ARCHITECTURE_AT),
        _line(EQUAL, architecture.audit, jump_if=1),
        _deny(errno.ENOSYS),  # a 32-bit program
        _line(LOAD, NUMBER_AT),
        _line(GREATER, NEWEST, jump_if_not=1),
        _deny(errno.ENOSYS),
        *_flat(FORBIDDEN, column, errno.EPERM),
        *_flat(LACKING, column, errno.ENOSYS),
        *_inside(CLONE[column], [_line(LOAD, _argument(0)), *_if(ANY_BIT, NEW_NAMESPACE, errno.EPERM)]),
        *_inside(IOCTL[column], _unless_none_of(_argument(1), TERMINAL_REQUESTS, errno.EPERM)),
        *_inside(PERSONALITY[column], _unless_one_of(_argument(0), PERSONALITIES, errno.EPERM)),
        *_inside(SOCKET[column], _unless_one_of(_argument(0), FAMILIES, errno.EAFNOSUPPORT)),
        *_inside(SOCKETPAIR[column], _unless_one_of(_argument(0), FAMILIES, errno.EAFNOSUPPORT)),
        _line(RETURN, ALLOW),
    ]
    return lines  # noqa: RET504 - the name says what the list is


def _flat(calls: Mapping[str, tuple[int, int]], column: int, error: int) -> list[bytes]:
    return [
        line
        for numbers in calls.values()
        if numbers[column] >= 0
        for line in _if(EQUAL, numbers[column], error)
    ]


def _inside(number: int, lines: list[bytes]) -> list[bytes]:
    """``lines`` for the one call of that number, which is allowed where they do not deny it."""
    body = [*lines, _line(RETURN, ALLOW)]
    return [_line(EQUAL, number, jump_if_not=len(body)), *body]


def _if(test: int, value: int, error: int) -> list[bytes]:
    return [_line(test, value, jump_if_not=1), _deny(error)]


def _unless_none_of(place: int, values: tuple[int, ...], error: int) -> list[bytes]:
    return [_line(LOAD, place), *(line for value in values for line in _if(EQUAL, value, error))]


def _unless_one_of(place: int, values: tuple[int, ...], error: int) -> list[bytes]:
    """Deny what is none of the values."""
    last = len(values)
    tests = [_line(EQUAL, value, jump_if=last - number) for number, value in enumerate(values)]
    return [_line(LOAD, place), *tests, _deny(error)]


def _argument(number: int) -> int:
    """Where the lower half of an argument lies; both processors are little-endian."""
    return 16 + 8 * number


def _deny(error: int) -> bytes:
    return _line(RETURN, DENY | error)


def _line(code: int, value: int, *, jump_if: int = 0, jump_if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, jump_if, jump_if_not, value)
