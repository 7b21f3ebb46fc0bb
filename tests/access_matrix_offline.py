"""The rows of what works without a line: the same for everybody."""

from tests.access_matrix import Row

ALL_200 = "200 200 200 200 200 200 200 200 200"

PAGES = [
    Row("GET", "sw.js", ALL_200),
    Row("GET", "{language}/offline/", ALL_200),
]
