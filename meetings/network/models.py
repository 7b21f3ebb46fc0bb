"""The network: its people, zones, municipalities (the seats), and who represents which of them from when until when."""

import uuid
from datetime import date
from fractions import Fraction
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """People are created by `network.services`; this is only what Django itself needs."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person. Identity is the id; the address may change. Sign-in is by mailed code, so there is no usable password."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, default="it")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    memberships_read: "list[Membership] | None" = None
    """Read along with a person who asks for a page (`network.selectors.signed_in`)."""

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_an_address")]

    def __str__(self) -> str:
        return self.name or self.email


class AccessToken(models.Model):
    """A program's key to the REST interface in a person's name; only its digest is stored."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    label = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.READ)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label or str(self.id)


class Network(models.Model):
    """A coordinating body and its municipalities: a tenant of the installation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=150)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Rome")
    languages = models.JSONField(_("languages"), default=list)
    base_url = models.URLField(max_length=200, blank=True)
    sender_address = models.EmailField(_("sender of mails"), blank=True)
    threshold_municipalities = models.CharField(max_length=12, default="1/3")
    threshold_population = models.CharField(max_length=12, default="1/2")
    correction_days = models.PositiveSmallIntegerField(_("days to ask for corrections of the minutes"), default=7)
    holiday_country = models.CharField(max_length=2, default="IT", blank=True)
    holiday_subdivision = models.CharField(max_length=6, blank=True)
    seat = models.ForeignKey(
        "meetings.Municipality", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("town of the office")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def language(self) -> str:
        """The language of what the network itself writes: its first."""
        return str(next(iter(self.languages), "it"))

    @property
    def thresholds(self) -> tuple[Fraction, Fraction]:
        """The shares to reach: at least the first of all municipalities, more than the second of the population."""
        return Fraction(self.threshold_municipalities), Fraction(self.threshold_population)


class Zone(models.Model):
    """A group of municipalities with a spokesperson (Turin has 11 *zone omogenee*)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="zones")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=150)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["network", "number"], name="one_zone_a_number")]

    def __str__(self) -> str:
        return self.name


def valid_on(day: date, prefix: str = "") -> Q:
    """Rows whose dated validity includes `day` (both ends belong to it)."""
    begun = Q(**{f"{prefix}valid_from__isnull": True}) | Q(**{f"{prefix}valid_from__lte": day})
    unended = Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gte": day})
    return begun & unended


class Municipality(models.Model):
    """The seat: it attends, proposes, speaks, votes and owns action items through whoever represents it.

    A merger ends the row of every municipality that takes part, also of one that takes in the others, and begins another with the
    population of all: so each row has one population for as long as it is valid, and counts of past days stay right.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="municipalities")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="municipalities")
    istat_code = models.CharField(max_length=6)
    name = models.CharField(max_length=150)
    population = models.PositiveIntegerField()
    patron_day = models.CharField(_("patron's day"), max_length=5, blank=True, help_text="month and day, 06-24")
    patron_name = models.CharField(_("patron"), max_length=80, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "municipalities"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "istat_code"], condition=Q(merged_into__isnull=True), name="one_municipality_a_code"
            ),
            models.CheckConstraint(condition=Q(merged_into__isnull=True) | Q(valid_until__isnull=False), name="what_has_merged_has_ended"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="municipality_valid_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a network; a representative's names the seat, the office held and the order (1 = titular)."""

    class Role(models.TextChoices):
        OBSERVER = "observer", _("observer")
        REPRESENTATIVE = "representative", _("representative")
        SPOKESPERSON = "spokesperson", _("zone spokesperson")
        CHAIR = "chair", _("chair")
        COORDINATOR = "coordinator", _("coordinator")
        AUDITOR = "auditor", _("auditor")

    class Office(models.TextChoices):
        NONE = "", _("none")
        MAYOR = "mayor", _("mayor")
        DEPUTY_MAYOR = "deputy_mayor", _("deputy mayor")
        COUNCILLOR = "councillor", _("councillor")
        OFFICER = "officer", _("officer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    municipality = models.ForeignKey(Municipality, null=True, on_delete=models.PROTECT, related_name="memberships")
    zone = models.ForeignKey(Zone, null=True, on_delete=models.PROTECT, related_name="memberships")
    office = models.CharField(max_length=20, choices=Office.choices, blank=True)
    order = models.PositiveSmallIntegerField(default=1)
    by_delegation = models.BooleanField(default=False, help_text="made by a confirmed delegation, for its days alone")
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, help_text="when somebody ended it")
    ended_before = models.DateField(null=True, help_text="the last day it had until then")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(role="representative") & Q(municipality__isnull=False))
                | (~Q(role="representative") & Q(municipality__isnull=True)),
                name="only_representatives_have_a_seat",
            ),
            models.CheckConstraint(
                condition=(Q(role="spokesperson") & Q(zone__isnull=False)) | (~Q(role="spokesperson") & Q(zone__isnull=True)),
                name="only_spokespersons_have_a_zone",
            ),
            models.UniqueConstraint(
                fields=["user", "municipality"], condition=Q(valid_until__isnull=True, municipality__isnull=False), name="one_current_seat"
            ),
            models.UniqueConstraint(
                fields=["user", "network", "role"],
                condition=Q(valid_until__isnull=True, municipality__isnull=True, zone__isnull=True),
                name="one_current_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    def is_valid_on(self, day: date) -> bool:
        """As `valid_on` says it."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or self.valid_until >= day)


class Invitation(models.Model):
    """A mailed link to a membership that exists. Who accepts it has shown that the address is theirs; the link gives no right by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="invitations")
    address = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    sent_count = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(accepted_at__isnull=True, revoked_at__isnull=True), name="one_open_invitation"
            )
        ]

    def __str__(self) -> str:
        return self.address
