"""Notebooks that try to get out: to the network, other files, other processes, and to whoever comes next."""

from __future__ import annotations

from tests.hostile.case import RIGHT, WRONG, Case, Expect, notebook, tells

CONNECT = "__import__('socket').create_connection(({host!r}, {port}), timeout=2)"
UDP = "__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', <<PORT>>)) == 1 and None"
UNIX = "__import__('socket').socket(1).connect({name}) is None"
ENVIRONMENTS = (
    "[p for p in __import__('glob').glob('/proc/*/environ') if b'hostile-secret' in open(p, 'rb').read()]"
)
PROCESSES = "[p for p in __import__('glob').glob('/proc/[0-9]*/cmdline') if b'grader' in open(p, 'rb').read().replace(b'labgrade_kernel', b'')]"
CALL = "__import__('ctypes').CDLL(None, use_errno=True).{call} >= 0"
DESCRIPTORS = "[t for t in (__import__('os').readlink(f'/proc/self/fd/{n}') for n in __import__('os').listdir('/proc/self/fd') if __import__('os').path.lexists(f'/proc/self/fd/{n}')) if 'evidence' in t or '<<OUT>>' in t or '<<CHECKOUT>>' in t]"
OPEN = "open({path!r}).read()"
WRITE = "open({path!r} + '/written-by-a-submission', 'w').write('x')"
HIDDEN = "[p for p in __import__('glob').glob(__import__('os').environ['LAB_DATA'] + '/../../**/*', recursive=True) if 'hidden' in p or 'label' in p.lower()]"

LEAVE = """
import os, pathlib, sys
left = 'labgrade-left-behind'
for place in ('/tmp', '/dev/shm', '/var/tmp', os.environ['HOME'], os.environ['LAB_DATA'], sys.prefix):
    try: (pathlib.Path(place) / left).write_text('x')
    except OSError: pass
for start in ('~/.ipython/profile_default/startup', '~/.keras', '~/.config/matplotlib'):
    folder = pathlib.Path(start).expanduser(); folder.mkdir(parents=True, exist_ok=True)
    (folder / '00-left.py').write_text("print('REA' + 'CHED by a startup file')")
"""
LOOK = tells(
    "[p for p in ('/tmp', '/dev/shm', '/var/tmp', __import__('os').environ['HOME'], __import__('os').environ['LAB_DATA'], __import__('sys').prefix) if __import__('os').path.exists(p + '/labgrade-left-behind')]",
    "__import__('glob').glob(__import__('os').path.expanduser('~/.ipython/profile_default/startup/*.py'))",
)


def escape(name: str, tries: str, *attempts: str, sample: bool = False) -> Case:
    """A hand-in that deserves nothing, and reports what it could reach."""
    return Case(name, tries, notebook(*WRONG, tells(*attempts)), Expect(), sample=sample)


CASES = (
    escape("net-loopback", "the listener on this machine", *(CONNECT.format(host=host, port="<<PORT>>") for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0")), UDP, sample=True),
    escape("net-sockets", "the listener by way of files and names", UNIX.format(name="'<<OUTSIDE>>/socket'"), UNIX.format(name="chr(0) + '<<SOCKET>>'"), UNIX.format(name="'/var/run/docker.sock'"), UNIX.format(name="'/run/dbus/system_bus_socket'"), sample=True),
    escape("net-outside", "the world", CONNECT.format(host="1.1.1.1", port=443), CONNECT.format(host="169.254.169.254", port=80), "__import__('socket').getaddrinfo('pypi.org', 443)"),
    escape("files-of-ours", "the solution, the checks and the grader", *(OPEN.format(path=f"<<CHECKOUT>>/{path}") for path in ("reference/cnn/convolutions.py", "checks/cnn/rubric.toml", "checks/cnn/answers.toml", "grader/session.py", "submissions/demo/ada/2D_CNN.ipynb")), "__import__('reference')", "__import__('checks')", "__import__('grader')"),
    escape("files-of-others", "other submissions, results, the home, canaries", OPEN.format(path="<<OUTSIDE>>/canary.txt"), OPEN.format(path="<<CLASSROOM>>/good-ada/lab.ipynb"), "__import__('os').listdir('<<CLASSROOM>>')", "__import__('os').listdir('<<OUT>>')", OPEN.format(path="/etc/shadow"), OPEN.format(path="/proc/1/root<<OUTSIDE>>/canary.txt"), OPEN.format(path="/root/.bashrc"), sample=True),
    escape("labels", "the labels of the hidden images", HIDDEN),
    escape("writes", "files outside its own folder", *(WRITE.format(path=path) for path in ("<<OUTSIDE>>", "<<CLASSROOM>>", "<<OUT>>", "<<CHECKOUT>>", "/", "/usr", "/etc", "/var", "/root", "/dev")), "open(__import__('labgrade_kernel').__file__, 'a')", sample=True),
    escape("secret", "the grader's environment, arguments and files", ENVIRONMENTS, PROCESSES, DESCRIPTORS, "'hostile-secret' in str(dict(__import__('os').environ))", sample=True),
    escape("rights", "mounts, namespaces, tracing, another user", CALL.format(call="mount(b'none', b'/tmp', b'tmpfs', 0, None)"), CALL.format(call="ptrace(16, 1, 0, 0)"), "__import__('os').setuid(0) is None and __import__('os').getuid() == 0", "__import__('os').chroot('/') is None", "open('/proc/sys/kernel/hostname', 'w')", "__import__('os').kill(<<PORT>>, 0) is None"),
    Case("leaves-behind", "files, caches and startup files for whoever comes next", notebook(*WRONG, LEAVE), Expect(), sample=True),
    Case("looks-behind", "what another submission may have left", notebook(*RIGHT, LOOK), Expect(most=4, least=4), sample=True),
)  # fmt: skip
