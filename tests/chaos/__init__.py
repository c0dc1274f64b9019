"""Kill everything while patients write of danger, and count what was lost. `make chaos`, or with ARGS=--short."""
