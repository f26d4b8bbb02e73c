import { useEffect } from "react";
import { t } from "../../shared/i18n/text";
import { Message } from "./message";

/** A fresh installation, before its first branch; looks again by itself. */
export function NoBranches({ again }: { again: () => void }) {
  useEffect(() => {
    const timer = setInterval(again, 5000);
    return () => clearInterval(timer);
  }, [again]);
  return <Message picture="signpost" title={t("no-branches.title")} hint={t("no-branches.hint")} />;
}
