"""Which rules are in force, and how they are changed: whether a process may screen, what a dry run shows."""
