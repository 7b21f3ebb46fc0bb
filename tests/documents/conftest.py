"""Contents that are expensive to render are rendered once."""

import pytest

from meetings.documents import minutes_pdf
from tests.documents import samples


@pytest.fixture(scope="session")
def full_minutes() -> bytes:
    return minutes_pdf.render(samples.minutes())
