"""The mails of the sign-in. They belong to no network, and nobody can refuse them."""

from datetime import timedelta

from django.utils.translation import gettext as _

from meetings.notifications.letters import Context, Letter, letter

CODE_LIVES = timedelta(minutes=15)


@letter("sign_in_code", urgent=True, life=CODE_LIVES, secrets=("code",))
def sign_in_code(context: Context) -> Letter:
    """The code stands on a line of its own, to be copied."""
    valid = _("Enter it on the page where you asked for it. It is valid for %(minutes)s minutes and works once.")
    return Letter(
        subject=_("Your code for Raccordo"),
        paragraphs=[_("Your sign-in code for Raccordo:"), context["code"], valid % {"minutes": context["minutes"]}],
        links=[(_("Raccordo's address"), "/")],
        closing=[_("If you did not ask for it, ignore this mail: nobody signs in without the code. We never ask for it by phone or mail.")],
    )


@letter("unknown_account", urgent=True, life=CODE_LIVES)
def unknown_account(context: Context) -> Letter:
    return Letter(
        subject=_("No access to Raccordo with this address"),
        paragraphs=[
            _("Somebody, probably you, wants to sign in to Raccordo with this address. It is not known there."),
            _("Try the address at which you receive the invitations, or ask your network's coordinator."),
        ],
        links=[(_("Raccordo's address"), "/")],
        closing=[_("If it was not you, ignore this mail.")],
    )


@letter("passkey_added", urgent=True)
def passkey_added(context: Context) -> Letter:
    """To whose access a key was added: whoever did not do it themselves takes it away again."""
    return Letter(
        subject=_("A passkey was added to your access"),
        paragraphs=[_("From now on this passkey signs you in to Raccordo, without a code by mail:"), context["passkey"]],
        links=[(_("See your passkeys"), "/go/passkeys")],
        closing=[_("If it was not you, remove it there, sign out everywhere in your profile, and tell your coordinator.")],
    )


@letter("identity_linked", urgent=True)
def identity_linked(context: Context) -> Letter:
    """The same for an account at another server."""
    return Letter(
        subject=_("Another account now opens your access"),
        paragraphs=[_("From now on your account at this server signs you in to Raccordo:"), context["issuer"]],
        links=[(_("See the accounts you sign in with"), "/go/identities")],
        closing=[_("If it was not you, remove it there, sign out everywhere in your profile, and tell your coordinator.")],
    )
