import { language, named, setLanguage, t } from "../../shared/i18n/text";
import { clockTime } from "../../shared/time";
import type { Catalogue } from "../board-feed";

interface PlaceProps {
  catalogue: Catalogue;
  now: number;
}

export function Place({ catalogue, now }: PlaceProps) {
  return (
    <div class="place">
      <p class="branch">{named(catalogue.name)}</p>
      <p class="clock">{clockTime(now, language(), catalogue.timeZone)}</p>
    </div>
  );
}

interface ToolsProps {
  large: boolean;
  onLarge: () => void;
  onHelp: () => void;
}

/** Language, large letters and help. In large mode they stand below, where a low reach comes to. */
export function Tools({ large, onLarge, onHelp }: ToolsProps) {
  const current = language();
  return (
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
      <button type="button" class="larger" aria-pressed={large} onClick={onLarge}>
        {t("kiosk.large")}
      </button>
      <button type="button" onClick={onHelp}>
        {t("kiosk.help")}
      </button>
    </div>
  );
}
