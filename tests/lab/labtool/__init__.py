"""The lab: nodes, networks, disks and package repositories for end-to-end tests, on one Linux machine."""
