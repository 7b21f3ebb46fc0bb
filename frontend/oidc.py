"""Sign-in with another server (OpenID Connect): allauth's steps, with every answer proven and nobody let in by an address alone.

docs/adr/0028-passkeys-and-oidc.md says why. `OIDC_*` of the environment says which server; without one nothing here is reached.
"""

import logging
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, NoReturn
from urllib.parse import urlsplit

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from frontend.views.go import language_of, reverse_in
from meetings.errors import DomainError
from meetings.network import identities

logger = logging.getLogger(__name__)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that the server alone has; never “none”, and none that is made with a shared secret."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CLAIMS = ("iss", "sub", "aud", "exp", "iat")
CLOCKS_DIFFER_BY = 60  # seconds
TIMEOUT = 5  # seconds
TROUBLE = (OAuth2Error, requests.RequestException)
MISSHAPEN = (AttributeError, KeyError, TypeError, ValueError)
"""What reading an answer of another shape than the standard's ends in."""
OF_A_TOKEN = ("access_token", "id_token")


class Unproven(OAuth2Error):  # type: ignore[misc]
    """An answer that proves nothing. Its text is ours and may stand in the log."""


def server() -> Any:
    """The configured one (`coordination.env.OpenIdConnect`). Views that get here have asked whether there is one."""
    return settings.OIDC


