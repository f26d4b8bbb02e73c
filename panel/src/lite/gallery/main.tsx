import { render } from "preact";
import en from "../../shared/i18n/generated/kiosk.en.json";
import ru from "../../shared/i18n/generated/kiosk.ru.json";
import { startTexts } from "../../shared/i18n/text";
import "../style/base.css";
import "../../shared/style/pictures.css";
import "../kiosk/kiosk.css";
import "../kiosk/choose.css";
import "../kiosk/notice.css";
import "../kiosk/ticket.css";
import "./gallery.css";
import { Gallery } from "./gallery";

startTexts({ ru, en }, new URLSearchParams(location.search).get("lang") === "en" ? "en" : "ru");
const root = document.getElementById("root");
if (root) render(<Gallery />, root);
