"""A correct solution of every task, written to be read. Only validate, audit, handout and tests open it."""