class OnlyThere(requests.Session):
    """Fetches from the configured server alone, and follows nothing that leads elsewhere."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        _there(url)
        response = super().request(method, url, *args, **{**kwargs, "timeout": TIMEOUT, "allow_redirects": False})
        if response.is_redirect:
            raise Unproven("the server leads elsewhere")
        return response


def _there(url: object) -> None:
    """Raises Unproven for an address of any other server."""
    parts = urlsplit(str(url))
    if f"{parts.scheme}://{parts.netloc}".lower() not in server().origins:
        raise Unproven(f"{parts.netloc[:100]!a} is neither the host of OIDC_ISSUER nor one of OIDC_HOSTS")


class Client(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """This installation as the server knows it. Raises Unproven for an answer that proves nothing."""

    @property
    def openid_config(self) -> Mapping[str, Any]:
        try:
            config = super().openid_config
        except MISSHAPEN as error:
            raise Unproven("the server does not say what it is") from error
        if not isinstance(config, dict) or str(config.get("issuer", "")).rstrip("/") != server().issuer:
            raise Unproven("the server speaks for another issuer")
        for name in ENDPOINTS:
            _there(config.get(name, ""))
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """The same in every language, and from the stored address: the server knows this one alone."""
        return settings.BASE_URL + reverse("oidc_callback")

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Of the answer only what is used."""
        try:
            answer = super().get_access_token_data(*args, **kwargs)
            return {name: str(answer[name]) for name in OF_A_TOKEN if name in answer}
        except MISSHAPEN as error:
            raise Unproven("the answer holds no token") from error

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Who it is stands in the signed token; the address may stand with what is told of the same subject."""
        claims = self._proven(app, kwargs["response"].get("id_token"))
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(token.token)
            if isinstance(more, dict) and more.get("sub") == claims["sub"]:
                claims |= {name: more[name] for name in ("email", "email_verified") if name in more}
        found = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        found.claims, found.account.extra_data = claims, {}  # nothing of it is stored but who it is
        return found

    def _proven(self, app: Any, id_token: object) -> dict[str, Any]:
        """The claims of a token that this issuer signed, for us, and that is still valid."""
        try:
            key = self._key(jwt.get_unverified_header(str(id_token)))
            rules: Any = {"require": list(CLAIMS)}
            claims: dict[str, Any] = jwt.decode(
                str(id_token),
                key=key,
                algorithms=list(ALGORITHMS),
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=CLOCKS_DIFFER_BY,
                options=rules,
            )
        except (jwt.PyJWTError, *MISSHAPEN) as error:
            raise Unproven(f"the token proves nothing: {type(error).__name__}") from error
        if not (isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= identities.LONGEST_SUBJECT):
            raise Unproven("the subject is no usable name")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise Unproven("the token is for several, and not for us")
        return claims

    def _key(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        with OnlyThere() as session:
            response = session.get(self.openid_config["jwks_uri"])
        response.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(response.json()).keys
        named = [key for key in keys if key.key_id == header.get("kid")] if header.get("kid") else keys
        if len(named) != 1 or header.get("alg") not in ALGORITHMS:
            raise Unproven("the token is signed with no key of the server's")
        return named[0]


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's hooks: where it may fetch from, and who an identity is."""

    def get_requests_session(self) -> requests.Session:
        return OnlyThere()

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = Client
        return found

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def on_authentication_error(self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **_more: Any) -> None:
        if error == AuthError.CANCELLED:
            messages.info(request, _("You did not sign in at %(server)s.") % {"server": server().name})
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_request_login_code")))
        logger.warning("sign-in with %s failed: %s", server().issuer, why(exception) if exception else error)
        raise ImmediateHttpResponse(failed(request, 503 if isinstance(exception, requests.RequestException) else 403))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Links, lets in whom the identity is linked to, and refuses everybody else."""
        state, claims = sociallogin.state, sociallogin.claims
        if not compare_digest(str(claims.get("nonce", "")), str(state.get("nonce", "-"))):
            logger.warning("sign-in with %s failed: the answer is to another question", server().issuer)
            raise ImmediateHttpResponse(failed(request, 403))
        if state["process"] == AuthProcess.CONNECT:
            _link_own(request, state, claims)
        if sociallogin.is_existing:
            return
        proven = server().trusts_addresses and claims.get("email_verified") is True
        person = identities.person_to_link(server().issuer, claims.get("email")) if proven else None
        if person is None:
            raise ImmediateHttpResponse(render(request, "account/oidc_unknown.html", {"oidc": server()}, status=403))
        identities.link(user=person, issuer=server().issuer, subject=claims["sub"])
        sociallogin.user = person


def _link_own(request: HttpRequest, state: Mapping[str, Any], claims: Mapping[str, Any]) -> NoReturn:
    """To the person who asked for it, if they are still the one who is signed in."""
    user: Any = request.user
    if not user.is_authenticated or str(user.pk) != state.get("user"):
        raise ImmediateHttpResponse(failed(request, 403))
    try:
        identities.link(user=user, issuer=server().issuer, subject=claims["sub"])
        messages.success(request, _("From now on you can sign in with %(server)s.") % {"server": server().name})
    except DomainError as error:
        messages.error(request, error.detail)
    raise ImmediateHttpResponse(HttpResponseRedirect(reverse_in(language_of(request), "frontend:identities")))


def begin(request: HttpRequest, process: str, next_url: str | None) -> HttpResponse:
    """To the server, with a question that only this browser's session can have asked."""
    provider = SocialAdapter(request).get_provider(request, server().issuer)
    nonce = get_random_string(32)
    try:
        answer: HttpResponse = provider.redirect(
            request, process, next_url=next_url, auth_params={"nonce": nonce}, nonce=nonce, user=str(request.user.pk)
        )
    except TROUBLE as error:
        return unanswered(request, error)
    return answer


def unanswered(request: HttpRequest, error: Exception) -> HttpResponse:
    """One of TROUBLE before the server had anything to prove."""
    logger.warning("%s does not answer as it should: %s", server().issuer, why(error))
    return failed(request, 503)


def why(error: Exception) -> str:
    """For the log: in our own words, else only of what kind it is. What a server answers may hold tokens, and whatever it likes."""
    return str(error) if isinstance(error, Unproven) else type(error).__name__


def failed(request: HttpRequest, status: int) -> HttpResponse:
    """The page that says so, and how one gets in all the same."""
    return render(request, "account/oidc_failed.html", {"oidc": server(), "status": status}, status=status)
