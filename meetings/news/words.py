"""What a line of news says, in the language in force: whole sentences, with days by the network's clock."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from meetings.network.models import Network
from meetings.news.selectors import News
from meetings.notifications.letters import day

SENTENCES: Mapping[str, Callable[[], str]] = {
    "agenda_published": lambda: _("The agenda of “%(title)s” of %(day)s is published."),
    "agenda_item_added": lambda: _("Added to the agenda of %(day)s: %(title)s"),
    "agenda_item_struck": lambda: _("Struck from the agenda of %(day)s: %(title)s"),
    "proposal": lambda: _("Proposed for %(day)s, and waiting for an answer: %(title)s"),
    "minutes_circulated": lambda: _("The minutes of “%(title)s” of %(day)s can be read and corrected."),
    "minutes_approved": lambda: _("The minutes of “%(title)s” of %(day)s are approved."),
    "correction_asked": lambda: _("A correction of the minutes of “%(title)s” of %(day)s is asked for."),
    "action_item_updated": lambda: _("There is progress on the action item: %(title)s"),
    "question_answered": lambda: _("Your question is answered: %(title)s"),
    "delegate_to_confirm": lambda: _("A delegate waits for your confirmation: %(title)s"),
}


def words(line: News, network: Network) -> str:
    """The line as a person reads it; what was mailed too says the same as the mail's subject."""
    if line.subject:
        return line.subject
    about = day(line.about.astimezone(network.zone).date().isoformat()) if line.about else ""
    return SENTENCES[line.kind]() % {"title": line.title, "day": about}
