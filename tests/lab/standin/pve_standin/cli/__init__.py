"""The command line programs; each module has a `main()` that its executable calls."""
