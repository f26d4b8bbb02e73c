import en from "../../../shared/i18n/generated/journal.en.json";
import ru from "../../../shared/i18n/generated/journal.ru.json";
import { addTexts } from "../../../shared/i18n/text";

// Imported for its effect by every section that speaks these words.
addTexts({ ru, en });
