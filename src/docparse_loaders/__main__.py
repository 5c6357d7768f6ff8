"""`python -m docparse_loaders` is the command `docparse-loaders`."""

from docparse_loaders.cli import main

main()
