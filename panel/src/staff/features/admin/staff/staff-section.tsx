import { StaffListPage } from "./list-page";
import { MemberPage } from "./member-page";
import "../staff-texts";

/** Everybody who works here, or the one whose page is open. */
export function StaffSection({ id }: { id?: string }) {
  return id ? <MemberPage key={id} id={id} /> : <StaffListPage />;
}
