"""The pages. Those of a network stand under its slug; each noun has its own module in frontend/views/."""

from django.urls import include, path

from frontend.views import (
    action_items,
    agenda_items,
    calendar_feeds,
    home,
    meetings,
    minutes,
    network,
    responses,
    room,
    room_pages,
    series,
    settings,
    tokens,
)

app_name = "frontend"

# Home, network, series, meetings, answers, agenda
_planning = [
    path("", home.dashboard, name="dashboard"),
    path("meetings/", meetings.index, name="meetings"),
    path("meetings/<uuid:meeting_id>/", meetings.show, name="meeting"),
    path("meetings/<uuid:meeting_id>/edit/", meetings.edit, name="meeting_edit"),
    path("meetings/<uuid:meeting_id>/responses/", responses.index, name="responses"),
    path("meetings/<uuid:meeting_id>/responses/<uuid:municipality_id>/", responses.respond, name="respond"),
    path("meetings/<uuid:meeting_id>/agenda/", meetings.agenda, name="agenda"),
    path("meetings/<uuid:meeting_id>/agenda/order/", meetings.order, name="agenda_order"),
    path("meetings/<uuid:meeting_id>/agenda/publish/", meetings.publish, name="agenda_publish"),
    path("meetings/<uuid:meeting_id>/propose/", agenda_items.propose, name="propose"),
    path("agenda-items/<uuid:item_id>/", agenda_items.show, name="item"),
    path("agenda-items/<uuid:item_id>/edit/", agenda_items.edit, name="item_edit"),
    path("agenda-items/<uuid:item_id>/time-box/", agenda_items.time_box, name="item_time_box"),
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
_session = [
    path("meetings/<uuid:meeting_id>/room/", room.show, name="room"),
    path("meetings/<uuid:meeting_id>/room/open/", room.open_session, name="room_open"),
    path("meetings/<uuid:meeting_id>/room/close/", room_pages.close, name="room_close"),
    path("meetings/<uuid:meeting_id>/room/caller/", room_pages.caller, name="room_caller"),
    path("meetings/<uuid:meeting_id>/room/items/<uuid:item_id>/discuss/", room.discuss, name="room_discuss"),
    path("meetings/<uuid:meeting_id>/room/items/<uuid:item_id>/postpone/", room.postpone, name="room_postpone"),
    path("meetings/<uuid:meeting_id>/room/items/<uuid:item_id>/notes/", room_pages.notes, name="room_notes"),
    path("meetings/<uuid:meeting_id>/room/items/<uuid:item_id>/decision/", room_pages.decision, name="room_decision"),
    path("meetings/<uuid:meeting_id>/room/items/<uuid:item_id>/action-item/", room_pages.action_item, name="room_action_item"),
    path("meetings/<uuid:meeting_id>/room/items/<uuid:item_id>/poll/", room_pages.new_poll, name="room_new_poll"),
    path("meetings/<uuid:meeting_id>/room/seats/<uuid:municipality_id>/join/", room.join, name="room_join"),
    path("meetings/<uuid:meeting_id>/room/seats/<uuid:municipality_id>/leave/", room.leave, name="room_leave"),
    path("meetings/<uuid:meeting_id>/room/seats/<uuid:municipality_id>/floor/", room_pages.floor, name="room_floor"),
    path("meetings/<uuid:meeting_id>/room/polls/<uuid:poll_id>/open/", room.open_poll, name="room_poll_open"),
    path("meetings/<uuid:meeting_id>/room/polls/<uuid:poll_id>/close/", room.close_poll, name="room_poll_close"),
    path("meetings/<uuid:meeting_id>/room/polls/<uuid:poll_id>/seats/<uuid:municipality_id>/", room_pages.vote, name="room_vote"),
    path("meetings/<uuid:meeting_id>/room/speakers/<uuid:speaker_id>/give/", room.give, name="room_speaker_give"),
    path("meetings/<uuid:meeting_id>/room/speakers/<uuid:speaker_id>/end/", room.end, name="room_speaker_end"),
    path("meetings/<uuid:meeting_id>/room/speakers/<uuid:speaker_id>/withdraw/", room.withdraw, name="room_speaker_withdraw"),
    path("meetings/<uuid:meeting_id>/minutes/", minutes.show, name="minutes"),
    path("meetings/<uuid:meeting_id>/minutes/edit/", minutes.edit, name="minutes_edit"),
    path("meetings/<uuid:meeting_id>/minutes/circulate/", minutes.circulate, name="minutes_circulate"),
    path("meetings/<uuid:meeting_id>/minutes/approve/", minutes.approve, name="minutes_approve"),
    path("meetings/<uuid:meeting_id>/minutes/publish/", minutes.publish, name="minutes_publish"),
    path("notes/<uuid:note_id>/edit/", minutes.note, name="note_edit"),
    path("decisions/<uuid:decision_id>/edit/", minutes.decision, name="decision_edit"),
    path("action-items/", action_items.index, name="actions"),
    path("action-items/<uuid:action_item_id>/", action_items.show, name="action"),
    path("action-items/<uuid:action_item_id>/edit/", action_items.edit, name="action_edit"),
    path("calendar/", calendar_feeds.index, name="calendar_feeds"),
    path("calendar/<uuid:feed_id>/revoke/", calendar_feeds.revoke, name="calendar_feed_revoke"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("me/", settings.profile, name="profile"),
    path("me/tokens/", tokens.index, name="tokens"),
    path("me/tokens/<uuid:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("<slug:slug>/", include([*_planning, *_session])),
]
