"""What a device answers when it makes a passkey, without a device: for tests that need one to be there, not to sign in with it."""

import json
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData


def credential(host: str = "localhost") -> dict[str, Any]:
    """A new one each time."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(Aaguid(bytes(16)), os.urandom(16), key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    attestation = AttestationObject.create("none", AuthenticatorData.create(sha256(host.encode()), flags, 0, made), {})
    client = {"type": "webauthn.create", "challenge": websafe_encode(os.urandom(32)), "origin": f"http://{host}"}
    response = {"clientDataJSON": websafe_encode(json.dumps(client).encode()), "attestationObject": websafe_encode(bytes(attestation))}
    name = websafe_encode(made.credential_id)
    return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
