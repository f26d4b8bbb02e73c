import en from "../../../shared/i18n/generated/operator.en.json";
import ru from "../../../shared/i18n/generated/operator.ru.json";
import { addTexts } from "../../../shared/i18n/text";
import { Gate } from "../../session/gate";
import { OperatorPage } from "./operator-page";
import "../../styles/start.css";
import "../../styles/work.css";
import "../../styles/current.css";
import "../../styles/queue.css";

addTexts({ ru, en });

export function OperatorHome() {
  return (
    <Gate any={["CALL_CUSTOMERS"]}>
      <OperatorPage />
    </Gate>
  );
}
