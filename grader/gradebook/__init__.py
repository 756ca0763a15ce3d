"""The gradebook: every run, the points a program gave, and the marks people gave, in a database.

It is the only package that knows SQLAlchemy and Alembic; ``records`` and ``fitting`` know neither.
"""
