"""Whom a flag turns to, in which order and after how long: a clinic's plan, what it would do, and the next step."""
