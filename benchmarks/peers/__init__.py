"""What people use today, each set up as its own documentation says, and measured by the same code as this library."""
