"""Every address. Pages stand under their language; what mails, programs and documents carry never changes and has none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from coordination.health import healthz, readyz
from frontend.views import calendar_feed, demo, go

urlpatterns: list[URLPattern | URLResolver] = [
    path("", go.to_home),
    path("go/<slug:kind>/<uuid:target>", go.to, name="go"),
    path("go/<slug:kind>/<uuid:target>/", go.to),
    path("calendar/<str:token>.ics", calendar_feed.feed, name="calendar_feed"),
    path("api/v1/", include("api.urls")),
    path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    *i18n_patterns(
        path("accounts/", include("frontend.urls_account")),
        path("", include("frontend.urls")),
    ),
]
