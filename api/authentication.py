"""Who is calling: a browser's session (with CSRF) or a program's bearer token."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from meetings.network import selectors
from meetings.network.models import AccessToken, User


class Session(SessionAuthentication):
    """The session cookie; answers 401, not 403, to strangers."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class Token(BaseAuthentication):
    """`Authorization: Bearer …`. A read token may not write."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        found = selectors.access_token(token.strip())
        if found is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        if request.method not in ("GET", "HEAD", "OPTIONS") and found.scope != AccessToken.Scope.WRITE:
            raise PermissionDenied(_("This token may only read."))
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
