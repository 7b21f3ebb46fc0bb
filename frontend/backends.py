"""Who is signed in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from meetings.network.models import User
from meetings.network.selectors import signed_in


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, which reads a person's memberships along with the person: every page asks for both."""

    def get_user(self, user_id: Any) -> User | None:
        user = signed_in(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
