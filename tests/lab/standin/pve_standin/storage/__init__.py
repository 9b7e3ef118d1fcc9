"""Storage of the stand-in: storage.cfg, the storage types, volumes and their status."""
