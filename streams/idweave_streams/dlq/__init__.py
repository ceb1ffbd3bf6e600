"""Dead letters, read and sent back: what `idweave dlq` does."""
