"""What an erasure would do, and whether it is done."""
