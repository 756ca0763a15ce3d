"""Errors whose text a user reads."""


class UsageProblem(Exception):  # noqa: N818
    """The call cannot be carried out as given: one line that says what is wrong and what to do.

    The command line prints it without a traceback and exits with status 2.
    """
