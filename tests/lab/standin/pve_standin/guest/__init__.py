"""Guests of the stand-in: configuration files and disks are real, running is a marker (there is no hypervisor)."""
