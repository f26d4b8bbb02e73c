import en from "../../../shared/i18n/generated/staffing.en.json";
import ru from "../../../shared/i18n/generated/staffing.ru.json";
import { addTexts } from "../../../shared/i18n/text";

// Imported for its effect by every section that speaks these words.
addTexts({ ru, en });
