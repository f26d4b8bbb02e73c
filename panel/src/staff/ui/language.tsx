import { useSyncExternalStore } from "react";
import {
  type Language,
  language,
  onLanguage,
  rememberLanguage,
  setLanguage,
  t,
} from "../../shared/i18n/text";

export function useLanguage(): Language {
  return useSyncExternalStore(onLanguage, language);
}

export function Languages() {
  const choose = (name: Language) => {
    rememberLanguage(name);
    setLanguage(name);
  };
  return (
    <span className="languages">
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
    </span>
  );
}
