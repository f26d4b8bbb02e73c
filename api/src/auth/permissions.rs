//! The one table of who may do what. Every GraphQL field and every HTTP route names one of these permissions; nothing
//! else in the house decides by role. `schemas/permissions.json` is this table, generated and committed.

use std::collections::BTreeMap;

use talon_core::{ids::RoleCode, staff::event::Role as StaffRole};

/// What somebody acts as. A device has two columns here, because a board must not take tickets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Anybody on the street: no token, no cookie.
    Nobody,
    Kiosk,
    Board,
    Customer,
    Operator,
    Head,
    Admin,
    Analyst,
    Auditor,
    /// A role of the organisation's own. It has no column: what it allows stands in the log.
    Own(RoleCode),
}

impl Role {
    /// The columns of the table.
    pub const ALL: [Self; 9] = [
        Self::Nobody,
        Self::Kiosk,
        Self::Board,
        Self::Customer,
        Self::Operator,
        Self::Head,
        Self::Admin,
        Self::Analyst,
        Self::Auditor,
    ];

    /// The column's name in the matrix.
    #[must_use]
    pub fn column(&self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Kiosk => "kiosk",
            Self::Board => "board",
            Self::Customer => "customer",
            Self::Operator => "operator",
            Self::Head => "head",
            Self::Admin => "admin",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Own(_) => "own",
        }
    }

    /// The role's code in facts and on the wire: both columns of devices are `device`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Kiosk | Self::Board => "device",
            Self::Own(code) => code.as_str(),
            other => other.column(),
        }
    }
}

impl From<StaffRole> for Role {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Operator => Self::Operator,
            StaffRole::Head => Self::Head,
            StaffRole::Admin => Self::Admin,
            StaffRole::Analyst => Self::Analyst,
            StaffRole::Auditor => Self::Auditor,
            StaffRole::Own(code) => Self::Own(code),
        }
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $code:literal: $($role:ident)+;)+) => {
        /// One thing that may be allowed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[$doc])* $name),+
        }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name clients see in `me.permissions` and in the committed matrix.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The permission of this code, where this build knows it.
            #[must_use]
            pub fn of_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.code() == code)
            }

            /// Who has it.
            #[must_use]
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),+]),+ }
            }
        }
    };
}

permissions! {
    /// Pages, their assets and voice clips, health, the description of the API; signing in and pairing themselves.
    OpenPage = "OPEN_PAGE": Nobody Kiosk Board Customer Operator Head Admin Analyst Auditor;
    /// Who am I.
    ReadMe = "READ_ME": Nobody Kiosk Board Customer Operator Head Admin Analyst Auditor;
    /// One's own sessions, password and second factor: held by whoever signs in, whatever their roles.
    OwnAccount = "OWN_ACCOUNT": Customer Operator Head Admin Analyst Auditor;
    /// Name, address, hours and catalogue of a public branch, and how many wait there.
    ReadBranch = "READ_BRANCH": Nobody Kiosk Board Customer Operator Head Admin Analyst Auditor;
    /// The hall board of a public branch, and the log's position.
    ReadBoard = "READ_BOARD": Nobody Kiosk Board Customer Operator Head Admin Analyst Auditor;
    /// The same two for a branch that is not public.
    ReadClosedBranch = "READ_CLOSED_BRANCH": Kiosk Board Operator Head Admin Analyst Auditor;
    /// One ticket by its capability token, which is the permission of its own.
    ReadOwnTicket = "READ_OWN_TICKET": Nobody Kiosk Board Customer Operator Head Admin Analyst Auditor;
    /// Day, windows and live queue of a branch, with every ticket in it and why it stands where it does.
    ReadQueue = "READ_QUEUE": Operator Head Admin Auditor;
    /// Lists of tickets of any day.
    ReadTickets = "READ_TICKETS": Operator Head Admin Analyst Auditor;
    /// Why a ticket was called when it was.
    ReadDecision = "READ_DECISION": Operator Head Admin Analyst Auditor;
    /// Facts one by one, with their actors as pseudonyms.
    ReadHistory = "READ_HISTORY": Head Admin Auditor;
    /// Counts, waits and loads by hour and day.
    ReadStatistics = "READ_STATISTICS": Head Admin Analyst Auditor;
    /// Notes about a visit, opened from their seal.
    ReadNotes = "READ_NOTES": Operator Head Admin;
    /// Names of colleagues, opened from their seal; others see pseudonyms.
    ReadStaffNames = "READ_STAFF_NAMES": Operator Head Admin;
    /// The token behind a ticket's QR code.
    ReadTicketToken = "READ_TICKET_TOKEN": Kiosk Operator Head Admin;
    /// Alerts about long waits.
    ReadAlerts = "READ_ALERTS": Operator Head Admin;
    /// Put somebody into the queue.
    IssueTicket = "ISSUE_TICKET": Kiosk Operator Head Admin;
    /// Take a ticket for oneself, signed in as a customer.
    TakeTicket = "TAKE_TICKET": Customer;
    /// Say that a customer who joined from afar has come.
    ArriveTicket = "ARRIVE_TICKET": Kiosk Operator Head Admin;
    /// Invite whoever is next, repeat or take back a call; call a parked ticket back.
    CallCustomers = "CALL_CUSTOMERS": Operator Head Admin;
    /// Call somebody out of turn: needed beside `CallCustomers` whenever a call names a reason for it.
    PickTicket = "PICK_TICKET": Head Admin;
    /// Everything from start to end of a service: complete, refuse, park, return, transfer, no-show, cancel.
    ServeCustomers = "SERVE_CUSTOMERS": Operator Head Admin;
    /// Write a note about a visit.
    AddNotes = "ADD_NOTES": Operator Head Admin;
    /// Give a waiting ticket another class.
    Reprioritise = "REPRIORITISE": Head Admin;
    /// Take back one's own last step.
    UndoStep = "UNDO_STEP": Operator Head Admin;
    /// Say that an alert was seen.
    AcknowledgeAlerts = "ACKNOWLEDGE_ALERTS": Head Admin;
    /// Open, pause and close the window one works at, and choose its services.
    WorkAtWindow = "WORK_AT_WINDOW": Operator Head Admin;
    /// Sit down at a window that somebody left open.
    TakeOverWindow = "TAKE_OVER_WINDOW": Operator Head Admin;
    /// The same for somebody else's window.
    ManageWindows = "MANAGE_WINDOWS": Head Admin;
    /// Open the business day.
    OpenDay = "OPEN_DAY": Operator Head Admin;
    /// Stop and resume intake, close the business day.
    ManageDay = "MANAGE_DAY": Head Admin;
    /// Settings of a branch.
    ManageBranch = "MANAGE_BRANCH": Head Admin;
    /// Kiosks and boards: list, pair, revoke.
    ManageDevices = "MANAGE_DEVICES": Head Admin;
    /// Who works in one's branches, with roles, positions and skills; names only with `ReadStaffNames`.
    ReadStaff = "READ_STAFF": Head Admin Auditor;
    /// Regions, positions, roles and what each of them allows; the catalogue with archived services.
    ReadStructure = "READ_STRUCTURE": Head Admin Analyst Auditor;
    /// Skills and positions of those who work in one's branches.
    AssignSkills = "ASSIGN_SKILLS": Head Admin;
    /// People and their roles: add, invite, change, dismiss, sign out.
    ManageStaff = "MANAGE_STAFF": Admin;
    /// Roles of the organisation's own.
    ManageRoles = "MANAGE_ROLES": Admin;
    /// Regions, which branch belongs to which, positions.
    ManageStructure = "MANAGE_STRUCTURE": Admin;
    /// Services, classes, reasons, branches of the whole organisation.
    ManageCatalogue = "MANAGE_CATALOGUE": Admin;
    /// Other systems that are told of events: webhooks and how their calls go.
    ManageIntegrations = "MANAGE_INTEGRATIONS": Admin;
    /// One's own profile, consents and visits; a copy of all of it; being erased.
    ManageOwnAccount = "MANAGE_OWN_ACCOUNT": Customer;
    /// What customers are asked to agree to.
    ReadConsentTexts = "READ_CONSENT_TEXTS": Nobody Kiosk Board Customer Operator Head Admin Analyst Auditor;
    /// Publish what customers are asked to agree to.
    ManageConsentTexts = "MANAGE_CONSENT_TEXTS": Admin;
    /// Find a customer by a contact one knows, as a pseudonym.
    FindCustomers = "FIND_CUSTOMERS": Head Admin;
    /// See who a customer or a colleague is, for a reason that is written down.
    RevealPersonalData = "REVEAL_PERSONAL_DATA": Head Admin;
    /// Erase a customer for ever.
    EraseCustomers = "ERASE_CUSTOMERS": Admin;
    /// A device says that it is alive.
    SendHeartbeat = "SEND_HEARTBEAT": Kiosk Board;
    /// Figures of the process itself.
    ReadMetrics = "READ_METRICS": Admin;
}

