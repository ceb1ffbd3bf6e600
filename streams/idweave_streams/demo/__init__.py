"""A minute of the whole thing: simulated Meta, realistic traffic, and a verdict."""
