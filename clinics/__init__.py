"""People, organisation, care assignments, absence and cover, working time, access and the audit log."""
