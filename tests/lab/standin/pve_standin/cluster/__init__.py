"""Cluster membership: corosync.conf, creating and joining a cluster, keys and certificates."""
