"""What is asked of a submission: ``kit`` is the vocabulary, every other package is one lab."""
