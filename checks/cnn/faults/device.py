"""Task 2.1: cells that stop on a machine without a graphics card, or that never ask for one."""

from __future__ import annotations

from checks.kit.fault import Fault, Rewrite, drop_cell, insert_cell, replace, replace_cell

CELL = "list_physical_devices"
LISTED = "physical_devices = tf.config.experimental.list_physical_devices('GPU')"
GUARDED = """if len(physical_devices) > 0:
    tf.config.experimental.set_memory_growth(physical_devices[0], True)
    print('Running on GPU', physical_devices)
else:
    print('Running on CPU')"""
CHECK = "2.1/device"

FAULTS = (
    Fault(
        "device-first-gpu-taken", CHECK, words=("IndexError", "if gpus:"),
        edits=replace(
            GUARDED, "tf.config.experimental.set_memory_growth(physical_devices[0], True)"
        ),
    ),
    Fault(
        "device-name-of-the-first-gpu", CHECK, words=("IndexError", "without a graphics card"),
        edits=replace(GUARDED, "print('Running on', physical_devices[0].name)"),
    ),
    Fault("device-cell-left-out", CHECK, words=("No cell lists",), edits=drop_cell(CELL)),
    Fault(
        "device-asking-commented-out", CHECK, words=("No cell lists",),
        edits=replace_cell(CELL, """
            import tensorflow as tf
            # physical_devices = tf.config.list_physical_devices('GPU')
            print('Running on GPU')
        """),
    ),
    Fault(
        "device-only-set", CHECK, words=("No cell lists",),
        edits=replace_cell(CELL, """
            import os
            import tensorflow as tf
            os.environ["CUDA_VISIBLE_DEVICES"] = "0"
            print('Running on GPU 0')
        """),
    ),
    Fault(
        "device-misspelt", CHECK, words=("AttributeError", "spelt"),
        edits=replace(LISTED, "physical_devices = tf.config.list_physical_device('GPU')"),
    ),
    Fault(
        "device-asserted", CHECK, words=("AssertionError", "Print"),
        edits=replace(GUARDED, "assert len(physical_devices) > 0, 'no GPU found'"),
    ),
    Fault(
        "device-tensorflow-not-imported", CHECK, words=("NameError", "import"),
        edits=replace_cell(CELL, "gpus = tensorflow.config.list_physical_devices('GPU')\nprint(gpus)"),
    ),
    Fault(
        "device-nvidia-smi-demanded", CHECK, words=("FileNotFoundError", "nvidia-smi"),
        edits=replace_cell(CELL, """
            import subprocess
            print(subprocess.run(['nvidia-smi'], check=True, capture_output=True, text=True).stdout)
        """),
    ),
    Fault(
        "device-error-raised", CHECK, words=("SystemError", "GPU device not found"),
        edits=replace_cell(CELL, """
            import tensorflow as tf
            device_name = tf.test.gpu_device_name()
            if device_name != '/device:GPU:0':
                raise SystemError('GPU device not found')
        """),
    ),
    Fault(
        "device-memory-growth-of-the-cpu", CHECK, words=("ValueError", "for gpu in gpus:"),
        edits=replace_cell(CELL, """
            import tensorflow as tf
            devices = tf.config.list_physical_devices()
            tf.config.experimental.set_memory_growth(devices[0], True)
        """),
    ),
)  # fmt: skip


def _rewrite(name: str, source: str) -> Rewrite:
    return Rewrite(f"device-{name}", tasks=("2.1",), edits=replace_cell(CELL, source))


REWRITES = (
    Rewrite("device-as-handed-out", tasks=("2.1",)),
    Rewrite("device-reference", tasks=("2.1",), base="solution"),
    _rewrite("loop-over-gpus", """
        import tensorflow as tf
        gpus = tf.config.list_physical_devices('GPU')
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        print('Number of GPUs:', len(gpus))
    """),
    _rewrite("error-caught", """
        import tensorflow as tf
        gpus = tf.config.list_physical_devices('GPU')
        try:
            tf.config.experimental.set_memory_growth(gpus[0], True)
        except (IndexError, RuntimeError) as e:
            print(e)
    """),
    _rewrite("logical-devices", """
        import tensorflow as tf
        print(tf.config.list_logical_devices('GPU'))
    """),
    _rewrite("name-of-the-gpu", """
        import tensorflow as tf
        print('GPU:', tf.test.gpu_device_name() or 'none', tf.test.is_gpu_available())
    """),
    _rewrite("device-lib", """
        from tensorflow.python.client import device_lib
        print(device_lib.list_local_devices())
    """),
    _rewrite("keras", """
        import keras
        print(keras.distribution.list_devices())
    """),
    _rewrite("nvidia-smi", "!nvidia-smi"),
    _rewrite("torch", """
        import torch
        print(torch.cuda.is_available())
    """),
    _rewrite("switched-off", """
        import os
        os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
        import tensorflow as tf
        print(tf.config.list_physical_devices())
    """),
    _rewrite("other-error-below", """
        import tensorflow as tf
        print(tf.config.list_physical_devices('GPU'))
        print(not_defined_yet)
    """),
    Rewrite(
        "device-second-try", tasks=("2.1",),
        edits=(
            replace(GUARDED, "tf.config.experimental.set_memory_growth(physical_devices[0], True)"),
            insert_cell("print(tf.config.list_physical_devices('GPU'))", after=CELL),
        ),
    ),
)  # fmt: skip
