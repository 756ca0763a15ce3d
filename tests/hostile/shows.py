"""Notebooks that try to run a script on the page of whoever reads it."""

from __future__ import annotations

import json

from tests.grader.page_reports import MARKUP, hostile_notebook
from tests.hostile.case import START, WRONG, WRONG_MODEL, Case, Expect, folder, notebook, text_of

TEXT = MARKUP.replace("\ud800", "")
SHOW = f"""
from IPython.display import display
html = {TEXT!r}
script = '<script>trap("html")</script>'
for kind, value in {{
    'text/html': html, 'text/markdown': html + script, 'text/latex': html, 'text/plain': html, 'application/javascript': "trap('js')",
    'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg" onload="trap(1)"><script>trap(2)</script></svg>', 'application/json': {{'a': html}},
    'image/png': '"><script>trap(3)</script>', 'image/gif': script, 'application/pdf': script, 'video/mp4': script,
    'application/vnd.jupyter.widget-view+json': {{'model_id': script}}, 'application/vnd.plotly.v1+json': {{'data': [script]}},
    'application/vdom.v1+json': {{'tagName': 'script', 'children': ['trap(4)']}}, html: html,
}}.items():
    display({{kind: value, **({{}} if kind == 'text/plain' else {{}})}}, raw=True)
print(html)
import sys; print(html, file=sys.stderr)
"""
RAISES = f"""
text = {TEXT!r}
raise type('<img src=x onerror=trap(5)>', (Exception,), {{}})(text)
"""
TYPES = f"""
odd = type('<img src=x onerror=trap(6)>', (), {{'__repr__': lambda self: {TEXT!r}}})()
filterResponseGauss = filterResponseSobelX = filterResponseSobelY = odd
"""
LAYERS = f"""
def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50, use_dropout=False, learning_rate=0.01):
    class Odd(keras.layers.Layer):
        def call(self, x): return x
    Odd.__name__ = Odd.__qualname__ = {TEXT!r}
    model = keras.Sequential([keras.Input(input_shape), Odd(), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.compile(loss=loss, optimizer="sgd", metrics=[{TEXT!r}])
    return model
"""
CASES = (
    Case("shows-everything", "outputs of every MIME type, each with a script", notebook(*WRONG, SHOW), Expect(), sample=True),
    Case("shows-text", "Markdown and sources with scripts, styles, frames and links", folder({"lab.ipynb": json.dumps(hostile_notebook()).replace("{7 * 7}", "").replace('"cells": [', '"cells": [' + json.dumps({"cell_type": "code", "source": START}) + ", ")}), Expect(), sample=True),
    Case("shows-errors", "an error whose name and text are markup", notebook(*WRONG, RAISES), Expect(), sample=True),
    Case("shows-types", "values whose type and text are markup", notebook(START, TYPES), Expect()),
    Case("shows-names", "a notebook and helper files named as markup", folder({"<img src=x onerror=trap(7)>.ipynb": text_of(*WRONG), "<script>trap(8)</script>.ipynb".replace("/", "-"): text_of("x"), "\u202eyp.py": ""}), Expect()),
    Case("shows-layers", "layers and metrics named as markup", notebook(*WRONG, WRONG_MODEL, LAYERS), Expect(most=3), keras=True),
)  # fmt: skip
