import { Alert, Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useQuery } from "urql";
import {
  AdminBranchesDocument,
  CreatePairingDocument,
  DevicesDocument,
  RevokeDeviceDocument,
} from "../../../shared/gql/generated/graphql";
import { language, named, t } from "../../../shared/i18n/text";
import { clockTime } from "../../../shared/time";
import { clock } from "../../live/client";
import { command } from "../../live/command";
import { paths } from "../../paths";
import { session } from "../../session/session";
import { Languages } from "../../ui/language";
import { Message } from "../../ui/message";
import { NoBranches } from "../../ui/no-branches";
import { Select } from "../../ui/select";
import { FormDialog } from "../operator/dialogs/form-dialog";

interface Device {
  id: string;
  name: string;
  kind: "KIOSK" | "BOARD";
  pairedAt?: string | null;
  revokedAt?: string | null;
  lastSeenAt?: string | null;
}

// A device that lives reports every half a minute.
const silentMs = 90_000;

/** Kiosks and boards of a branch: connect a new one, cut one off. */
export function DevicesPage() {
  const [{ data, error }, again] = useQuery({ query: AdminBranchesDocument });
  const [chosen, choose] = useState<string | null>(null);
  const branch = data?.branches.find(one => one.code === chosen) ?? data?.branches[0];
  const variables = { branch: branch?.code ?? "" };
  const [devices, reload] = useQuery({
    query: DevicesDocument,
    variables,
    pause: !branch,
    requestPolicy: "cache-and-network",
  });
  const [leaving, setLeaving] = useState<Device | null>(null);
  const refresh = () => reload();
  document.title = t("admin.title");

  useEffect(() => {
    const timer = setInterval(refresh, 10_000);
    return () => clearInterval(timer);
  }, [branch?.code]);

  if (error && !data)
    return (
      <Message
        title={t("error.title")}
        code={error.message}
        action={{ label: t("app.retry"), press: again }}
      />
    );
  if (data && !branch) return <NoBranches again={again} />;
  if (!branch || !data) return <Message title={t("app.loading")} />;
  const list = devices.data?.devices ?? [];
  return (
    <main className="admin">
      <header>
        <img src="/icon.svg" alt="" width="36" height="36" />
        <b>{t("admin.title")}</b>
        <Languages />
        <Button variant="subtle" onClick={() => void session.signOut()}>
          {t("login.sign-out")}
        </Button>
      </header>
      {data.branches.length > 1 && (
        <Select
          label={t("devices.branch")}
          value={branch.code}
          onChange={value => choose(value)}
          data={data.branches.map(one => ({ value: one.code, label: named(one.name) }))}
        />
      )}
      <h1>{t("devices.title")}</h1>
      <p className="dim">{t("devices.lead", { address: location.host + paths.pair })}</p>
      <NewDevice branch={branch.code} timeZone={branch.timeZone} />
      {devices.error && <Alert color="red">{t("error.title")}</Alert>}
      {list.length === 0 && !devices.error && !devices.fetching && (
        <p className="empty">{t("devices.empty")}</p>
      )}
      {list.length > 0 && (
        <table className="devices">
          <thead>
            <tr>
              <th>{t("devices.name")}</th>
              <th>{t("devices.kind")}</th>
              <th>{t("devices.state")}</th>
              <th>
                <span className="hidden-text">{t("devices.revoke")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.map(device => (
              <tr key={device.id}>
                <td>{device.name}</td>
                <td>{t(device.kind === "KIOSK" ? "devices.kiosk" : "devices.board")}</td>
                <td>{stateOf(device)}</td>
                <td className="do">
                  {!device.revokedAt && (
                    <Button variant="subtle" color="red" onClick={() => setLeaving(device)}>
                      {t("devices.revoke")}
                      <span className="hidden-text"> {device.name}</span>
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {leaving && (
        <FormDialog
          title={t("devices.revoke-title", { name: leaving.name })}
          confirm={t("devices.revoke")}
          danger
          onConfirm={() => {
            setLeaving(null);
            void command(RevokeDeviceDocument, { device: leaving.id }).then(refresh);
          }}
          onClose={() => setLeaving(null)}
        >
          <p>{t("devices.revoke-text")}</p>
        </FormDialog>
      )}
    </main>
  );
}

function NewDevice({ branch, timeZone }: { branch: string; timeZone: string }) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Device["kind"]>("KIOSK");
  const [pairing, setPairing] = useState<{ code: string; until: string } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    setProblem(null);
    setPairing(null);
    const outcome = await command(CreatePairingDocument, { branch, kind, name: name.trim() });
    if (outcome.kind === "done" && outcome.payload.code) {
      setPairing({ code: outcome.payload.code, until: outcome.payload.expiresAt ?? "" });
      setName("");
    } else {
      setProblem(outcome.kind === "refused" ? outcome.refusal.message : t("conflict.unreachable"));
    }
  };
  return (
    <section className="new-device">
      <form onSubmit={event => void create(event)}>
        <TextInput
          label={t("devices.name")}
          placeholder={t("devices.name-hint")}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          required
        />
        <Select
          label={t("devices.kind")}
          value={kind}
          onChange={value => setKind(value === "BOARD" ? "BOARD" : "KIOSK")}
          data={[
            { value: "KIOSK", label: t("devices.kiosk") },
            { value: "BOARD", label: t("devices.board") },
          ]}
        />
        <Button type="submit" disabled={!name.trim()}>
          {t("devices.create")}
        </Button>
      </form>
      {problem && (
        <Alert color="red" role="alert">
          {problem}
        </Alert>
      )}
      {pairing && (
        <div className="code" role="status">
          <span>{t("devices.code")}</span>
          <b>{pairing.code}</b>
          {pairing.until && (
            <span>{t("devices.code-hint", { time: clockTime(pairing.until, language(), timeZone) })}</span>
          )}
        </div>
      )}
    </section>
  );
}

function stateOf(device: Device): string {
  if (device.revokedAt) return t("devices.revoked");
  if (!device.lastSeenAt) return t("devices.never");
  const silent = clock.now() - Date.parse(device.lastSeenAt) > silentMs;
  return silent
    ? t("devices.silent", { time: clockTime(device.lastSeenAt, language()) })
    : t("devices.alive");
}
