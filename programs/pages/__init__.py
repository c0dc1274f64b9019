"""What a page of a module shows: its blocks, earlier answers that return, what is filled in, and the plain preview."""
