"""`python -m idweave_streams.cli`: the same as `idweave`."""

from idweave_streams.cli import main

main()
