"""High availability of the stand-in: configuration and status. No manager acts on it."""
