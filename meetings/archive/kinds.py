"""What can be found."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    MEETING = "meeting", _("meeting")
    AGENDA_ITEM = "agenda_item", _("agenda item")
    DECISION = "decision", _("decision")
    MINUTES = "minutes", _("minutes")
    NOTE = "note", _("note")
    ACTION_ITEM = "action_item", _("action item")
    QUESTION = "question", _("question")
    ANNOUNCEMENT = "announcement", _("announcement")
    ATTACHMENT = "attachment", _("file")
