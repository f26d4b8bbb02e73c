import { PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { t } from "../../../shared/i18n/text";
import { Failure } from "../../ui/failure";
import { FormDialog } from "../../ui/form-dialog";

interface Props {
  title: string;
  confirm: string;
  /** Asks for a code of the app too. */
  withCode?: boolean;
  error: string | null;
  busy: boolean;
  onPassword: (password: string, code: string) => void;
  onClose: () => void;
}

/** Makes sure that the one at the screen is the one signed in. */
export function PasswordDialog({ title, confirm, withCode, error, busy, onPassword, onClose }: Props) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const isReady = password !== "" && (!withCode || code.trim() !== "") && !busy;
  return (
    <FormDialog
      title={title}
      confirm={confirm}
      blocked={isReady ? null : t(withCode ? "totp.both" : "totp.password-first")}
      onConfirm={() => onPassword(password, code.trim())}
      onClose={onClose}
    >
      <PasswordInput
        autoComplete="current-password"
        label={t("password.current")}
        size="md"
        value={password}
        onChange={event => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
        data-autofocus
        required
      />
      {withCode && (
        <TextInput
          label={t("totp.code-or-recovery")}
          autoComplete="one-time-code"
          size="md"
          value={code}
          onChange={event => setCode(event.currentTarget.value)}
          required
        />
      )}
      <Failure text={error} />
    </FormDialog>
  );
}
