import { useState } from "preact/hooks";
import { ask } from "../../shared/http";
import { language, type TextId, t } from "../../shared/i18n/text";
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
  document.title = t("pair.title");

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

// The page asked for before is opened again when it belongs to this device.
function pageOf(device: Paired["device"]): string {
  const own = `/${device.kind.toLowerCase()}/${device.branch}`;
  const asked = new URLSearchParams(location.search).get("to") ?? "";
  return asked === own || asked.startsWith(`${own}?`) ? asked : own;
}
