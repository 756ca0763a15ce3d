"""``labgrade review``: local pages on which people mark. Only ``app`` and ``server`` know the web."""
