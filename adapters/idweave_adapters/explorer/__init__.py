"""The explorer: one page that shows persons and why, by asking the query API.

Its files hold nothing of anybody, so they need no credential; all that is shown comes
from the API, with the key of whoever looks.
"""

from idweave_adapters.explorer.files import READING, Explorer, File

__all__ = ["READING", "Explorer", "File"]
