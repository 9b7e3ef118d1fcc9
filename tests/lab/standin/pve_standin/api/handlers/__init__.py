"""One module per subject; importing a module registers its API methods."""
