"""What every form shares: a key that makes a second sending harmless, the version it was opened at, the domain's errors by field."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any, NamedTuple
from uuid import uuid4

from django import forms
from django.db.models import Model
from django.forms.utils import ErrorList
from django.utils.translation import gettext as _

from meetings.errors import DomainError, StaleVersion

HIDDEN = ("idempotency_key", "version", "sure")
LARGEST = 2_147_483_647  # of any number in the database


def new_key() -> str:
    """A fresh idempotency key."""
    return str(uuid4())


class Difference(NamedTuple):
    """A field that two people have saved differently: its label, what I typed, what they saved."""

    label: str
    mine: str
    theirs: str


class ActionForm(forms.Form):
    """A form whose POST calls one service. Fields are named as the service's values are."""

    template_name = "partials/action_form.html"
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, initial=new_key)
    differences: list[Difference]
    unkept: tuple[str, ...] = ()
    """Fields of which nothing may be kept, not even a digest: what was voted in secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.differences = []

    def values(self) -> dict[str, Any]:
        """What the service takes: the cleaned fields without the hidden ones."""
        return {name: value for name, value in self.cleaned_data.items() if name not in HIDDEN}

    @property
    def version(self) -> int | None:
        """The version the page was opened at."""
        return self.cleaned_data.get("version")

    def refuse(self, error: DomainError) -> None:
        """Shows a service's refusal: by field where it names one, above the form otherwise."""
        for name, texts in error.errors.items():
            self._blame(name, texts)
        if not error.errors:
            self._blame(None, [error.detail])
        if isinstance(error, StaleVersion) and error.current is not None:
            self._compare(error.current)

    def renew(self) -> None:
        """A fresh key for the next attempt: nothing was kept of this one."""
        self._replace("idempotency_key", new_key())

    def _blame(self, name: str | None, texts: Iterable[str]) -> None:
        at = name if name in self.fields and name not in HIDDEN else None
        self.errors.setdefault(at or "__all__", ErrorList(renderer=self.renderer)).extend(texts)
        if at is not None:
            self.fields[at].widget.attrs.setdefault("aria-invalid", "true")

    def _compare(self, current: Mapping[str, Any]) -> None:
        """Both texts, and the version that saving mine over theirs needs."""
        for bound in self.visible_fields():
            if bound.name not in current:
                continue
            mine = in_words(bound.field, self.cleaned_data.get(bound.name))
            theirs = in_words(bound.field, current[bound.name])
            if mine != theirs:
                self.differences.append(Difference(str(bound.label), mine, theirs))
        self._replace("version", str(current.get("version", "")))

    def _replace(self, name: str, value: str) -> None:
        data: Any = self.data  # a QueryDict, which is not to be changed itself
        data = data.copy()
        data[self.add_prefix(name)] = value
        self.data = data


class EditForm(ActionForm):
    """A form that saves over something: it must say which version it saw."""

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=version, min_value=0, max_value=LARGEST, label=_("version")
        )


class Day(forms.DateField):
    """A date that calendars can count with, as the REST interface takes them: 1900 to 2999."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found is not None and not 1900 <= found.year <= 2999:
            raise forms.ValidationError(_("Give a year from 1900 to 2999."))
        return found


class ButtonForm(ActionForm):
    """A form that is only a button. Where it asks first, `sure` says that the question was answered with yes."""

    sure = forms.BooleanField(widget=forms.HiddenInput, required=False)

    @property
    def is_sure(self) -> bool:
        """Whether a POST says so."""
        return self.is_valid() and self.cleaned_data["sure"]


def in_words(field: forms.Field, value: Any) -> str:
    """A field's value as a person reads it: the label of a choice, names for rows, a list on lines."""
    if value is None or value == "":
        return ""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(_names(field, value))
    if isinstance(field, forms.ChoiceField):
        labels: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
        return _plain([labels.get(one, one) for one in value] if isinstance(value, list) else labels.get(value, value))
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case list() | tuple():
            return "\n".join(map(_plain, value))
        case dict():
            return " – ".join(map(_plain, value.values()))
        case time():
            return f"{value:%H:%M}"
        case _:
            return str(value).replace("\r\n", "\n").strip()


def _names(field: "forms.ModelMultipleChoiceField[Any]", value: Iterable[Any]) -> list[str]:
    keys = [row.pk if isinstance(row, Model) else row for row in value]
    return sorted(str(row) for row in field.queryset.filter(pk__in=keys)) if field.queryset is not None else []
