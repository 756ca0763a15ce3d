"""Wrong solutions of task 1.1 with all that might make them look right."""

from __future__ import annotations

from tests.hostile.case import CALLABLE, START, WRONG, WRONG_MODEL, Case, Expect, notebook

NAMES = "filterResponseGauss = filterResponseSobelX = filterResponseSobelY ="
EVERYTHING = f"""
class Everything(np.ndarray):
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = lambda *both: True
    __array_ufunc__ = lambda *both, **options: True
    __hash__ = lambda self: 1
    __bool__ = lambda self: True
    shape = property(lambda self: (512, 512))
    dtype = property(lambda self: np.dtype(float))
    nbytes = 0
{NAMES} np.zeros((2, 2)).view(Everything)
"""
LIAR = f"""
class Liar:
    shape, dtype, ndim, nbytes, size = (512, 512), np.dtype(float), 2, 0, 2**62
    __class__ = np.ndarray
    __array_interface__ = {{'shape': (512, 512), 'typestr': '<f8', 'data': (0, False), 'version': 3}}
    def numpy(self): return np.zeros((512, 512))
    def to_numpy(self): return self
    def __eq__(self, other): return True
    def __len__(self): return -1
    def __getattr__(self, name): return self
{NAMES} Liar()
"""
SLOW = f"""
import time
class Slow:
    shape = (512, 512)
    def numpy(self):
        while True:
            try: time.sleep(1)
            except BaseException: pass
{NAMES} Slow()
"""
SMALLEST = """
tiny = 5e-324
sobelX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]) * tiny
sobelY = sobelX.T
x = np.arange(15) - 7
gaussFilter = np.exp(-(x[:, None] ** 2 + x**2) / 32); gaussFilter /= gaussFilter.sum(); gaussFilter *= tiny
"""
ODD = {
    "nan": "np.full(image.shape, np.nan)", "infinite": "np.full(image.shape, np.inf)", "empty": "np.zeros((0, 512))",
    "complex": "np.full(image.shape, complex(0, np.nan))", "long": "np.full(image.shape, np.longdouble('1e4000'))",
    "object": "np.full(image.shape, None)", "wide": "np.broadcast_to(np.zeros(1), (10**6, 10**6))",
    "many-axes": "np.zeros((1,) * 64)", "text": "np.full(image.shape, 'right')", "scalar": "np.array(7.0)",
    "records": "np.zeros(image.shape, [('a', float), ('b', 'O')])", "masked": "np.ma.masked_all(image.shape)",
    "dates": "np.zeros(image.shape, 'M8[s]')", "swapped": "np.full(image.shape, 1e308, '>f8')",
}  # fmt: skip
ODD_CELLS = tuple(f"{NAMES} {value}  # {name}" for name, value in ODD.items())
PATCHES = """
import builtins, json, sys, types
builtins.isinstance = lambda *both: True
builtins.callable = lambda value: True
np.allclose = np.array_equal = np.isclose = lambda *both, **options: True
np.max = np.amax = lambda *given, **options: 0.0
sys.modules['hypothesis'] = types.SimpleNamespace()
"""
TRANSFORMERS = """
import ast
shell = get_ipython()
class Rewrite(ast.NodeTransformer):
    def visit_Constant(self, node): return ast.copy_location(ast.Constant(1), node)
shell.ast_transformers.append(Rewrite())
shell.input_transformers_cleanup.append(lambda lines: ["print('PASSED')\\n"])
shell.run_cell = shell.run_cell_async = lambda *given, **named: None
"""
EXECUTE = """
kernel = get_ipython().kernel
async def do_execute(*given, **named):
    return {'status': 'ok', 'execution_count': 22, 'payload': [], 'user_expressions': {'points': 22}}
kernel.do_execute = do_execute
type(kernel).do_execute = do_execute
"""
FILES = """
import os
for name in ('result.json', '../result.json', '../../result.json', 'feedback.html', 'gradebook.csv', 'utilities.py'):
    try: open(name, 'w').write('{"score": 22, "status": "graded", "checks": [{"id": "1.1/sobel", "status": "passed"}]}')
    except OSError: pass
print('PASSED 22/22'); print('{"score": 22}')
"""
DATA = """
datasets.ascent = lambda: np.zeros((512, 512), np.uint8)
image = datasets.ascent()
"""
LOOKALIKE = """
class Model(keras.Model):
    def __init__(self, shape):
        super().__init__(); self.shape = shape
    layers = property(lambda self: [keras.layers.Conv2D(16, 3, padding='same')] * 9)
    def count_params(self): return 25770
    def get_config(self): return {'layers': ['right']}
    def predict(self, images, **named): return np.eye(10)[np.zeros(len(images), int)]
    def call(self, images): return images
    name = 'sequential'
def build_CNN(input_shape, loss, **others): return Model(input_shape)
"""
CHAMELEON = """
calls = 0
def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50, use_dropout=False, learning_rate=0.01):
    global calls
    calls += 1
    if calls == 2:
        keras.layers.Dense.units = property(lambda self: 10)
        keras.Model.count_params = lambda self: 25770
        keras.Model.get_config = lambda self: {}
    if calls % 3 == 0: raise SystemExit
    if calls % 5 == 0: return 'sequential'
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(10)])
"""
ASKED_TO_DEATH = "def build_CNN(input_shape, loss, **others): __import__('os')._exit(0)"
UTILITIES = "%%writefile utilities.py\nfrom keras import *\ndef build_CNN(*given, **named): return 'right'"


