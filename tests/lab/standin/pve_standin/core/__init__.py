"""What every part of the stand-in needs: paths, processes, locks, tasks, tickets and configuration files."""
