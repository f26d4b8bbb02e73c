import { t } from "../../../shared/i18n/text";
import { Dialog } from "../../ui/dialog";
import { CodeForm } from "../login/code-form";
import { contactDoor, type Kind } from "../login/codes";

interface Props {
  kind: Kind;
  title: string;
  onDone: (value: string) => void;
  onClose: () => void;
}

/** Asks for the contact and for the code that comes to it. */
export default function ContactDialog({ kind, title, onDone, onClose }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="dim">{t("mine.add-lead")}</p>
      <CodeForm kind={kind} door={contactDoor} onDone={onDone} />
    </Dialog>
  );
}
