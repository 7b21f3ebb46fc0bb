"""Pages for what goes wrong; each says what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from meetings.errors import NotAllowed

NOT_REPEATED = ("csrfmiddlewaretoken", "password", "choice", "confirm")
"""What the page of a refused form does not show: secrets, among them a vote."""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old to be accepted; what was typed is shown again, to be copied."""
    error = NotAllowed(
        "csrf", _("This page was open for too long. Go back, reload it and send the form again: what you typed is shown below.")
    )
    typed = [(name, value) for name, value in request.POST.items() if name not in NOT_REPEATED and value]
    return render(request, "error.html", {"error": error, "status": 403, "typed": typed}, status=403)
