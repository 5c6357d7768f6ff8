"""The frameworks at work: their own test classes, agents and stores. Needs the group `frameworks`."""
