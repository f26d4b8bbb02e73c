import { TextInput } from "@mantine/core";
import { type LocalText, t } from "../../../shared/i18n/text";

interface Props {
  value: LocalText;
  onChange: (name: LocalText) => void;
}

/** A name in both languages of the house. */
export function Names({ value, onChange }: Props) {
  return (
    <>
      <TextInput
        label={t("admin.name-ru")}
        lang="ru"
        value={value.ru}
        maxLength={120}
        onChange={event => onChange({ ...value, ru: event.currentTarget.value })}
        data-autofocus
        required
      />
      <TextInput
        label={t("admin.name-en")}
        lang="en"
        value={value.en}
        maxLength={120}
        onChange={event => onChange({ ...value, en: event.currentTarget.value })}
        required
      />
    </>
  );
}

/** Both names without spaces around, or null while one is missing. */
export function wholeName(name: LocalText): LocalText | null {
  const whole = { ru: name.ru.trim(), en: name.en.trim() };
  return whole.ru && whole.en ? whole : null;
}
