import "../../styles/print.css";
import en from "../../../shared/i18n/generated/admin.en.json";
import ru from "../../../shared/i18n/generated/admin.ru.json";
import { addTexts } from "../../../shared/i18n/text";
import "./admin.css";

addTexts({ ru, en });

export { AdminIndex, AdminSection, AdminShell } from "./shell";
