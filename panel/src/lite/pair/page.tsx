import { useEffect, useState } from "preact/hooks";
import { ask } from "../../shared/http";
import { language, type TextId, t } from "../../shared/i18n/text";
import { openDevice } from "../device";
import { useLanguage } from "../hooks";
import { Languages } from "../languages";

interface Paired {
  device: { id: string; kind: string; branch: string; name: string };
}

/** Turns this browser into a kiosk or a board of a branch. */
export function PairPage() {
  useLanguage();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<TextId | null>(null);
  const [isDemo, setIsDemo] = useState(false);
  document.title = t("pair.title");

  useEffect(() => {
    if (asked) void ask("/demo").then(answer => setIsDemo(answer.ok === true));
  }, []);

  const connect = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const answer = await ask<Paired>("/auth/pair", { method: "POST", body: { code }, language: language() });
    setBusy(false);
    if (answer.ok === true) location.assign(pageOf(answer.body.device));
    else if (answer.ok === "unreachable" || answer.problem.status >= 500) setError("pair.failed");
    else setError(answer.problem.status === 429 ? "pair.too-many" : "pair.unknown");
  };

  return (
    <div class="sheet">
      <header class="brand">
        <img src="/icon.svg" alt="" width="44" height="44" />
        <span>{t("app.name")}</span>
        <Languages />
      </header>
      <main>
        <h1>{t("pair.title")}</h1>
        {asked && isDemo && (
          <section class="demo">
            <p>{t("pair.demo")}</p>
            <button
              type="button"
              class="main"
              onClick={() => void openDevice(asked.kind, asked.branch, asked.href)}
            >
              {t("pair.demo-connect")}
            </button>
          </section>
        )}
        <form onSubmit={connect}>
          <p>{t("pair.lead")}</p>
          <label for="code">{t("pair.code")}</label>
          <input
            id="code"
            value={code}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={6}
            onInput={event => setCode(event.currentTarget.value.replace(/\D/g, ""))}
          />
          {error && (
            <p class="failed" role="alert">
              {t(error)}
            </p>
          )}
          <button type="submit" class="main" disabled={busy || code.length !== 6}>
            {t(busy ? "pair.connecting" : "pair.connect")}
          </button>
        </form>
      </main>
    </div>
  );
}

// The device's page that sent its browser here.
const asked = askedFor(new URLSearchParams(location.search).get("to") ?? "");

function askedFor(href: string): { kind: "kiosk" | "board"; branch: string; href: string } | null {
  const [, kind, branch] = /^\/(kiosk|board)\/([a-z0-9-]+)(?:\?.*)?$/.exec(href) ?? [];
  return (kind === "kiosk" || kind === "board") && branch ? { kind, branch, href } : null;
}

// The page asked for before is opened again when it belongs to this device.
function pageOf(device: Paired["device"]): string {
  const kind = device.kind.toLowerCase();
  const isOwn = asked?.kind === kind && asked.branch === device.branch;
  return isOwn ? asked.href : `/${kind}/${device.branch}`;
}
