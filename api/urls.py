"""Every address of the interface, spelled out: what is not here does not exist."""

from typing import Any

from django.urls import URLPattern, path

from api import attendance, description
from api.action_items import ActionItems
from api.agenda_items import AgendaItems, Attachments, Backlog
from api.announcements import Announcements
from api.base import Rest
from api.corrections import Corrections
from api.delegations import Absences, Delegations
from api.documents import Documents
from api.events import Events
from api.invitations import Invitations
from api.live import Live
from api.mail import MailChoices, OutgoingEmails
from api.me import CalendarFeeds, Data, Me, Tokens
from api.meetings import Meetings
from api.memberships import Memberships
from api.minutes import ApprovalOnAgenda, Decisions, MinutesOfMeeting, Notes
from api.municipalities import Municipalities
from api.networks import Networks, Zones
from api.news import NewsLines
from api.polls import Polls
from api.questions import Questions
from api.reminders import Reminders
from api.reports import Reports
from api.responses import Responses
from api.search import Search
from api.series import Series
from api.speakers import Floors, Speakers

NETWORK, MEETING, ITEM = "networks/<slug:slug>/", "meetings/<uuid:id>/", "agenda-items/<uuid:id>/"


def at(route: str, view: type[Rest], **actions: Any) -> URLPattern:
    """`get="list"`: which method of the view answers which of HTTP."""
    return path(route, view.as_view(actions))


