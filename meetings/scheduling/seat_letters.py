"""What the mails about delegations say."""

from django.utils.translation import gettext as _

from meetings.notifications.letters import Context, Letter, day, letter, when


@letter("delegation_named")
def named(context: Context) -> Letter:
    """To the titular: somebody was named, and has no right until this person says so."""
    who = {"delegate": context["delegate"], "seat": context["seat"], "by": context["by"]}
    if context["by"]:
        told = _("%(by)s has named %(delegate)s to represent %(seat)s.") % who
    else:
        told = _("Through a mailed link, %(delegate)s was named to represent %(seat)s.") % who
    return Letter(
        subject=_("To confirm: %(delegate)s for %(seat)s") % who,
        paragraphs=[told, _("Until it is confirmed, this person is announced but can neither take part for the municipality nor vote.")],
        facts=_facts(context),
        button=(_("Confirm or refuse"), _link(context)),
        closing=[_("Whoever does not know this person should refuse, and tell the coordinators.")],
    )


@letter("delegation_confirmed")
def confirmed(context: Context) -> Letter:
    """To the delegate: for whom, when, how to join."""
    who = {"seat": context["seat"]}
    meeting = context.get("meeting")
    shown = _("See the delegation") if meeting else _("See the delegation, from its first day on")
    return Letter(
        subject=_("Delegation confirmed: representing %(seat)s") % who,
        paragraphs=[
            _("The delegation to represent %(seat)s is confirmed. It holds for the days below and for no others.") % who,
            _("To sign in, this address is enough: a code comes by mail."),
        ],
        facts=[*_facts(context), *_how_to_join(context)],
        button=(_("See the meeting"), f"/go/meeting/{meeting}") if meeting else None,
        links=[(shown, _link(context))],
    )


@letter("delegation_revoked")
def revoked(context: Context) -> Letter:
    """To who was a confirmed delegate."""
    who = {"seat": context["seat"]}
    return Letter(
        subject=_("Delegation revoked: %(seat)s") % who,
        paragraphs=[_("The delegation to represent %(seat)s was revoked. Nothing needs to be done.") % who],
        facts=_facts(context),
    )


def _facts(context: Context) -> list[tuple[str, str]]:
    who = (_("Delegate"), context["delegate"])
    if "meeting" in context:
        return [who, (_("Meeting"), context["title"]), (_("When"), when(context["starts_at"], context["time_zone"]))]
    if context["from"] == context["until"]:
        return [who, (_("Day"), day(context["from"]))]
    return [who, (_("First day"), day(context["from"])), (_("Last day"), day(context["until"]))]


def _how_to_join(context: Context) -> list[tuple[str, str]]:
    if "meeting" not in context:
        return []
    pin = {"phone": context["phone"], "pin": context["phone_pin"]}
    phone = _("%(phone)s, PIN %(pin)s") % pin if context["phone_pin"] else context["phone"]
    return [(label, text) for label, text in ((_("Join link"), context["join_url"]), (_("Phone"), phone)) if text]


def _link(context: Context) -> str:
    return f"/go/delegation/{context['delegation']}"
