import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { named, t } from "../../../../shared/i18n/text";
import { Choice } from "../../../ui/choice";
import { Dialog } from "../../../ui/dialog";
import { FormDialog } from "../../../ui/form-dialog";
import { Languages } from "../../../ui/language";
import { Select } from "../../../ui/select";
import { keys } from "../keys";
import { keyLabel } from "../labels";
import type { BranchView, WindowView } from "../types";
import type { Acts } from "../work";
import { ServiceChecks } from "./service-checks";

interface Props {
  branch: BranchView;
  window: WindowView;
  acts: Acts;
  onClose: () => void;
}

const breakMinutes = [0, 5, 10, 15, 30, 60];

export function BreakDialog({ branch, acts, onClose }: Props) {
  const [reason, setReason] = useState(branch.breakReasons[0]?.code ?? "");
  const [minutes, setMinutes] = useState(15);
  const pause = () => {
    onClose();
    void acts.pause(reason, minutes || null);
  };
  return (
    <FormDialog title={t("break.title")} confirm={t("break.confirm")} onConfirm={pause} onClose={onClose}>
      <Choice
        label={t("dialog.reason")}
        value={reason}
        options={branch.breakReasons.map(one => ({ value: one.code, label: named(one.name) }))}
        onChange={setReason}
        autoFocus
      />
      <Select
        label={t("break.minutes")}
        value={String(minutes)}
        onChange={value => setMinutes(Number(value))}
        data={breakMinutes.map(value => ({
          value: String(value),
          label: value === 0 ? t("break.open") : t("current.norm-minutes", { count: value }),
        }))}
      />
    </FormDialog>
  );
}

export function ServicesDialog({ branch, window, acts, onClose }: Props) {
  const [services, setServices] = useState(window.services);
  const offered = branch.services.filter(service => service.enabled && window.skills.includes(service.code));
  const save = () => {
    onClose();
    void acts.setServices(services);
  };
  return (
    <FormDialog
      title={t("services.title")}
      confirm={t("services.confirm")}
      blocked={services.length === 0 ? t("start.choose-services") : null}
      onConfirm={save}
      onClose={onClose}
    >
      <ServiceChecks services={offered} value={services} onChange={setServices} />
    </FormDialog>
  );
}

export function LeaveDialog({ window, acts, onClose, onLeft }: Props & { onLeft: () => void }) {
  const leave = async () => {
    onClose();
    if (await acts.leave()) onLeft();
  };
  return (
    <FormDialog
      title={t("leave.title", { label: window.label })}
      confirm={t("leave.confirm")}
      onConfirm={() => void leave()}
      onClose={onClose}
    >
      <p>{t("leave.text")}</p>
    </FormDialog>
  );
}

export interface Preferences {
  keys: boolean;
  sound: boolean;
  /** Smaller rows, so that more of the queue is in sight. */
  compact: boolean;
}

interface HelpProps {
  preferences: Preferences;
  onPreferences: (next: Preferences) => void;
  onClose: () => void;
}

export function HelpDialog({ preferences, onPreferences, onClose }: HelpProps) {
  return (
    <Dialog title={t("help.title")} onClose={onClose}>
      <div className="dialog">
        <p className="dim">{t("help.keys")}</p>
        <dl className="keys">
          {keys.map(one => (
            <div key={one.key + one.shift}>
              <dt>
                <kbd>{one.shift ? `Shift+${one.key}` : one.key}</kbd>
              </dt>
              <dd>{keyLabel(one.act)}</dd>
            </div>
          ))}
        </dl>
        <Checkbox
          label={t("help.switch")}
          checked={preferences.keys}
          onChange={event => onPreferences({ ...preferences, keys: event.currentTarget.checked })}
        />
        <Checkbox
          label={t("help.sound")}
          checked={preferences.sound}
          onChange={event => onPreferences({ ...preferences, sound: event.currentTarget.checked })}
        />
        <Checkbox
          label={t("help.compact")}
          checked={preferences.compact}
          onChange={event => onPreferences({ ...preferences, compact: event.currentTarget.checked })}
        />
        <p className="row">
          {t("help.language")} <Languages />
        </p>
        <footer>
          <Button onClick={onClose} data-autofocus>
            {t("help.close")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
