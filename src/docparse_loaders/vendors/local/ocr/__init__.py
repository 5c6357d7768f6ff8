"""Pages without a text layer: read by RapidOCR, and laid out like any other page."""
