"""The tables' state, read without touching a worker: copies, snapshots, comparisons."""