impl Permission {
    /// Whether it administers: of the roles of the house the administrator's alone has it.
    #[must_use]
    pub fn is_administrative(self) -> bool {
        self.roles() == [Role::Admin]
    }

    /// Whether somebody has it who must have a second factor and has none, besides their own account: what strangers have.
    #[must_use]
    pub fn needs_no_second_factor(self) -> bool {
        self.roles().contains(&Role::Nobody)
    }

    /// Whether somebody on the staff can have it: what only devices do is in no role.
    #[must_use]
    pub fn is_for_staff(self) -> bool {
        let staff = [Role::Operator, Role::Head, Role::Admin, Role::Analyst, Role::Auditor];
        self.roles().iter().any(|role| staff.contains(role))
    }
}

/// A set of permissions: what a role allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permissions(u128);

const _: () = assert!(Permission::ALL.len() <= 128, "a set holds 128 permissions");

impl Permissions {
    /// What the table gives to a role of the house; nothing to one of the organisation's own.
    #[must_use]
    pub fn of_role(role: &Role) -> Self {
        Permission::ALL.iter().copied().filter(|permission| permission.roles().contains(role)).collect()
    }

    #[must_use]
    pub fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// In the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | 1 << permission as u32))
    }
}

/// The table as the committed file shows it: each permission with the columns that have it.
#[must_use]
pub fn matrix() -> BTreeMap<&'static str, Vec<&'static str>> {
    let columns = |permission: &Permission| permission.roles().iter().map(|role| role.column()).collect();
    Permission::ALL.iter().map(|permission| (permission.code(), columns(permission))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_administrators_may_is_administrative() {
        let found: Vec<_> =
            Permission::ALL.iter().filter(|it| it.is_administrative()).map(|it| it.code()).collect();
        for one in
            ["MANAGE_STAFF", "MANAGE_ROLES", "MANAGE_CATALOGUE", "MANAGE_INTEGRATIONS", "ERASE_CUSTOMERS"]
        {
            assert!(found.contains(&one), "{one}");
        }
        for other in ["OWN_ACCOUNT", "MANAGE_BRANCH", "CALL_CUSTOMERS", "TAKE_TICKET", "OPEN_PAGE"] {
            assert!(!found.contains(&other), "{other}");
        }
    }
}
