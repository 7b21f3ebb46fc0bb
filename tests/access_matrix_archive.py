"""The rows of the archive: everybody in the network may search, and finds what is theirs (tests/archive/test_visibility.py)."""

from tests.access_matrix import Row

#          anonymous stranger observer other own spokesperson chair coordinator auditor
MEMBERS = "302 404 200 200 200 200 200 200 200"
PROGRAMS = "401 404 200 200 200 200 200 200 200"
WITHOUT_WORDS = "401 404 422 422 422 422 422 422 422"

PAGES = [
    Row("GET", "{language}/<slug:slug>/archive/", MEMBERS),
    Row("GET", "{language}/<slug:slug>/archive/", MEMBERS, scene="circulating"),
]
REST = [
    Row("GET", "api/v1/networks/<slug:slug>/search/", WITHOUT_WORDS),
]
