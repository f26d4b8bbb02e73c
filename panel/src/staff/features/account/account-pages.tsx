import "../../styles/print.css";
import en from "../../../shared/i18n/generated/account.en.json";
import ru from "../../../shared/i18n/generated/account.ru.json";
import { addTexts } from "../../../shared/i18n/text";
import "./account.css";

addTexts({ ru, en });

export { AccountPage } from "./account-page";
