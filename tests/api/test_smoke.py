from tests import factories
def test_all(world, home, api):
    m = factories.circulated(home).meeting
    a = api(home.coordinator)
    item = factories.items(m)[0]
    for p in ["me/","networks/","networks/home/","networks/home/zones/","networks/home/municipalities/","networks/home/memberships/","networks/home/series/",
        "networks/home/meetings/",f"meetings/{m.pk}/",f"meetings/{m.pk}/running-order/",f"meetings/{m.pk}/responses/",f"meetings/{m.pk}/agenda-items/",
        f"agenda-items/{item.pk}/",f"agenda-items/{item.pk}/attachments/",f"agenda-items/{item.pk}/polls/",f"agenda-items/{item.pk}/notes/",f"agenda-items/{item.pk}/decisions/",
        f"meetings/{m.pk}/attendance/",f"meetings/{m.pk}/live/",f"meetings/{m.pk}/events/",f"meetings/{m.pk}/speakers/",f"meetings/{m.pk}/minutes/","networks/home/action-items/",
        "me/tokens/","me/calendar-feeds/",f"meetings/{m.pk}/agenda.pdf",f"meetings/{m.pk}/minutes.pdf","networks/home/action-items.csv","networks/home/action-items.pdf","schema/","docs/"]:
        r = a.get(p)
        print(p, r.status_code, len(r.content) if not r.streaming else "stream", r.headers.get("ETag"))
        if r.status_code!=200: print(r.content[:500])
    print(a.get("foo/").json(), a.get("meetings/xyz/").json())
    print(api(None).get("networks/").json(), api(None).get("networks/").headers)
    print(a.patch(f"meetings/{m.pk}/", {"title":"x"}).json())
    assert 0
