import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useQuery } from "urql";
import {
  AdminBranchesDocument,
  DevicesDocument,
  type DevicesQuery,
  RevokeDeviceDocument,
} from "../../../../shared/gql/generated/admin-devices";
import { language, named, t } from "../../../../shared/i18n/text";
import { clockTime } from "../../../../shared/time";
import { clock } from "../../../live/client";
import { paths } from "../../../paths";
import { useAct } from "../../../ui/act";
import { Failure } from "../../../ui/failure";
import { FormDialog } from "../../../ui/form-dialog";
import { Loaded } from "../../../ui/loaded";
import { NoBranches } from "../../../ui/no-branches";
import { Select } from "../../../ui/select";
import { NewDevice } from "./new-device";

type Device = DevicesQuery["devices"][number];

// A device that lives reports every half a minute.
const silentMs = 90_000;
const refreshMs = 10_000;

/** Kiosks and boards of a branch: connect a new one, cut one off. */
export function DevicesPage() {
  const [branches, again] = useQuery({ query: AdminBranchesDocument });
  const [chosen, choose] = useState<string | null>(null);
  const list = branches.data?.branches;
  const branch = list?.find(one => one.code === chosen) ?? list?.[0];
  if (list && !branch) return <NoBranches again={again} />;
  return (
    <>
      <h1>{t("devices.title")}</h1>
      <p className="lead">{t("devices.lead", { address: location.host + paths.pair })}</p>
      <Loaded state={branches} again={again}>
        {list && list.length > 1 && (
          <Select
            label={t("devices.branch")}
            value={branch?.code ?? ""}
            onChange={choose}
            data={list.map(one => ({ value: one.code, label: named(one.name) }))}
          />
        )}
        {branch && <BranchDevices key={branch.code} branch={branch.code} timeZone={branch.timeZone} />}
      </Loaded>
    </>
  );
}

function BranchDevices({ branch, timeZone }: { branch: string; timeZone: string }) {
  const [devices, reload] = useQuery({ query: DevicesDocument, variables: { branch } });
  const [leaving, setLeaving] = useState<Device | null>(null);
  const { act, problem } = useAct();
  const list = devices.data?.devices ?? [];

  useEffect(() => {
    const timer = setInterval(() => reload({ requestPolicy: "network-only" }), refreshMs);
    return () => clearInterval(timer);
  }, [branch]);

  const revoke = async (device: Device) => {
    setLeaving(null);
    await act(RevokeDeviceDocument, { device: device.id });
    reload({ requestPolicy: "network-only" });
  };
  return (
    <>
      <NewDevice branch={branch} timeZone={timeZone} />
      <Failure text={problem} />
      <Loaded state={devices} again={reload}>
        <div className="list">
          {list.length === 0 && <p className="empty">{t("devices.empty")}</p>}
          {list.length > 0 && (
            <table>
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
                    <td>
                      <b>{device.name}</b>
                    </td>
                    <td data-label={t("devices.kind")}>
                      {t(device.kind === "KIOSK" ? "devices.kiosk" : "devices.board")}
                    </td>
                    <td data-label={t("devices.state")}>{stateOf(device)}</td>
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
        </div>
      </Loaded>
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

function stateOf(device: Device): string {
  if (device.revokedAt) return t("devices.revoked");
  if (!device.lastSeenAt) return t("devices.never");
  const silent = clock.now() - Date.parse(device.lastSeenAt) > silentMs;
  return silent
    ? t("devices.silent", { time: clockTime(device.lastSeenAt, language()) })
    : t("devices.alive");
}
