"""One patient's way through a programme: what stands open, what comes next, what was changed, who reads."""
