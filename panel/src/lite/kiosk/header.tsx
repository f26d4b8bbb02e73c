import { language, named, setLanguage, t } from "../../shared/i18n/text";
import { clockTime } from "../../shared/time";
import type { Catalogue } from "../board-feed";

interface Props {
  catalogue: Catalogue;
  now: number;
  large: boolean;
  onLarge: () => void;
  onHelp: () => void;
}

export function Header({ catalogue, now, large, onLarge, onHelp }: Props) {
  const current = language();
  return (
    <header class="top">
      <div class="place">
        <p class="branch">{named(catalogue.name)}</p>
        <p class="clock">{clockTime(now, current, catalogue.timeZone)}</p>
      </div>
      <div class="tools">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend drawn on the screen */}
        <div class="pair" role="group" aria-label={t("kiosk.language")}>
          {(["ru", "en"] as const).map(name => (
            <button
              key={name}
              type="button"
              lang={name}
              aria-pressed={current === name}
              onClick={() => setLanguage(name)}
            >
              {t(`language.${name}`)}
            </button>
          ))}
        </div>
        <button type="button" aria-pressed={large} onClick={onLarge}>
          {t("kiosk.large")}
        </button>
        <button type="button" onClick={onHelp}>
          {t("kiosk.help")}
        </button>
      </div>
    </header>
  );
}
