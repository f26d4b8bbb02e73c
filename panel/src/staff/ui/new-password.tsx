import { PasswordInput } from "@mantine/core";
import { t } from "../../shared/i18n/text";

interface Props {
  value: string;
  onChange: (password: string) => void;
}

/** A password thought up now. How strong is enough is the server's to say; a paste that is too long is not cut, but refused by it. */
export function NewPassword({ value, onChange }: Props) {
  return (
    <PasswordInput
      name="new-password"
      autoComplete="new-password"
      minLength={12}
      label={t("password.new")}
      description={t("password.hint")}
      size="md"
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
      required
    />
  );
}