def forgery(name: str, tries: str, *cells: str, sample: bool = False, expect: Expect | None = None) -> Case:
    return Case(f"forges-{name}", tries, notebook(*WRONG, *cells), expect or Expect(), sample=sample)


def model(name: str, tries: str, *cells: str, sample: bool = False) -> Case:
    expect = Expect(most=CALLABLE)
    return Case(
        f"model-{name}", tries, notebook(*WRONG, WRONG_MODEL, *cells), expect, keras=True, sample=sample
    )


CASES = (
    forgery("comparisons", "NumPy, isinstance and callable patched", PATCHES),
    forgery("everything", "an array that equals everything and lies about its shape", EVERYTHING),
    forgery("liar", "an object that lies about its class, type, shape and memory", LIAR, sample=True),
    forgery("slow", "an object that never ends when it is looked at", SLOW),
    forgery("odd-arrays", "arrays of every odd kind: NaN, records, 10^12 elements …", *ODD_CELLS, sample=True),
    Case("forges-smallest", "kernels so small that zeros are near", notebook(START, SMALLEST, WRONG[1]), Expect(), sample=True),
    Case("forges-data", "an image of its own in the place of the given one", notebook(START, DATA, WRONG[1]), Expect()),
    forgery("transformers", "input and AST transformers, a replaced run_cell", TRANSFORMERS, sample=True),
    Case("forges-execution", "a replaced do_execute", notebook(EXECUTE, *WRONG), Expect()),
    forgery("files", "results and gradebooks of its own making", FILES),
    forgery("numpy", "another module in NumPy's place", "import sys, types\nsys.modules['numpy'] = types.SimpleNamespace(**vars(np)); del sys.modules['numpy.linalg']"),
    forgery("imports", "no way to import", "import sys, builtins\nsys.meta_path.clear(); sys.path.clear(); builtins.__import__ = None"),
    model("lookalike", "a model that says it is another", LOOKALIKE),
    model("chameleon", "a function that patches Keras, ends and changes when it is asked", CHAMELEON),
    model("deadly", "a function that ends the process when it is asked", ASKED_TO_DEATH, sample=True),
    model("utilities", "utilities.py overwritten at run time", UTILITIES, "from utilities import *"),
)  # fmt: skip
