"""Finds out what keeps idweave from running. Each check stands alone."""
