import { MantineProvider } from "@mantine/core";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import en from "../shared/i18n/generated/staff.en.json";
import ru from "../shared/i18n/generated/staff.ru.json";
import { preferredLanguage, startTexts } from "../shared/i18n/text";
import "../lite/style/base.css";
import "@mantine/core/styles/default-css-variables.css";
import "./mantine.css";
import "./staff.css";
import { client } from "./live/client";
import { router } from "./routes";
import { schemeManager, schemeNow, theme } from "./theme";

startTexts({ ru, en }, preferredLanguage());
// Set before the first drawing, so that a dark page does not start with a white flash.
document.documentElement.dataset.mantineColorScheme = schemeNow();
/** The server's word for this page: styles that components make at run time are allowed by it alone. */
const styleNonce = () => document.querySelector<HTMLMetaElement>("meta[name=style-nonce]")?.content ?? "";
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={schemeManager}
        getStyleNonce={styleNonce}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <Provider value={client}>
          <RouterProvider router={router} />
        </Provider>
      </MantineProvider>
    </StrictMode>,
  );
}
