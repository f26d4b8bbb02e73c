import { Button, TextInput } from "@mantine/core";
import { type LocalText, t } from "../../../../shared/i18n/text";
import { codeFor } from "../code";

export interface Word {
  code: string;
  name: LocalText;
}

interface Props {
  label: string;
  words: Word[];
  onChange: (words: Word[]) => void;
}

/** A closed list of words in both languages. The code of a new word follows from its English name, once. */
export function WordsEditor({ label, words, onChange }: Props) {
  const put = (index: number, part: Partial<LocalText>) =>
    onChange(words.map((one, at) => (at === index ? { ...one, name: { ...one.name, ...part } } : one)));
  const settle = (index: number) => {
    const word = words[index];
    if (!word?.code.startsWith("new-") || !word.name.en.trim()) return;
    const taken = words.filter((_, at) => at !== index).map(one => one.code);
    const code = codeFor(word.name.en, taken);
    onChange(words.map((one, at) => (at === index ? { ...one, code } : one)));
  };
  return (
    <fieldset className="field-set words">
      <legend>{label}</legend>
      {words.map((word, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a word keeps its place while its code is being found
        <div className="word" key={index}>
          <TextInput
            aria-label={t("reasons.ru", { list: label, number: index + 1 })}
            placeholder={t("admin.name-ru")}
            lang="ru"
            value={word.name.ru}
            maxLength={120}
            onChange={event => put(index, { ru: event.currentTarget.value })}
          />
          <TextInput
            aria-label={t("reasons.en", { list: label, number: index + 1 })}
            placeholder={t("admin.name-en")}
            lang="en"
            value={word.name.en}
            maxLength={120}
            onChange={event => put(index, { en: event.currentTarget.value })}
            onBlur={() => settle(index)}
          />
          <button
            type="button"
            className="plain-x"
            aria-label={t("reasons.remove", { word: word.name.ru || String(index + 1) })}
            onClick={() => onChange(words.filter((_, at) => at !== index))}
          >
            ×
          </button>
        </div>
      ))}
      <div className="row">
        <Button
          variant="subtle"
          onClick={() => onChange([...words, { code: freshCode(words), name: { ru: "", en: "" } }])}
        >
          {t("reasons.add")}
          <span className="hidden-text"> — {label}</span>
        </Button>
      </div>
    </fieldset>
  );
}

function freshCode(words: Word[]): string {
  for (let number = words.length + 1; ; number++)
    if (!words.some(one => one.code === `new-${number}`)) return `new-${number}`;
}
