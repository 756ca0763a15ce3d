"""What a notebook claims in its saved outputs, read and held against its code.

``outputs`` takes the texts from the file; ``progress``, ``tables`` and ``prints`` make records of them
(``checks.kit.saved``); ``order``, ``settings``, ``stale`` and ``epochs`` look for what does not fit;
``findings`` joins this with what the lab's own module says.
"""
