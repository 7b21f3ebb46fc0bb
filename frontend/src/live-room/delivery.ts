// One form to the server, and what its answer means for the outbox.

import type { Entry } from "./outbox-store";

export type Verdict =
  /** Written down. `to`: where the page would go on. */
  | { kind: "done"; to: string }
  /** No answer of the server's: try again. `after`: in so many milliseconds, when it said so. */
  | { kind: "kept"; after: number | null }
  /** Signed out, or somebody else is signed in. */
  | { kind: "held" }
  /** `page`: what the server showed instead; null when it never saw the form. */
  | { kind: "refused"; status: number; said: string; page: Document | null };

const TIMEOUT = 15_000;
/** Try again for ever … */
const PASSING: readonly number[] = [408, 425, 429, 502, 503, 504];
/** … or, when the server itself fails at it, this often. */
const FAILURES = 5;

/** The form as the entry holds it, in the name of `user`. A page of a proxy or of a hotel's network counts as no answer. */
export async function deliver(entry: Entry, user: string, token: string): Promise<Verdict> {
  const body = new URLSearchParams([...entry.fields, ["csrfmiddlewaretoken", token]]);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(entry.action, { method: "POST", body, headers: { "X-Outbox": user }, signal: AbortSignal.timeout(TIMEOUT) });
    text = await answer.text();
  } catch {
    return { kind: "kept", after: null };
  }
  if (!answer.headers.has("X-Outbox")) return { kind: "kept", after: null };
  return judge(entry, answer, text);
}

function judge(entry: Entry, answer: Response, text: string): Verdict {
  const { status } = answer;
  if (answer.ok) return { kind: "done", to: (JSON.parse(text) as { to: string }).to };
  if (status === 401) return { kind: "held" };
  if (PASSING.includes(status) || (status >= 500 && entry.tries < FAILURES)) return { kind: "kept", after: retryAfter(answer) };
  const page = new DOMParser().parseFromString(text, "text/html");
  return { kind: "refused", status, said: words(page), page };
}

function retryAfter(answer: Response): number | null {
  const seconds = Number(answer.headers.get("Retry-After"));
  return seconds > 0 ? Math.min(seconds, 60) * 1000 : null;
}

/** Why the server refused: the errors of its form, or the words of its error page. */
function words(page: Document): string {
  const errors = [...page.querySelectorAll("#error-summary li")];
  const found = errors.length ? errors : [...page.querySelectorAll("main h1, main h1 + p")];
  return found.map((element) => (element.textContent ?? "").replace(/\s+/g, " ").trim()).join(" ");
}
