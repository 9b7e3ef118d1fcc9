"""Software-defined networks: what is staged, what runs, and what each node makes of it."""
