"""Marks on their way to another system: one module per format, each naming the documentation it follows.

``rows`` reads a folder with results, ``roster`` finds its students in the list of a learning platform, and
``formats`` lists what there is. Nothing is written before everything is known to fit.
"""
