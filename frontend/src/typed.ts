// What was typed into a form is not lost when the session has ended meanwhile: it comes back after signing in, for the same person alone.
// Without this the page of the sign-in shows the text, to be copied.

const PLACE = "typed";
const TEXTS = "textarea, input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=url], input[type=search]";
type Field = HTMLInputElement | HTMLTextAreaElement;

interface Kept {
  user: string;
  /** Without the language, which may be another one after signing in. */
  page: string;
  fields: [string, string][];
  lost: boolean;
}

const page = () => location.pathname.replace(/^\/[a-z]{2}\//, "/");

function fieldsOf(form: ParentNode): Field[] {
  return [...form.querySelectorAll<Field>(TEXTS)].filter((field) => field.name && field.autocomplete !== "one-time-code");
}

/** Before the form is sent. It is forgotten on the next page, unless that is the one that says that the session has ended. */
export function keepTyped(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const user = document.body.dataset.user;
  if (event.defaultPrevented || !user || form.method !== "post") return;
  const fields = fieldsOf(form).filter((field) => field.value.trim()).map((field): [string, string] => [field.name, field.value]);
  if (!fields.length) return;
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ user, page: page(), fields, lost: false } satisfies Kept));
  } catch {
    // no room, or not allowed: the page of the sign-in shows the text all the same
  }
}

export function bringBack(): void {
  const text = sessionStorage.getItem(PLACE);
  if (!text) return;
  const kept = JSON.parse(text) as Kept;
  const user = document.body.dataset.user;
  if (document.querySelector("[data-session-ended]")) return sessionStorage.setItem(PLACE, JSON.stringify({ ...kept, lost: true }));
  if (!user) return; // on the way to signing in
  if (kept.lost && kept.user === user && kept.page !== page()) return; // not there yet
  sessionStorage.removeItem(PLACE);
  if (kept.lost && kept.user === user) fill(kept.fields);
}

/** Only what still holds what the server sent: nobody's new words are written over. */
function fill(fields: [string, string][]): void {
  const known = fieldsOf(document);
  const filled = fields.map(([name, value]) => {
    const field = known.find((one) => one.name === name && one.value === one.defaultValue);
    if (!field) return undefined;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return field;
  });
  const first = filled.find((field) => field);
  if (!first) return;
  const notice = Object.assign(document.createElement("p"), { className: "alert alert-info", textContent: document.body.dataset.typedBack ?? "" });
  notice.setAttribute("role", "status");
  (first.closest("form") ?? first).before(notice);
  first.closest("details")?.setAttribute("open", "");
}
