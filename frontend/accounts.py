"""Sign-in: by a code sent by mail, for people whom a coordinator has added. Nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's hooks, as Raccordo wants them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
