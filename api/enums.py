"""Names in the description for words that several nouns use: a meeting's states are not a poll's (see SPECTACULAR_SETTINGS)."""

from typing import Any

from meetings.action_items.models import ActionState
from meetings.agenda.models import AgendaItem, ItemState
from meetings.live.models import Attendance, PollState, Question, QuestionState, SpeakerRequest, SpeakerState
from meetings.minutes.models import MinutesState
from meetings.network.invited import Invited
from meetings.notifications.models import MailState
from meetings.scheduling.models import DelegationState, MeetingState, Response


def _values(choices: Any) -> list[str]:
    """Without the labels, which depend on the reader's language."""
    return [str(value) for value in choices.values]


MEETING_STATE = _values(MeetingState)
AGENDA_ITEM_STATE = _values(ItemState)
AGENDA_ITEM_KIND = _values(AgendaItem.Kind)
MINUTES_STATE = _values(MinutesState)
ACTION_ITEM_STATE = _values(ActionState)
POLL_STATE = _values(PollState)
SPEAKER_STATE = _values(SpeakerState)
SPEAKER_REQUEST_KIND = _values(SpeakerRequest.Kind)
QUESTION_STATE = _values(QuestionState)
QUESTION_WAY = _values(Question.Way)
MAIL_STATE = _values(MailState)
INVITATION_STATE = _values(Invited)
DELEGATION_STATE = _values(DelegationState)
RESPONSE_SOURCE = _values(Response.Source)
ATTENDANCE_SOURCE = _values(Attendance.Source)
