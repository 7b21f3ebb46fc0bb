"""What the mails of the network say."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.network import own_address
from meetings.network.invited import KIND
from meetings.network.models import Membership
from meetings.notifications.letters import Context, Letter, day, letter, when


@letter(KIND, secrets=("token",))
def invitation(context: Context) -> Letter:
    """To whom a membership was given: who invites, as what, when the next meeting is, whom to ask."""
    network = context["network_name"]
    first = _("%(who)s invites you to take part in “%(network)s”.") if context["invited_by"] else _("You are invited to “%(network)s”.")
    facts = [(_("Network"), network), (_("You take part as"), as_what(context))]
    if meeting := context["meeting"]:
        facts.append((_("Next meeting"), f"{meeting['title']}, {when(meeting['starts_at'], meeting['time_zone'])}"))
    facts.append((_("Valid until"), day(_local_day(context["expires_at"], context["time_zone"]))))
    return Letter(
        subject=_("Invitation to “%(network)s”") % {"network": network},
        paragraphs=[
            first % {"who": context["invited_by"], "network": network},
            _("Here municipalities see the agenda, propose items, answer invitations to meetings and find the minutes."),
            _("There is no password: you sign in with a code that is sent to this address."),
        ],
        facts=facts,
        button=(_("See the invitation"), f"/go/invitation/{context['token']}"),
        closing=[_("The link is for you alone: whoever it is passed on to cannot use it."), *_office(context)],
    )


@letter(own_address.KIND, secrets=("token",), urgent=True, life=own_address.LIFE)
def new_address(context: Context) -> Letter:
    """To the address that somebody wants to sign in with from now on."""
    return Letter(
        subject=_("Is this your address?"),
        paragraphs=[
            _("%(name)s wants to sign in with this address from now on. Open the link while you are signed in, and confirm it.")
            % {"name": context["name"]},
            _("If this was not you, there is nothing to do: without the confirmation nothing changes."),
        ],
        button=(_("Confirm the address"), f"/go/address/{context['token']}"),
        closing=[_("The link is valid for two hours.")],
    )


def as_what(context: Context) -> str:
    """“Agliè: mayor”, “zone 3: zone spokesperson”, “observer”."""
    role = str(Membership.Role(context["role"]).label)
    office = str(Membership.Office(context["office"]).label) if context["office"] else role
    if not context["place"]:
        return role
    values = {"place": context["place"], "office": office if context["role"] == Membership.Role.REPRESENTATIVE else role}
    if context["role"] == Membership.Role.REPRESENTATIVE and context["order"] > 1:
        return _("%(place)s: %(office)s (substitute)") % values
    return _("%(place)s: %(office)s") % values


def _local_day(instant: str, time_zone: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(time_zone)).date().isoformat()


def _office(context: Context) -> list[str]:
    """How to reach the office."""
    if not context.get("office_email"):
        return []
    values = {"name": context["office_name"], "email": context["office_email"], "phone": context["office_phone"]}
    if values["phone"]:
        return [_("Questions? %(name)s: %(email)s, %(phone)s.") % values]
    return [_("Questions? %(name)s: %(email)s.") % values]
