"""A class folder with the worst of it: hostile and broken submissions, each with what must come of it."""
