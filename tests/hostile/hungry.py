"""Notebooks that take all there is, bounded so that a machine survives them where the sandbox does not hold.

None takes more than 12 GB of memory, 6,000 processes or 30 GB of disk.
"""

from __future__ import annotations

from tests.hostile.case import RESPONSES, RIGHT, START, WRONG, Case, Expect, notebook

BROKEN = ("out_of_memory", "died", "timeout", "error", "ok")
MEMORY = "kept = []\nfor _ in range(110): kept.append(np.ones(100 * 2**20 // 8))"
FAMILY = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        kept = np.ones(1_300 * 2**20 // 8)
        time.sleep(60)
        os._exit(0)
time.sleep(20)
"""
SHARED = """
import os
for place, size in (('/dev/shm/a', 5), ('/tmp/a', 5)):
    with open(place, 'wb') as file:
        for _ in range(size * 10): file.write(os.urandom(2**20) * 100)
"""
FORKS = """
import os, time
until = time.time() + 15
made = 0
while made < 5_000 and time.time() < until:
    try:
        if os.fork() == 0:
            time.sleep(20); os._exit(0)
        made += 1
    except OSError:
        time.sleep(0.01)
print(made)
"""
THREADS = """
import threading, time
made = 0
try:
    for _ in range(5_000):
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        made += 1
except RuntimeError as error: print(error)
print(made)
"""
DISK = """
block = bytes(100 * 2**20)
for number in range(250):
    open(f'full-{number}', 'wb').write(block)
"""
INODES = "import os\nos.mkdir('many')\nfor n in range(400_000): open(f'many/{n}', 'w').close()"
SPARSE = (
    "with open('sparse', 'wb') as file: file.truncate(2**42)\nimport os; print(os.path.getsize('sparse'))"
)
SCREEN = "while True: print('y' * 1000)"
LINE = "print('y' * 300 * 2**20)"
STORM = "from IPython.display import display, HTML\nhandle = display(HTML('a'), display_id=True)\nwhile True: handle.update(HTML('y' * 10_000))"
MANY = "from IPython.display import display\nfor _ in range(300_000): display({'text/plain': 'y'}, raw=True)"
CLEAR = "from IPython.display import clear_output\nwhile True: print('x' * 100); clear_output(wait=False)"
LISTS = """
kernel = get_ipython().kernel
sent = kernel.session.send
def send(stream, kind, content=None, *given, **named):
    if kind == 'labgrade_reply': content = dict(status='ok', data=dict(changed=[[]] * 40_000_000))
    return sent(stream, kind, content, *given, **named)
kernel.session.send = send
"""
FRAMES = """
kernel = get_ipython().kernel
kernel.operations['observe'] = lambda arrays, **asked: (dict(contents=list('abcdefghijklmnopqrst'), changed=[]), [np.zeros(300 * 2**20 // 8)] * 20)
"""
SPEAKS = """
kernel = get_ipython().kernel
text = 'y' * 200 * 2**20
for _ in range(30):
    kernel.session.send(kernel.iopub_socket, 'stream', dict(name='stdout', text=text), parent=kernel.get_parent())
"""


def hungry(name: str, tries: str, cell: str, *says: str, heavy: bool = True, sample: bool = False) -> Case:
    """A right hand-in with such a cell at its end: what came before counts, and it may lose the rest."""
    expect = Expect(most=4, run=BROKEN, says=says)
    return Case(f"takes-{name}", tries, notebook(*RIGHT, cell), expect, heavy=heavy, sample=sample)


CASES = (
    hungry("memory", "11 GB of memory", MEMORY),
    hungry("memory-of-many", "10 GB of memory in eight processes", FAMILY),
    hungry("shared-memory", "10 GB in /dev/shm and /tmp", SHARED),
    hungry("processes", "5,000 processes", FORKS),
    hungry("threads", "5,000 threads", THREADS),
    hungry("disk", "25 GB of disk", DISK),
    hungry("files", "400,000 files", INODES),
    hungry("sparse-files", "a file of 4 TB that is empty", SPARSE, heavy=False),
    hungry("lines", "print without end", SCREEN, heavy=False, sample=True),
    hungry("one-line", "one line of 300 MB", LINE),
    hungry("updates", "a display that is updated without end", STORM),
    hungry("displays", "300,000 small outputs", MANY),
    hungry("clears", "outputs written and cleared without end", CLEAR),
    Case("answers-lists", "an answer of forty million empty lists", notebook(START, LISTS, RESPONSES, *WRONG), Expect(run=BROKEN), heavy=True),
    Case("answers-arrays", "an answer of twenty arrays of 300 MB", notebook(START, FRAMES, *WRONG), Expect(run=BROKEN), heavy=True),
    Case("speaks", "outputs of 200 MB, thirty of them", notebook(*WRONG, SPEAKS), Expect(run=BROKEN), heavy=True),
)  # fmt: skip
