"""The cluster file system mounted on /etc/pve, replicated over corosync's process groups."""
