"""The rows of the person: the bell, passkeys, accounts at other servers (the matrix's installation has none), one's own sessions."""

from allauth.mfa.models import Authenticator

from tests.access_matrix import Row, Scene
from tests.access_matrix_planning import MEMBERS, NETWORK, PERSON, PERSON_DOES, _both, _get, _post
from tests.devices import credential

#            anonymous stranger observer other own spokesperson chair coordinator auditor
API_READERS = "401 404 200 200 200 200 200 200 200"
SEEN = "302 404 303 303 303 303 303 303 303"
LINKS = "302 302 302 302 302 302 302 302 302"
NOBODYS = "302 404 404 404 404 404 404 404 404"
NOTHING = "404 404 404 404 404 404 404 404 404"
OWN = "302 404 404 404 200 404 404 404 404"
OWN_DOES = "302 404 404 404 303 404 404 404 404"
REFUSED = "302 422 422 422 422 422 422 422 422"
OPTIONS = "200 302 302 302 302 302 302 302 302"


def _passkey(scene: Scene) -> int:
    """Of whoever represents the scene's own seat."""
    data = {"name": "canary-home", "credential": credential()}
    row = Authenticator.objects.filter(user=scene.world.home.representative).first()
    row = row or Authenticator.objects.create(user=scene.world.home.representative, type=Authenticator.Type.WEBAUTHN, data=data)
    return int(row.pk)


MINE = {"passkey_id": _passkey}
PASSKEY = "{language}/me/passkeys/<int:passkey_id>/"
REST = [
    Row("GET", "api/v1/networks/<slug:slug>/news/", API_READERS),
    Row("POST", "api/v1/networks/<slug:slug>/news/seen/", API_READERS),
]
PAGES = [
    _get(NETWORK + "news/", MEMBERS),
    _post(NETWORK + "news/seen/", SEEN),
    _get("go/passkeys", LINKS),
    _get("go/identities", LINKS),
    _get("{language}/me/passkeys/", PERSON),
    *_both("{language}/me/passkeys/add/", PERSON, REFUSED, {"name": "My phone", "credential": "{}"}),
    _get("{language}/me/passkeys/options/", PERSON),
    *_both(PASSKEY, OWN, OWN_DOES, {"name": "My phone"}, kwargs=MINE),
    *_both(PASSKEY + "remove/", OWN, OWN_DOES, kwargs=MINE),
    _get("{language}/me/identities/", NOBODYS),
    *_both("{language}/me/identities/link/", NOBODYS, NOBODYS),
    *_both("{language}/me/identities/<int:identity_id>/remove/", NOBODYS, NOBODYS, kwargs={"identity_id": 1}),
    *_both("{language}/me/sessions/end/", PERSON, PERSON_DOES),
    _get("{language}/accounts/login/again/", PERSON),
    _get("{language}/accounts/login/passkey/", OPTIONS),
    _post("{language}/accounts/login/passkey/", LINKS),
    _post("{language}/accounts/login/oidc/", NOTHING),
    _get("oidc/callback/", NOTHING),
]
