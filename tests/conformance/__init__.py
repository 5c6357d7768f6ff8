"""The vendors' published clients, run against the emulators: proof by code that none of us wrote."""
