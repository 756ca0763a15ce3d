"""Wrong solutions that lie on the way to the grader: replaced answers, forged, replayed and malformed messages."""

from __future__ import annotations

from tests.hostile.case import WRONG, Case, Expect, notebook

ANSWER = """
kernel = get_ipython().kernel
honest = dict(kernel.operations)
def deep(levels): return [deep(levels - 1)] if levels else []
kernel.operations['observe'] = lambda arrays, **asked: ({answer}, {arrays})
"""
CHANGED = "[dict(variable=v, type='ndarray', content='a') for v in ('filterResponseGauss', 'filterResponseSobelX', 'filterResponseSobelY')]"
ODD = {
    "verdicts": ("dict(status='passed', score=22, points=22, checks=[dict(id='1.1/sobel', status='passed', points=4)], changed=[])", "[]"),
    "nothing": ("None", "None"),
    "types": ("dict(changed={}, contents=7, models=[1], sources=[2], fits='x', uses=None, events=[[]], networks=[3])", "[]"),
    "more-types": (f"dict(changed={CHANGED} + [None, 1, dict(variable=[], type={{}}, content=[])], contents=['a', ['b'], None], fits=[{{}}] * 3, uses=[{{}}], events=[dict(data=[], arrays=7)])", "[np.zeros(3)] * 2"),
    "large-numbers": ("dict(fits=[dict(epochs=10**4000, steps_per_epoch=10**4000, order=-10**4000, batch_size=float('inf'), validation_split=float('nan'))], models=[dict(name='m', identity=10**4000)])", "[]"),
    "deep": ("dict(changed=deep(300), events=[dict(kind='x', data=dict(a=deep(300)))])", "[]"),
    "many": ("dict(changed=[dict(variable='filterResponseGauss', type='x' * 99, content=str(n)) for n in range(100_000)], contents=list(map(str, range(3000))))", "[np.zeros(1)] * 3000"),
    "arrays": (f"dict(changed={CHANGED}, contents=['a'])", "[np.zeros((0, 2**40))]"),
    "no-arrays": (f"dict(changed={CHANGED}, contents=['a'])", "[np.array([object()] * 9)]"),
    "names": (f"dict(changed={CHANGED}, contents=['../../evil', '/etc/passwd', 'a/../../b', chr(0), 'x' * 10**6])", "[np.zeros(2)] * 5"),
}  # fmt: skip

SPECIFIED = """
kernel = get_ipython().kernel
sent = kernel.session.send
specs = iter({specs} * 99)
def send(stream, kind, content=None, *given, **named):
    if kind == 'labgrade_reply':
        content = dict(status='ok', data=dict(changed=[]), arrays=[next(specs)])
        named['buffers'] = [b'12345678' * 9]
    return sent(stream, kind, content, *given, **named)
kernel.session.send = send
"""
SPECS = """[dict(dtype='O', shape=[9]), dict(dtype='f8', shape=[-1]), dict(dtype='f8', shape=[2**70]), dict(dtype='V9', shape=[1]),
 dict(dtype='f8,(', shape=[]), dict(dtype='(2,2)f8', shape=[9]), dict(dtype='f8', shape='x'), dict(dtype=7), 8, None,
 dict(dtype='f8', shape=[[1]]), dict(dtype='f8', shape=[float('nan')]), dict(dtype='b', shape=[1] * 99)]"""
STATUS = """
kernel = get_ipython().kernel
sent = kernel.session.send
replies = iter([dict(status='raised', ename=[[]] * 9, evalue=dict(a=1)), dict(status='failed', traceback=7), dict(status=[]), {}, dict(status='ok', data=[])] * 99)
def send(stream, kind, content=None, *given, **named):
    return sent(stream, kind, next(replies) if kind == 'labgrade_reply' else content, *given, **named)
kernel.session.send = send
"""
REPLAY = """
kernel = get_ipython().kernel
sent = kernel.session.send
kept = []
def send(stream, kind, content=None, *given, **named):
    if kind == 'labgrade_reply':
        kept.append(content)
        content = kept[0]
        named['buffers'] = []
    return sent(stream, kind, content, *given, **named)
kernel.session.send = send
"""
FLOOD = """
kernel = get_ipython().kernel
sent = kernel.session.send
def send(stream, kind, content=None, *given, **named):
    if kind == 'labgrade_reply':
        for number in range(3000):
            sent(stream, kind, dict(status='ok', data=dict(points=22)), dict(header=dict(msg_id=str(number))), ident=named.get('ident'))
    return sent(stream, kind, content, *given, **named)
kernel.session.send = send
"""
RAW = """
kernel = get_ipython().kernel
sent = kernel.session.send
def send(stream, kind, content=None, *given, **named):
    if kind == 'labgrade_reply':
        ident = named.get('ident') or []
        for frames in ([b'x'], [b'<IDS|MSG>'], [b'<IDS|MSG>', b'', b'{}', b'{}', b'{}', b'{}'], [b'<IDS|MSG>'] + [b'[' * 9999] * 5):
            try: stream.send_multipart([*ident, *frames])
            except Exception as error: print(error)
    return sent(stream, kind, content, *given, **named)
kernel.session.send = send
"""
FORGED_OUTPUTS = """
kernel = get_ipython().kernel
def send(kind, **content): kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
send('error', ename=3, evalue=[], traceback=5)
send('stream', name=7, text={})
send('display_data', data=7, metadata=[])
send('execute_result', data={'text/plain': 5, 'text/html': {}}, metadata=None, execution_count='x')
send('status', execution_state='idle')
send('labgrade_reply', status='ok', data={'points': 22})
"""
WHEN = {
    "session-key": "get_ipython().kernel.session.key = b'forged'",
    "no-json": "import json\njson.dumps = lambda *given, **options: '{}'",
    "no-handlers": "get_ipython().kernel.shell_handlers.clear()",
    "no-operations": "get_ipython().kernel.operations.clear()",
    "no-observer": "get_ipython().kernel.observer = None",
}  # fmt: skip


def lie(name: str, tries: str, cell: str, *, sample: bool = False) -> Case:
    """Cells before and after the lie: what it breaks costs the cell that told it."""
    return Case(
        f"lies-{name}", tries, notebook(WRONG[0], cell, WRONG[1], "print('last')"), Expect(), sample=sample
    )


CASES = (
    *(
        lie(name, f"a replaced observer that answers with {name.replace('-', ' ')}", ANSWER.format(answer=answer, arrays=arrays), sample=name in ("large-numbers", "deep"))
        for name, (answer, arrays) in ODD.items()
    ),
    lie("specifications", "arrays whose specification is wrong, negative, endless or of objects", SPECIFIED.format(specs=SPECS), sample=True),
    lie("status", "answers whose status is of any type", STATUS),
    lie("replay", "the first answer again and again", REPLAY, sample=True),
    lie("flood", "three thousand answers before the true one", FLOOD),
    lie("frames", "frames that are no messages", RAW),
    lie("outputs", "forged outputs, status and results on the public channel", FORGED_OUTPUTS, sample=True),
    *(lie(name, f"a broken kernel: {name.replace('-', ' ')}", cell) for name, cell in WHEN.items()),
)  # fmt: skip
