"""One class on many machines: submissions travel to the nodes of a Ray cluster, results travel back."""
