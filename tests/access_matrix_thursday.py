"""The rows of the office's Thursday: the first steps and the sample files."""

from tests.access_matrix import Row

#        anonymous stranger observer other own spokesperson chair coordinator auditor
OFFICE = "302 404 403 403 403 403 403 200 403"
OFFICE_DOES = "302 404 403 403 403 403 403 303 403"
NETWORK = "{language}/<slug:slug>/"

ROWS = [
    Row("GET", NETWORK + "first-steps/", OFFICE),
    Row("POST", NETWORK + "first-steps/", OFFICE_DOES, form=True),
    Row("GET", NETWORK + "first-steps/next/", "302 404 403 403 403 403 403 302 403"),
    Row("GET", NETWORK + "municipalities/import/example/", OFFICE),
    Row("GET", NETWORK + "people/import/example/", OFFICE),
]
