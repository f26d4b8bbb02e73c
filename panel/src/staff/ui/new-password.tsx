import { PasswordInput } from "@mantine/core";
import { t } from "../../shared/i18n/text";

interface Props {
  value: string;
  onChange: (password: string) => void;
}

/** A password thought up now. How strong is enough is the server's to say. */
export function NewPassword({ value, onChange }: Props) {
  return (
    <PasswordInput
      name="new-password"
      autoComplete="new-password"
      minLength={10}
      maxLength={200}
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
