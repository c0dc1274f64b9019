"""Stories in a real browser against the real processes and the seeded demo region."""
