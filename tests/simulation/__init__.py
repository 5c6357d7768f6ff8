"""Whole lives of jobs under faults that come by chance, on a clock that takes no time."""
