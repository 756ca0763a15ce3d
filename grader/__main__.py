"""``python -m grader`` is ``labgrade``."""

from grader.cli import main

if __name__ == "__main__":
    main()
