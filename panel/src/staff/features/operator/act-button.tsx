import { Button } from "@mantine/core";
import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import { t } from "../../../shared/i18n/text";
import type { Ability, Act } from "./abilities";
import { keyLabel } from "./labels";

interface Props {
  act: Act;
  able: Ability;
  hint: string;
  main?: RefObject<HTMLButtonElement | null>;
  second?: boolean;
  small?: boolean;
  busy?: boolean;
  press: (act: Act) => void;
}

/** A button of the workplace with its key; one that may not be pressed says why. */
export function ActButton({ act, able, hint, main, second, small, busy, press }: Props) {
  if (able.kind === "hidden") return null;
  const why = able.kind === "not-yet" ? t(able.why, able.values) : null;
  return (
    <Button
      ref={main}
      className={small ? "act small" : "act"}
      variant={small ? "default" : second ? "outline" : "filled"}
      size={small ? "md" : "xl"}
      // Not `disabled`: the focus would be lost, and with it the keyboard's place.
      aria-disabled={why !== null || undefined}
      data-disabled={why !== null || undefined}
      aria-keyshortcuts={hint}
      loading={busy}
      onClick={() => why === null && press(act)}
    >
      <span className="label">
        {keyLabel(act)} {!small && <i>{hint}</i>}
      </span>
      {small ? <small>{[hint, why].filter(Boolean).join(" · ")}</small> : why && <small>{why}</small>}
    </Button>
  );
}

interface MoreProps {
  able: Record<Act, Ability>;
  opened: boolean;
  onOpened: (opened: boolean) => void;
  press: (act: Act) => void;
}

const rare = ["return", "refuse", "revoke"] as const;

/** The rare steps, opened under the last button; arrows and Tab walk through them, Esc closes. */
export function MoreMenu({ able, opened, onOpened, press }: MoreProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (opened) list.current?.querySelector("button")?.focus();
  }, [opened]);
  const walk = (event: KeyboardEvent) => {
    if (event.key === "Escape") onOpened(false);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  const leave = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) onOpened(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and focus bubble up from the buttons inside
    <div className="more" onKeyDown={walk} onBlur={leave}>
      <Button
        className="act small"
        variant="default"
        size="md"
        aria-keyshortcuts="F10"
        aria-expanded={opened}
        onClick={() => onOpened(!opened)}
      >
        <span className="label">{t("do.more")}</span>
        <small>F10</small>
      </Button>
      {opened && (
        <ul ref={list}>
          {rare
            .filter(act => able[act].kind !== "hidden")
            .map(act => (
              <li key={act}>
                <button
                  type="button"
                  disabled={able[act].kind !== "can"}
                  onClick={() => {
                    onOpened(false);
                    press(act);
                  }}
                >
                  {keyLabel(act)}
                </button>
              </li>
            ))}
        </ul>
      )}
    </div>
  );
}
