import { render } from "preact";
import en from "../../shared/i18n/generated/board.en.json";
import ru from "../../shared/i18n/generated/board.ru.json";
import { startTexts } from "../../shared/i18n/text";
import { reloadAtNight } from "../heartbeat";
import "../style/base.css";
import "./side.css";
import "./board.css";
import { BoardPage } from "./page";

startTexts({ ru, en }, "ru");
reloadAtNight();
const branch = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const root = document.getElementById("root");
if (root) render(<BoardPage branch={branch} />, root);
