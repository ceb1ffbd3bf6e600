"""Whether all copies of the state say the same, and whether it is sound."""
