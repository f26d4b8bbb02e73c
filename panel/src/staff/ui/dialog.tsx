import { type ReactNode, useEffect, useId, useRef } from "react";
import { t } from "../../shared/i18n/text";

interface Props {
  title: string;
  children: ReactNode;
  onClose: () => void;
}

/** The browser's own modal dialog: it keeps the focus inside and closes on Esc. */
export function Dialog({ title, children, onClose }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const first =
      dialog.querySelector<HTMLElement>("[data-autofocus]") ??
      dialog.querySelector<HTMLElement>("[data-confirm]");
    first?.focus();
  }, []);
  return (
    <dialog
      ref={box}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" aria-label={t("dialog.close")} onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}
