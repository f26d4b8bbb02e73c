import { render } from "preact";
import en from "../../shared/i18n/generated/pair.en.json";
import ru from "../../shared/i18n/generated/pair.ru.json";
import { preferredLanguage, startTexts } from "../../shared/i18n/text";
import "../style/base.css";
import "../style/sheet.css";
import "./pair.css";
import { PairPage } from "./page";

startTexts({ ru, en }, preferredLanguage());
const root = document.getElementById("root");
if (root) render(<PairPage />, root);
