import { named, t } from "../../shared/i18n/text";
import type { Catalogue } from "../board-feed";
import { Icon } from "../icons";
import type { Privilege } from "./screen";
import { density } from "./services";

interface Props {
  catalogue: Catalogue;
  onReason: (privilege: Privilege) => void;
  onBack: () => void;
}

// More lines than this do not fit under each other.
const mostRows = 6;

/** The grounds the law names; the visitor picks one and shows the document at the window. */
export function ReasonsScreen({ catalogue, onReason, onBack }: Props) {
  const choices = catalogue.classes.flatMap(one =>
    one.reasons.map(reason => ({ classCode: one.code, reason })),
  );
  return (
    <section class="choose">
      <h1>{t("kiosk.priority-title")}</h1>
      <p class="lead">{t("kiosk.priority-hint")}</p>
      <ul class={choices.length > mostRows ? density(choices.length) : "cards rows"}>
        {choices.map(({ classCode, reason }) => (
          <li key={classCode + reason.code}>
            <button
              type="button"
              class="card plain"
              onClick={() => onReason({ classCode, reasonCode: reason.code })}
            >
              <span class="name">{named(reason.name)}</span>
              <Icon name="next" />
            </button>
          </li>
        ))}
      </ul>
      <nav class="bottom">
        <button type="button" onClick={onBack}>
          <Icon name="back" />
          {t("app.back")}
        </button>
      </nav>
    </section>
  );
}
