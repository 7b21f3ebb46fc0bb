"""Installations with something in every corner, borrowed from those who back them up and who erase people from them."""

from tests.backup.conftest import emptied, installation, media
from tests.privacy.conftest import traced

__all__ = ["emptied", "installation", "media", "traced"]
