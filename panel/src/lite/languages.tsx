import { type Language, language, rememberLanguage, setLanguage, t } from "../shared/i18n/text";

/** The two languages as plain buttons; the choice is remembered on this device. */
export function Languages() {
  const choose = (name: Language) => {
    rememberLanguage(name);
    setLanguage(name);
  };
  return (
    <p class="languages">
      {(["ru", "en"] as const).map(name => (
        <button
          key={name}
          type="button"
          lang={name}
          aria-pressed={language() === name}
          onClick={() => choose(name)}
        >
          {t(`language.${name}`)}
        </button>
      ))}
    </p>
  );
}
