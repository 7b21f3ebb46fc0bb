"""What the office can set and look after, in groups, each with a sentence and its page."""

from typing import NamedTuple

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from frontend.views.base import Here
from frontend.views.go import reverse_in
from meetings.access import Permission


class Place(NamedTuple):
    title: str
    words: str
    url: str


class Group(NamedTuple):
    title: str
    places: list[Place]


def groups(here: Here, language: str) -> list[Group]:
    """Everything but the network's own form, which stands below on the same page."""
    return [
        Group(_("The network"), _network(here)),
        Group(_("When you meet"), _meetings(here)),
        Group(_("Who takes part"), _people(here)),
        Group(_("Mail, privacy and the log"), _records(here)),
        Group(_("Yours alone"), _own(here, language)),
    ]


def _network(here: Here) -> list[Place]:
    return [
        Place(_("Name and sender"), _("What the network is called, and from which address its mails come."), "#id_name"),
        Place(_("Languages and time zone"), _("In which languages people are written to, and by whose clocks."), "#id_languages"),
        Place(
            _("What a vote needs"),
            _("The share of municipalities and of population that carries a motion."),
            "#id_threshold_municipalities",
        ),
        Place(_("Days for corrections"), _("How long those who attended can ask for corrections of the minutes."), "#id_correction_days"),
        Place(_("First steps"), _("The guide from an empty network to its first agenda; it can be put away."), here.url("first_steps")),
    ]


def _meetings(here: Here) -> list[Place]:
    return [
        Place(
            _("Series"), _("On which weekday and at what time you meet; when proposals close and who is reminded."), here.url("series_list")
        ),
        Place(_("Holidays"), _("Where the office is, and the patrons’ days of the municipalities."), here.url("holidays")),
    ]


def _people(here: Here) -> list[Place]:
    return [
        Place(_("People"), _("Who takes part as what, who was invited, and who has come in."), here.url("people")),
        Place(_("Municipalities"), _("The seats with their zones and populations."), here.url("directory")),
        Place(_("Import municipalities"), _("From a file, with a look at what would change first."), here.url("import_municipalities")),
        Place(_("Mergers"), _("Two municipalities become one: the seat goes on under the new name."), here.url("merge")),
        Place(_("Delegates"), _("Who represents a municipality for a while, and who waits to be confirmed."), here.url("delegations")),
    ]


def _records(here: Here) -> list[Place]:
    log = _url_of(here, "audit") if here.may(Permission.AUDIT) else ""
    return [
        Place(_("Mail"), _("What Raccordo has sent, and what has not arrived."), here.url("mail")),
        Place(_("Privacy"), _("What is kept how long, and requests to be erased."), here.url("privacy_office")),
        *([Place(_("Log"), _("Who did what and when, chained so that nothing can be taken out unseen."), log)] if log else []),
    ]


def _url_of(here: Here, name: str) -> str:
    try:
        return here.url(name)
    except NoReverseMatch:
        return ""


def _own(here: Here, language: str) -> list[Place]:
    return [
        Place(_("Your profile"), _("Your name, your language and which mails you get."), reverse_in(language, "frontend:profile")),
        Place(_("Access tokens"), _("For programs that act in your name; each can be revoked."), reverse_in(language, "frontend:tokens")),
        Place(_("Calendar"), _("A private address from which your calendar fetches the meetings."), here.url("calendar_feeds")),
    ]
