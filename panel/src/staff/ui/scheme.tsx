import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { t } from "../../shared/i18n/text";
import { schemeNow } from "../theme";
import { Icon } from "./icons";

/** Light or dark, one press. */
export function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme(schemeNow());
  return (
    <button
      type="button"
      className="tool"
      aria-label={t(scheme === "dark" ? "shell.light" : "shell.dark")}
      title={t(scheme === "dark" ? "shell.light" : "shell.dark")}
      onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}
    >
      <Icon name={scheme === "dark" ? "sun" : "moon"} />
    </button>
  );
}
