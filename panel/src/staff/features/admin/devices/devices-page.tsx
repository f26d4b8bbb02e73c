import { Button, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import {
  AdminBranchesDocument,
  type AdminBranchesQuery,
  DevicesDocument,
  type DevicesQuery,
  RenameDeviceDocument,
  RevokeDeviceDocument,
} from "../../../../shared/gql/generated/admin-devices";
import { language, maybe, named, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";
import { paths } from "../../../paths";
import { useAct } from "../../../ui/act";
import { Empty } from "../../../ui/empty";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { NoBranches } from "../../../ui/no-branches";
import { Select } from "../../../ui/select";
import { NewDevice } from "./new-device";

type Device = DevicesQuery["devices"][number];
type Branch = AdminBranchesQuery["branches"][number];

const refreshMs = 5_000;

/** Kiosks and boards: connect a new one, see whether each is alive, name it anew, cut it off. */
export function DevicesPage() {
  const [state, again] = useQuery({ query: AdminBranchesDocument });
  const [chosen, choose] = useState("");
  const branches = state.data?.branches ?? [];
  const branch =
    branches.find(one => one.code === chosen) ?? (branches.length === 1 ? branches[0] : undefined);
  if (state.data && branches.length === 0) return <NoBranches again={again} />;
  return (
    <>
      <h1>{t("devices.title")}</h1>
      <p className="lead">{t("devices.lead", { address: location.host + paths.pair })}</p>
      <Loaded state={state} again={again}>
        {branches.length > 1 && (
          <Select
            label={t("devices.branch")}
            value={chosen}
            onChange={choose}
            data={[
              { value: "", label: t("devices.all-branches") },
              ...branches.map(one => ({ value: one.code, label: named(one.name) })),
            ]}
          />
        )}
        {branch && <NewDevice key={branch.code} branch={branch.code} timeZone={branch.timeZone} />}
        {!branch && <p className="dim">{t("devices.choose-branch")}</p>}
        <DeviceList key={branch?.code ?? ""} only={branch?.code} branches={branches} />
      </Loaded>
    </>
  );
}

function DeviceList({ only, branches }: { only?: string; branches: Branch[] }) {
  const [state, again] = useQuery({ query: DevicesDocument, variables: { branch: only } });
  const [leaving, setLeaving] = useState<Device | null>(null);
  const [renaming, setRenaming] = useState<Device | null>(null);
  const { act, problem } = useAct();
  const list = state.data?.devices ?? [];
  const reload = () => again({ requestPolicy: "network-only" });

  useEffect(() => {
    const timer = setInterval(reload, refreshMs);
    return () => clearInterval(timer);
  }, [only]);

  const revoke = async (device: Device) => {
    setLeaving(null);
    await act(RevokeDeviceDocument, { device: device.id });
    reload();
  };
  const branchName = (code: string) => {
    const branch = branches.find(one => one.code === code);
    return branch ? named(branch.name) : code;
  };
  return (
    <>
      <Failure text={problem} />
      <Loaded state={state} again={again}>
        <div className="list">
          {list.length === 0 && <Empty picture="tray" text={t("devices.empty")} />}
          {list.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th>{t("devices.name")}</th>
                  {!only && <th>{t("devices.branch")}</th>}
                  <th>{t("devices.kind")}</th>
                  <th>{t("devices.state")}</th>
                  <th>
                    <span className="hidden-text">{t("devices.acts")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.map(device => (
                  <tr key={device.id}>
                    <td>
                      <b>{device.name}</b>
                      {device.build && <p className="dim">{t("devices.build", { build: device.build })}</p>}
                    </td>
                    {!only && <td data-label={t("devices.branch")}>{branchName(device.branch)}</td>}
                    <td data-label={t("devices.kind")}>
                      {t(device.kind === "KIOSK" ? "devices.kiosk" : "devices.board")}
                    </td>
                    <td data-label={t("devices.state")}>
                      {stateOf(device)}
                      {device.problems.map(code => (
                        <span className="tag off" key={code}>
                          {maybe(`fault.${code}`) ?? code}
                        </span>
                      ))}
                    </td>
                    <td className="do">
                      {!device.revokedAt && (
                        <>
                          <Button variant="subtle" onClick={() => setRenaming(device)}>
                            {t("devices.rename")}
                            <span className="hidden-text"> {device.name}</span>
                          </Button>
                          <Button variant="subtle" color="red" onClick={() => setLeaving(device)}>
                            {t("devices.revoke")}
                            <span className="hidden-text"> {device.name}</span>
                          </Button>
                        </>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </Loaded>
      {renaming && <RenameDialog device={renaming} onDone={reload} onClose={() => setRenaming(null)} />}
      {leaving && (
        <FormDialog
          title={t("devices.revoke-title", { name: leaving.name })}
          confirm={t("devices.revoke")}
          danger
          onConfirm={() => void revoke(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{t("devices.revoke-text")}</p>
        </FormDialog>
      )}
    </>
  );
}

interface RenameProps {
  device: Device;
  onDone: () => void;
  onClose: () => void;
}

function RenameDialog({ device, onDone, onClose }: RenameProps) {
  const [name, setName] = useState(device.name);
  const { act, busy, problem } = useAct();
  const save = async () => {
    if (!(await act(RenameDeviceDocument, { device: device.id, name: name.trim() }))) return;
    onClose();
    onDone();
  };
  const blocked = !name.trim() || name.trim() === device.name ? t("devices.new-name") : null;
  return (
    <FormDialog
      title={t("devices.rename-title", { name: device.name })}
      confirm={t("admin.save")}
      blocked={busy ? t("app.loading") : blocked}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      <TextInput
        label={t("devices.name")}
        value={name}
        maxLength={80}
        onChange={event => setName(event.currentTarget.value)}
        data-autofocus
        required
      />
      <Failure text={problem} />
    </FormDialog>
  );
}

function stateOf(device: Device): string {
  if (device.revokedAt) return t("devices.revoked");
  if (device.online) return t("devices.alive");
  if (!device.lastSeenAt) return t("devices.never");
  return t("devices.silent", { time: dayAndTime(device.lastSeenAt, language()) });
}
