"""Until when a person has looked at what is new in a network."""

from django.db import models

from meetings.network.models import Network, User


class NewsMark(models.Model):
    """What happened after `seen_at` is new for the user in the network."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "network"], name="one_mark_of_news")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.network_id}: {self.seen_at}"
