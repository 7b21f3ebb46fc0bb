// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from "vitest";
import { asCopy, Kept } from "./kept";
import { sentForm, withForm, withList } from "./unsent";

/** CacheStorage as far as it is used: caches of responses by address, in the order in which they were put. */
class Caches {
  readonly all = new Map<string, Map<string, Response>>();

  async open(name: string): Promise<unknown> {
    const rows = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, rows);
    return {
      match: async (url: string | Request) => rows.get(typeof url === "string" ? url : url.url)?.clone(),
      put: async (url: string, response: Response) => void rows.set(url, response),
      delete: async (url: string | Request) => rows.delete(typeof url === "string" ? url : url.url),
      keys: async () => [...rows.keys()].map((url) => ({ url })),
    };
  }

  async delete(name: string): Promise<boolean> {
    return this.all.delete(name);
  }
}

let caches: Caches;
let now: number;
let kept: Kept;

beforeEach(() => {
  [caches, now] = [new Caches(), 1_000_000];
  kept = anew();
});

function anew(): Kept {
  return new Kept(caches as unknown as CacheStorage, () => now);
}

function page(said: string, title = "Buses"): Response {
  return new Response(`<title>${title}</title>`, { headers: { "X-Offline": said, "Content-Type": "text/html" } });
}

async function titles(): Promise<string[]> {
  return (await kept.list()).map(({ title }) => title);
}

describe("what is kept", () => {
  test("is found again without the part after #", async () => {
    await kept.take("https://x/it/a/#top", page("anna; keep"), now);
    expect(await (await kept.find("https://x/it/a/"))?.response.text()).toBe("<title>Buses</title>");
  });

  test.each(["anna", "nobody", ""])("is nothing that the server does not allow (%s)", async (said) => {
    await kept.take("https://x/it/a/", page(said), now);
    expect(await kept.find("https://x/it/a/")).toBeUndefined();
  });

  test("goes when a page comes for another", async () => {
    await kept.take("https://x/it/a/", page("anna; keep"), now++);
    await kept.take("https://x/it/b/", page("bruno; keep", "His"), now++);
    expect(await titles()).toEqual(["His"]);
  });

  test("goes when a page comes for nobody", async () => {
    await kept.take("https://x/it/a/", page("anna; keep"), now++);
    await kept.take("https://x/it/accounts/", page("nobody"), now++);
    expect(await titles()).toEqual([]);
  });

  test("is not what was on its way when somebody else signed in", async () => {
    await kept.take("https://x/it/a/", page("anna; keep"), now++);
    const begun = now++;
    await kept.forget();
    await kept.take("https://x/it/b/", page("anna; keep"), begun);
    expect(await titles()).toEqual([]);
  });

  test("is still known to be another's after the worker was stopped", async () => {
    await kept.take("https://x/it/a/", page("anna; keep"), now++);
    kept = anew();
    await kept.take("https://x/it/b/", page("bruno; keep", "His"), now++);
    expect(await titles()).toEqual(["His"]);
  });

  test("is good for a slow line until something is sent, and again once it was fetched anew", async () => {
    await kept.take("https://x/it/a/", page("anna; keep"), now++);
    expect((await kept.find("https://x/it/a/"))?.good).toBe(true);
    await kept.wrote();
    kept = anew();
    expect((await kept.find("https://x/it/a/"))?.good).toBe(false);
    await kept.take("https://x/it/a/", page("anna; keep"), ++now);
    expect((await kept.find("https://x/it/a/"))?.good).toBe(true);
  });

  test("shows how things were before, when it was asked for before something was sent", async () => {
    const begun = now++;
    await kept.wrote();
    await kept.take("https://x/it/a/", page("anna; keep"), begun);
    expect((await kept.find("https://x/it/a/"))?.good).toBe(false);
  });

  test("is never good for a slow line when it follows a session", async () => {
    await kept.take("https://x/it/a/", page("anna; live"), now++);
    expect((await kept.find("https://x/it/a/"))?.good).toBe(false);
  });

  test("is sixty pages at most, the latest, for seven days", async () => {
    for (let n = 0; n < 70; n++) await kept.take(`https://x/it/${n}/`, page("anna; keep", String(n)), now++);
    expect((await titles()).length).toBe(60);
    expect((await titles())[0]).toBe("69");
    now += 8 * 24 * 3_600_000;
    expect(await titles()).toEqual([]);
  });
});

test("a copy says that it is one, and has no clock", () => {
  const html = '<div data-server-now="2026-11-26T10:00"><div class="alert alert-warning" data-kept hidden>Old</div> data-kept hidden</div>';
  expect(asCopy(html)).toBe('<div><div class="alert alert-warning" data-kept>Old</div> data-kept hidden</div>');
});

describe("what was not sent", () => {
  const shell = '<section class="card" data-unsent hidden><form method="post"><!-- fields --></form></section><section data-not-kept></section>';

  test("is shown and goes again under its key, as text", async () => {
    const fields = new URLSearchParams({ idempotency_key: "k-1", title: 'Snow & "ice" <b>', choice: "a secret vote of mine" });
    const sent = await sentForm(new Request("https://x/it/", { method: "POST", body: fields }));
    const html = withForm(shell, "https://x/it/?a=1&b=2", sent ?? []);
    document.body.innerHTML = html;
    expect(Object.fromEntries(new FormData(document.querySelector("form") as HTMLFormElement))).toEqual(Object.fromEntries(fields));
    expect(document.querySelector("form")?.getAttribute("action")).toBe("https://x/it/?a=1&b=2");
    expect([...document.querySelectorAll("p")].map((p) => p.textContent)).toEqual(['Snow & "ice" <b>']);
    expect(document.querySelector("[data-unsent]")?.hasAttribute("hidden")).toBe(false);
  });

  test("with a file is left to the browser", async () => {
    expect(await sentForm(new Request("https://x/it/", { method: "POST", body: new FormData() }))).toBeNull();
  });

  test("stands above the pages that there are", () => {
    const list = '<section data-kept-pages hidden><ul><!-- pages --></ul></section>';
    document.body.innerHTML = withList(list, [{ url: 'https://x/"><script>', title: "Mine &amp; yours" }]);
    expect(document.querySelector("a")?.getAttribute("href")).toBe('https://x/"><script>');
    expect(document.querySelector("a")?.textContent).toBe("Mine & yours");
    expect(withList(list, [])).toBe(list);
  });
});
