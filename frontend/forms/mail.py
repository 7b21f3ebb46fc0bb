"""The form of which mails a person wants."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import ActionForm
from meetings.notifications.unsubscribing import refusable, refused_by


class MailChoicesForm(ActionForm):
    """Every kind that may be refused, ticked when the person gets it."""

    wanted = forms.MultipleChoiceField(label=_("Mails I want to get"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, user_id: UUID, **kwargs: Any) -> None:
        kinds, refused = refusable(), refused_by(user_id)
        super().__init__(*args, **kwargs)
        field = self.fields["wanted"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(kind.name, str(kind.label)) for kind in kinds]
        field.initial = [kind.name for kind in kinds if kind.name not in refused]
