// Passkeys: asks the device for one (data-passkey="create") or for its answer (data-passkey="get"), and sends that with the form.

type Json = Record<string, unknown>;

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function base64url(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function withIds(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list as (Json & { id: string })[] | undefined) ?? []).map((row) => ({ ...row, type: "public-key", id: bytes(row.id) }));
}

export function toCreate(options: Json): PublicKeyCredentialCreationOptions {
  const user = options.user as Json & { id: string };
  return {
    ...options,
    challenge: bytes(options.challenge as string),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: withIds(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
}

export function toGet(options: Json): PublicKeyCredentialRequestOptions {
  return { ...options, challenge: bytes(options.challenge as string), allowCredentials: withIds(options.allowCredentials) } as PublicKeyCredentialRequestOptions;
}

/** The device's answer as plain JSON, every buffer in base64url. */
export function asJson(credential: PublicKeyCredential): Json {
  const response: Json = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const value = (credential.response as unknown as Record<string, ArrayBuffer | null | undefined>)[name];
    if (value) response[name] = base64url(value);
  }
  const transports = (credential.response as AuthenticatorAttestationResponse).getTransports?.();
  if (transports) response.transports = transports;
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

/** Browsers allow passkeys in a secure context only, and for names, not for numbers such as 127.0.0.1. */
export function isPossible(hostname = location.hostname): boolean {
  return isSecureContext && "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(hostname);
}

/** Each time the server asks another question, so that nobody can answer with what was said before. */
async function answer(form: HTMLFormElement): Promise<Credential | null> {
  const found = await fetch(form.dataset.options ?? form.action, { headers: { Accept: "application/json" } });
  if (!found.ok) throw new Error(String(found.status));
  const { publicKey } = (await found.json()) as { publicKey: Json };
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: toCreate(publicKey) })
    : navigator.credentials.get({ publicKey: toGet(publicKey) });
}

export async function send(form: HTMLFormElement): Promise<void> {
  const status = form.querySelector<HTMLElement>("[data-passkey-status]");
  const say = (what: string) => status && (status.textContent = status.dataset[what] ?? "");
  say("waiting");
  try {
    const credential = await answer(form);
    if (!credential) throw new Error("no answer");
    form.querySelector<HTMLInputElement>("[name=credential]")!.value = JSON.stringify(asJson(credential as PublicKeyCredential));
    form.submit();
  } catch {
    say("failed"); // refused, cancelled or timed out: browsers do not say which
  }
}

export function start(): void {
  const possible = isPossible();
  for (const words of document.querySelectorAll<HTMLElement>("[data-passkey-unsupported]")) words.hidden = possible;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = !possible;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
  }
}
