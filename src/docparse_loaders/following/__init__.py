"""Following the work: what happens to each file, how far all of it is, and how long it will still take."""

from docparse_loaders.following.bar import bar
from docparse_loaders.following.event import Event, Listener
from docparse_loaders.following.tally import File, Following

__all__ = ["Event", "File", "Following", "Listener", "bar"]
