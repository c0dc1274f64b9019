"""Pages: the patient's messages, a person's own notices, and the delivery log."""
