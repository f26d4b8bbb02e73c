import { Alert, Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { OpenWindowDocument, TakeOverWindowDocument } from "../../../shared/gql/generated/operator";
import { type LocalText, named, t } from "../../../shared/i18n/text";
import { command } from "../../live/command";
import { session } from "../../session/session";
import { FormDialog } from "../../ui/form-dialog";
import { Languages } from "../../ui/language";
import { Select } from "../../ui/select";
import { ServiceChecks } from "./dialogs/service-checks";
import type { BranchView } from "./types";

interface Props {
  branches: { code: string; name: LocalText }[];
  branch: BranchView;
  onBranch: (code: string) => void;
  onOpened: (window: string) => void;
  onStale: () => void;
}

/** The choice of a window, free ones first, and of the services to give at it. */
export function StartScreen({ branches, branch, onBranch, onOpened, onStale }: Props) {
  const windows = [...branch.windows].sort((left, right) => Number(taken(left)) - Number(taken(right)));
  const [code, setCode] = useState<string | null>(null);
  const [services, setServices] = useState<string[]>([]);
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const chosen = windows.find(window => window.code === code);
  // What a closed window can do is known only once somebody sits there.
  const able = (code: string) => !chosen || chosen.skills.length === 0 || chosen.skills.includes(code);
  const offered = branch.services.filter(service => service.enabled && able(service.code));

  useEffect(() => {
    document.title = t("operator.title");
  }, []);
  // Others open and close windows meanwhile.
  useEffect(() => {
    const timer = setInterval(onStale, 5000);
    return () => clearInterval(timer);
  }, []);

  const choose = (window: (typeof windows)[number]) => {
    setCode(window.code);
    const all = branch.services.filter(service => service.enabled).map(service => service.code);
    setServices(window.services.length > 0 ? window.services : all);
  };
  const open = async (document: typeof OpenWindowDocument | typeof TakeOverWindowDocument) => {
    if (!chosen) return;
    setBusy(true);
    const outcome = await command(document as typeof OpenWindowDocument, {
      branch: branch.code,
      window: chosen.code,
      services,
    });
    setBusy(false);
    setAsking(false);
    if (outcome.kind === "done") return onOpened(chosen.code);
    setProblem(outcome.kind === "refused" ? outcome.refusal.message : t("conflict.unreachable"));
    onStale();
  };

  const why = !chosen ? t("start.choose-window") : services.length === 0 ? t("start.choose-services") : null;
  return (
    <main className="start">
      <header>
        <img src="/icon.svg" alt="" width="36" height="36" />
        <b>{named(branch.name)}</b>
        <Languages />
        <Button variant="subtle" onClick={() => void session.signOut()}>
          {t("shell.sign-out")}
        </Button>
      </header>
      {branches.length > 1 && (
        <Select
          label={t("start.branch")}
          value={branch.code}
          onChange={value => onBranch(value)}
          data={branches.map(one => ({ value: one.code, label: named(one.name) }))}
        />
      )}
      <h1>{t("start.title")}</h1>
      {windows.length === 0 && <p className="dim">{t("start.none")}</p>}
      <ul className="windows">
        {windows.map(window => (
          <li key={window.code}>
            <button
              type="button"
              className={taken(window) ? "taken" : ""}
              aria-pressed={window.code === code}
              onClick={() => choose(window)}
            >
              <b>{window.label}</b>
              <span>{stateOf(window)}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && <ServiceChecks services={offered} value={services} onChange={setServices} />}
      {problem && (
        <Alert color="red" role="alert">
          {problem}
        </Alert>
      )}
      <div className="go">
        <Button
          size="lg"
          loading={busy}
          disabled={why !== null}
          onClick={() => (chosen && taken(chosen) ? setAsking(true) : void open(OpenWindowDocument))}
        >
          {t(chosen && taken(chosen) ? "start.take-over" : "start.open", { label: chosen?.label ?? "" })}
        </Button>
        {why && <p className="dim">{why}</p>}
      </div>
      {asking && chosen && (
        <FormDialog
          title={t("start.take-over-title", { label: chosen.label })}
          confirm={t("start.take-over", { label: chosen.label })}
          onConfirm={() => void open(TakeOverWindowDocument)}
          onClose={() => setAsking(false)}
        >
          <p>{t("start.take-over-text", { name: chosen.operator?.name ?? t("start.taken-unknown") })}</p>
        </FormDialog>
      )}
    </main>
  );
}

type WindowLine = BranchView["windows"][number];

function taken(window: WindowLine): boolean {
  return window.operator !== null && window.operator !== undefined && window.state !== "CLOSED";
}

function stateOf(window: WindowLine): string {
  if (!taken(window)) return t("start.free");
  return window.operator?.name ? t("start.taken", { name: window.operator.name }) : t("start.taken-unknown");
}