urlpatterns = [
    at("networks/", Networks, get="list"),
    at(NETWORK, Networks, get="retrieve", patch="partial_update"),
    at(NETWORK + "search/", Search, get="list"),
    at(NETWORK + "zones/", Zones, get="list", post="create"),
    at(NETWORK + "municipalities/", Municipalities, get="list", post="create"),
    at(NETWORK + "municipalities/merge/", Municipalities, post="merge"),
    at("municipalities/<uuid:id>/", Municipalities, get="retrieve", patch="partial_update"),
    at(NETWORK + "memberships/", Memberships, get="list", post="create"),
    at("memberships/<uuid:id>/", Memberships, get="retrieve", patch="partial_update", delete="destroy"),
    at("memberships/<uuid:id>/end/", Memberships, post="end"),
    at("memberships/<uuid:id>/restore/", Memberships, post="restore"),
    at(NETWORK + "invitations/", Invitations, get="list", post="create"),
    at("invitations/<uuid:id>/resend/", Invitations, post="resend"),
    at("invitations/<uuid:id>/revoke/", Invitations, post="revoke"),
    at(NETWORK + "news/", NewsLines, get="list"),
    at(NETWORK + "news/seen/", NewsLines, post="see"),
    at(NETWORK + "announcements/", Announcements, get="list", post="create"),
    at("announcements/<uuid:id>/", Announcements, get="retrieve"),
    at(NETWORK + "delegations/", Delegations, get="list", post="create"),
    at("delegations/<uuid:id>/", Delegations, get="retrieve"),
    at("delegations/<uuid:id>/confirm/", Delegations, post="confirm"),
    at("delegations/<uuid:id>/revoke/", Delegations, post="revoke"),
    at(NETWORK + "absences/", Absences, get="list", post="create"),
    at("absences/<uuid:id>/", Absences, delete="destroy"),
    at(NETWORK + "series/", Series, get="list", post="create"),
    at("series/<uuid:id>/", Series, get="retrieve", patch="partial_update"),
    at("series/<uuid:id>/skip/", Series, post="skip"),
    at("series/<uuid:id>/breaks/", Series, post="breaks"),
    at("series/<uuid:id>/extend/", Series, post="extend"),
    at("series/<uuid:id>/change-from/", Series, post="change_from"),
    at(NETWORK + "meetings/", Meetings, get="list", post="create"),
    at(MEETING + "move/", Meetings, post="move"),
    at(MEETING + "cancel/", Meetings, post="cancel"),
    at(MEETING + "restore/", Meetings, post="restore"),
    at(MEETING, Meetings, get="retrieve", patch="partial_update"),
    at(MEETING + "publish-agenda/", Meetings, post="publish_agenda"),
    at(MEETING + "running-order/", Meetings, get="running_order", put="set_running_order"),
    at(MEETING + "remind/", Reminders, post="remind"),
    at(MEETING + "responses/", Responses, get="list"),
    at(MEETING + "responses/<uuid:municipality>/", Responses, get="retrieve", put="update"),
    at(MEETING + "agenda-items/", AgendaItems, get="list", post="create"),
    at(ITEM, AgendaItems, get="retrieve", patch="partial_update"),
    at(ITEM + "submit/", AgendaItems, post="submit"),
    at(ITEM + "withdraw/", AgendaItems, post="withdraw"),
    at(ITEM + "accept/", AgendaItems, post="accept"),
    at(ITEM + "return/", AgendaItems, post="return_"),
    at(ITEM + "decline/", AgendaItems, post="decline"),
    at(ITEM + "defer/", AgendaItems, post="defer"),
    at(ITEM + "move/", AgendaItems, post="move"),
    at(ITEM + "merge/", AgendaItems, post="merge"),
    at(ITEM + "separate/", AgendaItems, post="separate"),
    at(ITEM + "discuss-instead/", AgendaItems, post="discuss_instead"),
    at(ITEM + "postpone/", AgendaItems, post="postpone"),
    at(NETWORK + "backlog/", Backlog, get="list"),
    at(ITEM + "attachments/", Attachments, get="list", post="create"),
    at("attachments/<uuid:id>/", Attachments, get="retrieve", delete="destroy"),
    at("attachments/<uuid:id>/file", Attachments, get="file"),
    at(MEETING + "open/", Live, post="open"),
    at(MEETING + "close/", Live, post="close"),
    at(MEETING + "reopen/", Live, post="reopen"),
    at(MEETING + "current-item/", Live, post="current_item"),
    at(MEETING + "extend-item/", Live, post="extend_item"),
    at(MEETING + "where/", Live, get="where"),
    at(MEETING + "presence/", attendance.Record, post="presence"),
    at(MEETING + "attendance/", attendance.Record, get="list", patch="partial_update"),
    at(MEETING + "attendance/import/", attendance.Reports, post="create"),
    at(MEETING + "live/", Live, get="state"),
    at(MEETING + "live-ticket/", Events, post="ticket"),
    at(MEETING + "events/", Events, get="list"),
    at(MEETING + "speakers/", Speakers, get="list", post="create"),
    at("speakers/<uuid:id>/give/", Speakers, post="give"),
    at("speakers/<uuid:id>/end/", Speakers, post="end"),
    at("speakers/<uuid:id>/withdraw/", Speakers, post="withdraw"),
    at("speakers/<uuid:id>/undo/", Speakers, post="undo"),
    at(MEETING + "speakers/fairness/", Speakers, get="fairness"),
    at(MEETING + "floor/", Floors, get="retrieve", patch="partial_update"),
    at(ITEM + "polls/", Polls, get="list", post="create"),
    at("polls/<uuid:id>/", Polls, get="retrieve", patch="partial_update"),
    at("polls/<uuid:id>/open/", Polls, post="open"),
    at("polls/<uuid:id>/close/", Polls, post="close"),
    at("polls/<uuid:id>/publish/", Polls, post="publish"),
    at("polls/<uuid:id>/take-out/", Polls, post="take_out"),
    at("polls/<uuid:id>/votes/", Polls, get="votes"),
    at("polls/<uuid:id>/vote/", Polls, put="vote"),
    at(MEETING + "questions/", Questions, get="list", post="create"),
    at("questions/<uuid:id>/", Questions, get="retrieve"),
    at("questions/<uuid:id>/support/", Questions, post="support"),
    at("questions/<uuid:id>/answer/", Questions, post="answer"),
    at("questions/<uuid:id>/withdraw/", Questions, post="withdraw"),
    at("questions/<uuid:id>/carry/", Questions, post="carry"),
    at(MEETING + "minutes/", MinutesOfMeeting, get="retrieve", patch="partial_update"),
    at("minutes/<uuid:id>/circulate/", MinutesOfMeeting, post="circulate"),
    at("minutes/<uuid:id>/approve/", MinutesOfMeeting, post="approve"),
    at("minutes/<uuid:id>/publish/", MinutesOfMeeting, post="publish"),
    at("minutes/<uuid:id>/extend/", MinutesOfMeeting, post="extend"),
    at("minutes/<uuid:id>/amend/", MinutesOfMeeting, post="amend"),
    at("minutes/<uuid:id>/versions/", MinutesOfMeeting, get="versions"),
    at("minutes/<uuid:id>/compare/", MinutesOfMeeting, get="compare"),
    at("minutes/<uuid:id>/corrections/", Corrections, get="list", post="create"),
    at("corrections/<uuid:id>/accept/", Corrections, post="accept"),
    at("corrections/<uuid:id>/reject/", Corrections, post="reject"),
    at(ITEM + "approve-minutes/", ApprovalOnAgenda, post="approve"),
    at(ITEM + "notes/", Notes, get="list", post="create"),
    at("notes/<uuid:id>/", Notes, patch="partial_update"),
    at(ITEM + "decisions/", Decisions, get="list", post="create"),
    at("decisions/<uuid:id>/", Decisions, patch="partial_update"),
    at(NETWORK + "action-items/", ActionItems, get="list", post="create"),
    at("action-items/<uuid:id>/", ActionItems, get="retrieve", patch="partial_update"),
    at("action-items/<uuid:id>/progress/", ActionItems, post="progress"),
    at(NETWORK + "outgoing-emails/", OutgoingEmails, get="list"),
    at("outgoing-emails/<uuid:id>/send-again/", OutgoingEmails, post="send_again"),
    at("outgoing-emails/<uuid:id>/settle/", OutgoingEmails, post="settle"),
    at("me/", Me, get="retrieve"),
    at("me/data", Data, get="retrieve"),
    at("me/tokens/", Tokens, get="list", post="create"),
    at("me/tokens/<uuid:id>/", Tokens, delete="destroy"),
    at("me/mail-choices/", MailChoices, get="retrieve", put="update"),
    at("me/calendar-feeds/", CalendarFeeds, get="list", post="create"),
    at("me/calendar-feeds/<uuid:id>/", CalendarFeeds, delete="destroy"),
    at(MEETING + "agenda.pdf", Documents, get="agenda"),
    at(MEETING + "minutes.pdf", Documents, get="minutes"),
    at(NETWORK + "action-items.pdf", Documents, get="tracker"),
    at(NETWORK + "action-items.csv", Documents, get="tracker_csv"),
    at(NETWORK + "action-items.xlsx", Documents, get="tracker_xlsx"),
    at(NETWORK + "reports/participation/", Reports, get="participation"),
    at(NETWORK + "reports/participation.csv", Reports, get="participation_csv"),
    at(NETWORK + "reports/participation.xlsx", Reports, get="participation_xlsx"),
    path("schema/", description.schema),
    path("docs/", description.docs),
    path("<path:path>", description.Nothing.as_view(dict.fromkeys(("get", "post", "put", "patch", "delete"), "nothing"))),
]
