"""Every address. Pages stand under their language; what mails, programs and documents carry never changes and has none."""

from importlib.util import find_spec

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from frontend.views import calendar_feed, go

urlpatterns = [
    path("", go.to_home),
    path("go/<slug:kind>/<uuid:target>/", go.to),
    path("go/<slug:kind>/<uuid:target>", go.to, name="go"),
    path("calendar/<str:token>.ics", calendar_feed.feed, name="calendar_feed"),
]
if find_spec("api.urls"):
    urlpatterns += [path("api/v1/", include("api.urls"))]
if find_spec("coordination.health"):
    from coordination import health  # noqa: PLC0415

    urlpatterns += [path("healthz", health.healthz), path("readyz", health.readyz)]
accounts = "frontend.urls_account" if find_spec("frontend.urls_account") else "allauth.urls"
urlpatterns += i18n_patterns(
    path("accounts/", include(accounts)),
    path("", include("frontend.urls")),
)
