// The page that is shown when there is no line: what was sent, to send it again, and which pages the device has.

const TECHNICAL = /^(csrfmiddlewaretoken|idempotency_key|version|base|autosave)$/;
/** What is not shown again: a vote is nobody else's business who looks at the screen. */
const SECRET = /^(choice|confirm|password|code)$/;
const NO_WORDS = /^([0-9a-f-]{36}|\w{1,20})$/i;

/** A form as it was sent, or null when it held a file or none can be read. */
export async function sentForm(request: Request): Promise<[string, string][] | null> {
  if (!request.headers.get("Content-Type")?.startsWith("application/x-www-form-urlencoded")) return null;
  return [...new URLSearchParams(await request.clone().text())];
}

/** `page` with the unsent form in it, as hidden fields under the same key, and what was typed to be read. */
export function withForm(page: string, action: string, fields: readonly [string, string][]): string {
  const hidden = fields.map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`);
  const typed = fields.filter(([name, value]) => !TECHNICAL.test(name) && !SECRET.test(name) && value && !NO_WORDS.test(value));
  const shown = typed.map(([, value]) => `<p class="user-text">${escape(value)}</p>`);
  return page
    .replace(" data-unsent hidden", " data-unsent")
    .replace("<section data-not-kept>", "<section data-not-kept hidden>")
    .replace('<form method="post">', () => `<form method="post" action="${escape(action)}">`)
    .replace("<!-- fields -->", () => [...hidden, ...shown].join(""));
}

/** `page` for a form that cannot be shown here: it held a file, or leads to signing in. */
export function withWayBack(page: string): string {
  return page.replace("<section data-go-back hidden>", "<section data-go-back>").replace("<section data-not-kept>", "<section data-not-kept hidden>");
}

export function withList(page: string, pages: readonly { url: string; title: string }[]): string {
  if (pages.length === 0) return page;
  const rows = pages.map(({ url, title }) => `<li><a href="${escape(url)}">${title}</a></li>`);
  return page.replace(" data-kept-pages hidden", " data-kept-pages").replace("<!-- pages -->", () => rows.join(""));
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
