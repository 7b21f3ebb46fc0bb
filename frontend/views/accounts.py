"""Signing in. The steps are allauth's; the first page also offers the demo's people, in the demo."""

from typing import Any

from allauth.account.views import RequestLoginCodeView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from frontend.views.invitations import ADDRESS
from meetings.network.selectors import demo_people


class SignIn(RequestLoginCodeView):  # type: ignore[misc]
    """Asks for the address that the code goes to; who comes from an invitation finds theirs there."""

    def get_initial(self) -> dict[str, Any]:
        address = self.request.session.get(ADDRESS)
        return {**super().get_initial(), **({"email": address} if address else {})}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.DEMO:
            to_files = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
            context |= {"demo_people": demo_people(), "mail_folder": settings.EMAIL_FILE_PATH if to_files else ""}
        return context


def no_signup(request: HttpRequest) -> HttpResponse:
    """People are added by a coordinator. (allauth wants the address to exist.)"""
    raise Http404
