"""The pages. Those of a network stand under its slug; each noun has its own module in frontend/views/."""

from django.urls import URLPattern, include, path

from frontend.views import agenda_items, home, meetings, network, responses, series, settings

app_name = "frontend"

# Home, network, series, meetings, answers, agenda
_planning = [
    path("", home.dashboard, name="dashboard"),
    path("meetings/", meetings.index, name="meetings"),
    path("meetings/<uuid:meeting_id>/", meetings.show, name="meeting"),
    path("meetings/<uuid:meeting_id>/edit/", meetings.edit, name="meeting_edit"),
    path("meetings/<uuid:meeting_id>/responses/<uuid:municipality_id>/", responses.respond, name="respond"),
    path("meetings/<uuid:meeting_id>/agenda/", meetings.agenda, name="agenda"),
    path("meetings/<uuid:meeting_id>/agenda/order/", meetings.order, name="agenda_order"),
    path("meetings/<uuid:meeting_id>/agenda/publish/", meetings.publish, name="agenda_publish"),
    path("meetings/<uuid:meeting_id>/propose/", agenda_items.propose, name="propose"),
    path("agenda-items/<uuid:item_id>/", agenda_items.show, name="item"),
    path("agenda-items/<uuid:item_id>/edit/", agenda_items.edit, name="item_edit"),
    path("agenda-items/<uuid:item_id>/attachments/", agenda_items.attach, name="item_attach"),
    *(path(f"agenda-items/<uuid:item_id>/{name}/", agenda_items.act, {"action": name}, name=f"item_{name}") for name in agenda_items.ACTS),
    path("series/", series.index, name="series_list"),
    path("series/new/", series.new, name="series_new"),
    path("series/<uuid:series_id>/", series.show, name="series"),
    path("series/<uuid:series_id>/edit/", series.edit, name="series_edit"),
    path("municipalities/", network.directory, name="directory"),
    path("municipalities/<uuid:municipality_id>/", network.municipality, name="municipality"),
    path("settings/", settings.change_network, name="settings"),
]

# The live room, minutes, action items, calendar feeds, tokens
_session: list[URLPattern] = []

urlpatterns = [
    path("", home.home, name="home"),
    path("me/", settings.profile, name="profile"),
    path("<slug:slug>/", include([*_planning, *_session])),
]
