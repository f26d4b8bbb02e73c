import { Button } from "@mantine/core";
import { useState } from "react";
import { t } from "../../shared/i18n/text";

/** A secret that is shown once, with a button that copies it. */
export function Secret({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    setCopied(await copyText(text));
  };
  return (
    <div className="secret">
      <b>{label}</b>
      <code>{text}</code>
      <div className="row">
        <Button variant="default" onClick={() => void copy()}>
          {t("shell.copy")}
        </Button>
        <span role="status" className="saved">
          {copied ? t("shell.copied") : ""}
        </span>
      </div>
    </div>
  );
}

// The clipboard is closed to pages of plain http, where branches often run; the old way still works there.
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = text;
  // A modal dialog makes everything outside of it inert.
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
