"""Which questionnaires are asked when, with whose words, and who fills them in."""
