import { useState } from "react";
import { useQuery } from "urql";
import { BranchForOperatorDocument, OperatorStartDocument } from "../../../shared/gql/generated/operator";
import { t } from "../../../shared/i18n/text";
import { Message } from "../../ui/message";
import { NoBranches } from "../../ui/no-branches";
import { StartScreen } from "./start-screen";
import { WorkScreen } from "./work-screen";

/** The operator's workplace: first the choice of a window, then the work at it. */
export function OperatorPage() {
  const [{ data, error }, again] = useQuery({ query: OperatorStartDocument });
  const [branchChosen, chooseBranch] = useState<string | null>(null);
  // Undefined: as the server says; null: left by hand.
  const [windowChosen, chooseWindow] = useState<string | null | undefined>(undefined);

  const own = data?.branches.filter(branch => data.me?.branches.includes(branch.code)) ?? [];
  // People of the whole organisation carry no list of branches.
  const branches = own.length > 0 ? own : (data?.branches ?? []);
  const branch = branchChosen ?? data?.me?.window?.branch ?? branches[0]?.code;
  const [{ data: details, error: detailsError }, reload] = useQuery({
    query: BranchForOperatorDocument,
    variables: { code: branch ?? "" },
    pause: !branch,
  });

  const failed = error ?? detailsError;
  if (failed && !details) {
    const retry = () => {
      again();
      reload();
    };
    const code = failed.graphQLErrors[0]?.message ?? failed.message;
    return (
      <Message
        picture="torn"
        title={t("error.title")}
        code={code}
        action={{ label: t("app.retry"), press: retry }}
      />
    );
  }
  if (data && !branch) return <NoBranches again={again} />;
  if (!data?.me || !details?.branch) return <Message title={t("app.loading")} />;

  const code = windowChosen === undefined ? (data.me.window?.code ?? null) : windowChosen;
  if (code) {
    const leave = () => {
      chooseWindow(null);
      reload();
    };
    return <WorkScreen key={code} me={data.me} branch={details.branch} code={code} onLeave={leave} />;
  }
  return (
    <StartScreen
      branches={branches}
      branch={details.branch}
      onBranch={chooseBranch}
      onOpened={chooseWindow}
      onStale={() => reload()}
    />
  );
}
