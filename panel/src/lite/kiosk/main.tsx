import { render } from "preact";
import en from "../../shared/i18n/generated/kiosk.en.json";
import ru from "../../shared/i18n/generated/kiosk.ru.json";
import { startTexts } from "../../shared/i18n/text";
import { reloadAtNight } from "../heartbeat";
import "../style/base.css";
import "../../shared/style/pictures.css";
import "./kiosk.css";
import "./choose.css";
import "./notice.css";
import "./ticket.css";
import { KioskPage } from "./page";

startTexts({ ru, en }, "ru");
reloadAtNight();
const branch = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const root = document.getElementById("root");
if (root) render(<KioskPage branch={branch} />, root);
