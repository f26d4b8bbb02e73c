import { render } from "preact";
import en from "../../shared/i18n/generated/ticket.en.json";
import ru from "../../shared/i18n/generated/ticket.ru.json";
import { preferredLanguage, startTexts } from "../../shared/i18n/text";
import "../style/base.css";
import "../style/sheet.css";
import "./ticket.css";
import { TicketPage } from "./page";

startTexts({ ru, en }, preferredLanguage());
const root = document.getElementById("root");
if (root) render(<TicketPage />, root);
