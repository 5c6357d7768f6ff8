"""All input, output, time and chance of the library. Vendors say what to do; this does it."""
