"""The demo region: invented people whose treatments are made by the same verbs as everyone else's."""
