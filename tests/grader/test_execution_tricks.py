"""Cells that break the way to the kernel, or forge its messages, cost themselves at most."""

from __future__ import annotations

import json

import pytest

from grader import execution, kernels
from tests.grader.runs import Ran, notebook_of, run_alone, run_of

TRICKS = {
    "forged-key": "get_ipython().kernel.session.key = b'forged'",
    "patched-json": "import json\njson.dumps = lambda *given, **options: '{}'",
    "handlers-gone": "get_ipython().kernel.shell_handlers.clear()",
    "operations-gone": "get_ipython().kernel.operations.clear()",
    "observer-gone": "get_ipython().kernel.observer = None",
    "answers-nothing": "get_ipython().kernel.operations['observe'] = lambda *given, **named: None",
}


@pytest.mark.parametrize("names", [tuple(TRICKS)[:3], tuple(TRICKS)[3:]], ids=", ".join)
def test_a_broken_connection_costs_the_cell_that_broke_it(given, monkeypatch, names):
    """A cell after which the kernel no longer answers as ours does is left out, and all others count."""
    monkeypatch.setattr(kernels.Kernel.ask, "__defaults__", ((), 3.0))
    one, two, three = (TRICKS[name] for name in names)
    ran = run_alone(given, notebook_of("x = 'kept'", one, "print(1)", two, three, "print(x)"))
    assert ran.kernel is not None
    assert ran.errors() == [(cell, "Stopped") for cell in (2, 4, 5)]
    assert (ran.text(3), ran.text(6)) == ("1\n", "kept\n")


SEND = """
kernel = get_ipython().kernel
def send(kind, **content):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
{call}
print("sent")
"""


@pytest.mark.parametrize(
    "call",
    [
        "send('error', ename=3, evalue=[], traceback=5)",
        "send('error', ename='E', evalue='', traceback=[None, {}, 3])",
        "send('error')",
        "send('stream', name=7, text={})",
        "send('display_data', data=7, metadata=[])",
        "send('execute_result', data={'text/plain': 5, 'text/html': {}}, metadata=None, execution_count='x')",
        "send('execute_input', execution_count={})",
        "send('status', execution_state='idle')",
        "send('clear_output', wait='x')",
        "send('no_such_message', a=1)",
        "send('display_data', data={'text/plain': 'x' * 10}, metadata={}, transient={'display_id': []})",
    ],
)
def test_forged_messages_cost_their_own_cell_at_most(live, call):
    """A notebook that sends messages of its own neither stops the grader nor hides the cells after it."""
    own = run_of(notebook_of(SEND.format(call=call), "print('after')"), live.base / "evidence", [])
    assert live.runner.run(execution._run_once(own, live.kernel)), own.left_out
    summary = execution.summary(own, 1.0)
    assert {error.cell for error in summary.errors} <= {1}
    assert "after" in Ran(own, summary, live.kernel).text(2)
    json.dumps(own.notebook)
