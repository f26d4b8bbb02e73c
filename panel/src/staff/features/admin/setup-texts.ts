import en from "../../../shared/i18n/generated/setup.en.json";
import ru from "../../../shared/i18n/generated/setup.ru.json";
import { addTexts } from "../../../shared/i18n/text";
import "./setup/setup.css";

// Imported for its effect by every section that speaks these words.
addTexts({ ru, en });
