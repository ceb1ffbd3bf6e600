"""Keeping the assets topic true: from businesses' own lists, or from a file."""
