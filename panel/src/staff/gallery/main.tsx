import { MantineProvider } from "@mantine/core";
import { createRoot } from "react-dom/client";
import operatorEn from "../../shared/i18n/generated/operator.en.json";
import operatorRu from "../../shared/i18n/generated/operator.ru.json";
import en from "../../shared/i18n/generated/staff.en.json";
import ru from "../../shared/i18n/generated/staff.ru.json";
import { addTexts, preferredLanguage, startTexts } from "../../shared/i18n/text";
import "../../lite/style/base.css";
import "@mantine/core/styles/default-css-variables.css";
import "../mantine.css";
import "../staff.css";
import "../styles/start.css";
import "../styles/work.css";
import "../styles/current.css";
import "../styles/queue.css";
import "./gallery.css";
import { schemeNow, theme } from "../theme";
import { Gallery } from "./gallery";

startTexts({ ru, en }, preferredLanguage());
addTexts({ ru: operatorRu, en: operatorEn });
document.documentElement.dataset.mantineColorScheme = schemeNow();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <Gallery />
    </MantineProvider>,
  );
}
