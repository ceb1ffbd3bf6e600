"""One module per stage: decode, call one core function, carry out its effects."""
