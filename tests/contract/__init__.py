"""One suite of tests that every vendor passes by supplying fixtures only."""
