import { render } from "preact";
import en from "../../shared/i18n/generated/home.en.json";
import ru from "../../shared/i18n/generated/home.ru.json";
import { preferredLanguage, startTexts } from "../../shared/i18n/text";
import "../style/base.css";
import "../style/sheet.css";
import "./home.css";
import { HomePage } from "./page";

startTexts({ ru, en }, preferredLanguage());
const root = document.getElementById("root");
if (root) render(<HomePage />, root);
