"""Returns solved by a program that we did not write, against the departments' rules."""
