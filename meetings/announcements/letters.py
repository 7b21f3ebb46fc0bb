"""What the mail of an announcement says: the sender's own words, quoted."""

from django.utils.translation import gettext as _

from meetings.notifications.letters import Context, Letter, letter


@letter("announcement")
def announcement(context: Context) -> Letter:
    if context["zone_name"]:
        told = _("%(sender)s tells the municipalities of the zone %(zone)s:")
    else:
        told = _("%(sender)s tells everybody in the network %(network)s:")
    values = {"sender": context["sent_by"], "zone": context["zone_name"], "network": context["network_name"]}
    return Letter(
        subject=context["title"],
        paragraphs=[told % values],
        quote=context["text"],
        button=(_("Read it on the site"), f"/go/announcement/{context['announcement']}"),
    )
