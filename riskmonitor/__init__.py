"""Rules, screening, flags, escalation, the guard, and the audit of the chain."""
