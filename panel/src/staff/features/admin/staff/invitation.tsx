import { language, t } from "../../../../shared/i18n/text";
import { dayAndTime } from "../../../../shared/time";
import { Secret } from "../../../ui/copy";

interface Props {
  invitation?: { link: string; expiresAt: string; mailed: boolean } | null;
}

/** The link by which somebody chooses their password. The server keeps no copy that could be shown again. */
export function InvitationLink({ invitation }: Props) {
  if (!invitation) return <p>{t("invitation.none")}</p>;
  const link = new URL(invitation.link, location.href).href;
  return (
    <>
      <p>{t(invitation.mailed ? "invitation.mailed" : "invitation.by-hand")}</p>
      <Secret label={t("invitation.link")} text={link} />
      <p className="dim">{t("invitation.until", { time: dayAndTime(invitation.expiresAt, language()) })}</p>
    </>
  );
}
