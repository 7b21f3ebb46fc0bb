"""Signing in and out: the few of allauth's pages that Raccordo has. There are no passwords and nobody signs up."""

from allauth.account import views as allauth
from django.urls import path
from django.views.generic import RedirectView

from frontend.views import accounts, fresh, oidc, passkeys

urlpatterns = [
    path("login/", RedirectView.as_view(pattern_name="account_request_login_code", query_string=True), name="account_login"),
    path("login/code/", accounts.SignIn.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("login/passkey/", passkeys.sign_in, name="account_passkey"),
    path("login/oidc/", oidc.sign_in, name="account_oidc"),
    path("login/again/", fresh.again, name="account_again"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", accounts.no_signup, name="account_signup"),
]
