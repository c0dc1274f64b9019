"""A flag as people meet it: what was written, its history, how it may be closed, and who sees what of it."""
