// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { asJson, base64url, bytes, isPossible, send, start, toCreate, toGet } from "./passkey";

const buffer = (...values: number[]) => new Uint8Array(values).buffer;
const key = {
  id: "AQI",
  rawId: buffer(1, 2),
  type: "public-key",
  response: { clientDataJSON: buffer(3), authenticatorData: buffer(4), signature: buffer(5), userHandle: buffer(6) },
  getClientExtensionResults: () => ({}),
} as unknown as PublicKeyCredential;

beforeEach(() => {
  vi.restoreAllMocks();
  document.body.innerHTML =
    '<p data-passkey-unsupported hidden></p><form method="post" action="/passkey/" data-passkey="get" hidden><input type="hidden" name="credential"><p data-passkey-status data-waiting="Wait" data-failed="Failed"></p></form>';
});

describe("buffers", () => {
  it("come back as they went", () => {
    const all = Uint8Array.from({ length: 256 }, (_, n) => n);
    expect(base64url(all.buffer)).not.toMatch(/[+/=]/);
    expect([...bytes(base64url(all.buffer))]).toEqual([...all]);
  });

  it("replace the text of the server's options", () => {
    const create = toCreate({ challenge: "AQ", user: { id: "Ag", name: "a" }, excludeCredentials: [{ id: "Aw", type: "public-key" }] });
    expect([...(create.challenge as Uint8Array)]).toEqual([1]);
    expect([...(create.user.id as Uint8Array)]).toEqual([2]);
    expect([...(create.excludeCredentials![0]!.id as Uint8Array)]).toEqual([3]);
    expect(toGet({ challenge: "AQ" }).allowCredentials).toEqual([]);
  });

  it("are text in what is sent", () => {
    expect(asJson(key)).toEqual({
      id: "AQI",
      rawId: "AQI",
      type: "public-key",
      response: { clientDataJSON: "Aw", authenticatorData: "BA", signature: "BQ", userHandle: "Bg" },
      clientExtensionResults: {},
    });
  });
});

describe("where it is possible", () => {
  beforeEach(() => {
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("PublicKeyCredential", class {});
  });

  it.each([["raccordo.example.org", true], ["localhost", true], ["127.0.0.1", false], ["::1", false]])("%s: %s", (host, expected) => {
    expect(isPossible(host)).toBe(expected);
  });

  it("nowhere without a secure context", () => {
    vi.stubGlobal("isSecureContext", false);
    expect(isPossible("localhost")).toBe(false);
  });
});

describe("the form", () => {
  const form = () => document.querySelector("form")!;
  const get = vi.fn();

  beforeEach(() => {
    vi.stubGlobal("fetch", () => Promise.resolve({ ok: true, json: () => Promise.resolve({ publicKey: { challenge: "AQ" } }) }));
    Object.defineProperty(navigator, "credentials", { value: { get }, configurable: true });
    form().submit = vi.fn();
  });

  it("stays hidden, and says why, where passkeys are not possible", () => {
    vi.stubGlobal("isSecureContext", false);
    start();
    expect(form().hidden).toBe(true);
    expect(document.querySelector<HTMLElement>("[data-passkey-unsupported]")!.hidden).toBe(false);
  });

  it("carries the device's answer", async () => {
    get.mockResolvedValue(key);
    await send(form());
    expect(JSON.parse(form().querySelector("input")!.value).id).toBe("AQI");
    expect(form().submit).toHaveBeenCalledOnce();
  });

  it("says that there was none, and sends nothing", async () => {
    get.mockRejectedValue(new Error("NotAllowedError"));
    await send(form());
    expect(document.querySelector("[data-passkey-status]")!.textContent).toBe("Failed");
    expect(form().submit).not.toHaveBeenCalled();
  });
});
