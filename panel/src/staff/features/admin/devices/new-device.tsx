import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { CreatePairingDocument, type DeviceKind } from "../../../../shared/gql/generated/admin-devices";
import { language, t } from "../../../../shared/i18n/text";
import { clockTime } from "../../../../shared/time";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { Select } from "../../../ui/select";

/** Names a new device and shows the code to type at it. */
export function NewDevice({ branch, timeZone }: { branch: string; timeZone: string }) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<DeviceKind>("KIOSK");
  const [pairing, setPairing] = useState<{ code: string; until?: string | null } | null>(null);
  const { act, busy, problem } = useAct();
  const create = async (event: FormEvent) => {
    event.preventDefault();
    setPairing(null);
    const made = await act(CreatePairingDocument, { branch, kind, name: name.trim() });
    if (!made?.code) return;
    setPairing({ code: made.code, until: made.expiresAt });
    setName("");
  };
  return (
    <section className="card">
      <h2>{t("devices.new")}</h2>
      <form className="line-form" onSubmit={event => void create(event)}>
        <TextInput
          label={t("devices.name")}
          placeholder={t("devices.name-hint")}
          value={name}
          maxLength={80}
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
        <Button type="submit" disabled={!name.trim()} loading={busy}>
          {t("devices.create")}
        </Button>
      </form>
      <Failure text={problem} />
      {pairing && (
        <div className="code-shown" role="status">
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
