"""Who is told of the session by mail: those who represent a municipality, that its question is answered in words."""

from meetings.access import Actor
from meetings.action_items.chasing import successor
from meetings.live.models import Question
from meetings.network.selectors import recipients, representatives, today
from meetings.notifications.services import notify


def question_answered(actor: Actor, question: Question) -> int:
    """Those who represent the municipality that asked now, whoever wrote the answer left out; how many mails. Needs `meeting__network`."""
    meeting = question.meeting
    day = today(meeting.network)
    people = [row for row in representatives(successor(question.municipality, day), day) if row.user_id != actor.user_id]
    context = {
        "meeting": meeting.pk,
        "title": meeting.title,
        "number": meeting.number,
        "starts_at": meeting.starts_at,
        "time_zone": meeting.time_zone,
        "question": question.text,
        "answer": question.answer,
    }
    key = f"{question.pk}:{question.version}"
    return notify("question_answered", recipients(people), key=key, network_id=meeting.network_id, about=str(question.pk), context=context)
