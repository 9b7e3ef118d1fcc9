"""Guests of the stand-in: configuration files and disks are real, running is a marker or a process of QEMU."""
