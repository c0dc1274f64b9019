"""Threads between patient and therapist, and notices to people outside the pages."""
