import type {
  BranchForOperatorQuery,
  TicketPartsFragment,
  WindowPartsFragment,
} from "../../../shared/gql/generated/operator";

export type TicketView = TicketPartsFragment;
export type WindowView = WindowPartsFragment;
export type BranchView = NonNullable<BranchForOperatorQuery["branch"]>;
export type ServiceView = BranchView["services"][number];
