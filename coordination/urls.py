"""Every address. Pages stand under their language; what mails, programs and documents carry never changes and has none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from coordination.health import healthz, readyz
from frontend.views import calendar_feed, demo, go, invitations, mail, offline, oidc, own_address, privacy, reply

handler400 = "frontend.views.errors.bad_request"
handler403 = "frontend.views.errors.permission_denied"
handler404 = "frontend.views.errors.not_found"
handler429 = "frontend.views.errors.too_many"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", go.to_home),
    path("go/privacy", privacy.go_to_notice, name="go_privacy"),
    path("go/my-data", privacy.go_to_my_data, name="go_my_data"),
    path("go/passkeys", go.to_own, {"name": "passkeys"}, name="go_passkeys"),
    path("go/identities", go.to_own, {"name": "identities"}, name="go_identities"),
    path("oidc/callback/", oidc.callback, name="oidc_callback"),
    path("go/invitation/<str:token>", invitations.to, name="go_invitation"),
    path("go/address/<str:token>", own_address.to, name="go_address"),
    path("go/<slug:kind>/<uuid:target>", go.to, name="go"),
    path("go/<slug:kind>/<uuid:target>/", go.to),
    path("reply/<str:token>", reply.reply, name="reply"),
    path("unsubscribe/<str:token>", mail.unsubscribe, name="unsubscribe"),
    path("calendar/<str:token>.ics", calendar_feed.feed, name="calendar_feed"),
    path("api/v1/", include("api.urls")),
    path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
    path("dev/mail/", demo.mails, name="demo_mails"),
    path("dev/mail/<uuid:email_id>/", demo.mail, name="demo_mail"),
    path("dev/mail/<uuid:email_id>/html", demo.mail_html, name="demo_mail_html"),
    path("sw.js", offline.worker, name="service_worker"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    *i18n_patterns(
        path("accounts/", include("frontend.urls_account")),
        path("", include("frontend.urls")),
    ),
]
