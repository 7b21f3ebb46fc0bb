"""The rows of the accessibility statement and of the style guide, which everybody may read."""

from tests.access_matrix_planning import _get
from tests.access_matrix_privacy import EVERYBODY, NOTICE

ROWS = [
    _get("{language}/accessibility/", EVERYBODY),
    _get("{language}/accessibility/<slug:name>/", NOTICE, kwargs={"name": "home"}),
    _get("{language}/styleguide/", EVERYBODY),
]
