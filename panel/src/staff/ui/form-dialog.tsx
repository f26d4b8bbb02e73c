import { Button } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { t } from "../../shared/i18n/text";
import { Dialog } from "./dialog";

interface Props {
  title: string;
  confirm: string;
  /** Why it cannot be confirmed yet, in words. */
  blocked?: string | null;
  danger?: boolean;
  children: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

/** A question with one answer: Enter confirms, Esc leaves. */
export function FormDialog({ title, confirm, blocked, danger, children, onConfirm, onClose }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!blocked) onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="dialog" onSubmit={submit}>
        {children}
        <footer>
          {blocked && <p className="dim">{blocked}</p>}
          <Button variant="default" onClick={onClose}>
            {t("dialog.cancel")}
          </Button>
          <Button type="submit" color={danger ? "red" : undefined} disabled={Boolean(blocked)} data-confirm>
            {confirm}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
