"""Signing in by one click, in the demo alone (the middleware DemoGuard keeps the demo on this machine)."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from meetings.network.selectors import demo_people

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the people that the sign-in page offers. Raises Http404 outside the demo and for anybody else."""
    chosen = request.POST.get("user", "")
    if not settings.DEMO:
        raise Http404
    for membership in demo_people():
        if str(membership.user_id) == chosen:
            login(request, membership.user, backend=BACKEND)
            return HttpResponseRedirect("/")
    raise Http404
