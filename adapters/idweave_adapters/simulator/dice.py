"""Randomness that comes from a seed: the same seed gives the same run, everywhere."""

import random


def dice(*seed: object) -> random.Random:
    """A generator for one purpose, named by its seed parts.

    Text seeds go through SHA-512, so neither the hash seed of the process nor a
    neighbour's draws change what comes out.
    """
    return random.Random("/".join(map(str, seed)))  # noqa: S311 - a simulation, no secrets


def chance(rng: random.Random, share: float) -> bool:
    """True in this share of draws."""
    return rng.random() < share
