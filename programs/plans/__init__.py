"""What is decided or written to last: the crisis plan, the plan ahead, the sleep window."""
