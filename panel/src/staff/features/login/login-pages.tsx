import en from "../../../shared/i18n/generated/login.en.json";
import ru from "../../../shared/i18n/generated/login.ru.json";
import { addTexts } from "../../../shared/i18n/text";
import "./login.css";

addTexts({ ru, en });

export { ConfirmPage } from "./confirm-page";
export { InvitePage, RecoverPage } from "./link-pages";
export { LoginPage } from "./login-page";
