//! One of each event, with every field filled.

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{
    access::event::*,
    branch::event::*,
    customer,
    customer::event::{
        ConsentGiven, ConsentWithdrawn, ContactAdded, ContactKind, ContactRemoved, CustomerErased,
        CustomerRegistered, DataExported, EraseReason, ErasedBy, PersonalField, ProfileChanged, ProfilePart,
        RevealReason,
    },
    device::event::*,
    ids::*,
    organisation::{event::*, webhook::Webhook},
    queue_day::event::*,
    queue_event::{AccessEvent, Event, OrganisationEvent, QueueEvent},
    sealed::Sealed,
    settings::{Class, Reason, Service, ServiceGroup, Target},
    staff::event::*,
    testing::samples::{
        LEGAL, LETTERS, NINE_OCLOCK, PARCELS, WINDOW_1, WINDOW_2, branch_settings, class, reason, service,
        settings, ticket, window,
    },
    text::LocalText,
};
use uuid::Uuid;

pub(super) fn one_of_each() -> Vec<Event> {
    let mut all: Vec<Event> = tickets().into_iter().chain(visits()).map(Event::Queue).collect();
    all.extend(day_and_windows().into_iter().map(Event::Queue));
    all.extend(organisation());
    all.extend(branch_staff_and_devices());
    all.extend(customers());
    all.extend(doors().map(Event::Access));
    all
}

fn minutes(count: i64) -> DateTime<Utc> {
    NINE_OCLOCK + TimeDelta::minutes(count)
}

fn place() -> Place {
    Place { reference: minutes(0), due_at: minutes(15) }
}

fn anna() -> OperatorId {
    OperatorId::trusted("anna")
}

fn sealed() -> Sealed {
    Sealed { key: "person-1".into(), value: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".into() }
}

fn event_id() -> EventId {
    EventId(Uuid::from_u128(0x0197_9d3c_0000_7000_8000_0000_0000_0001))
}

fn webhook(active: bool) -> Webhook {
    Webhook {
        url: "https://centre.example.org/talon".into(),
        kinds: vec!["ticket.*".into(), "staff.session_revoked".into()],
        branches: vec![BranchId::trusted("centre")],
        active,
    }
}

fn quote() -> Quote {
    Quote { p50_s: 300, p80_s: 480, model: "formula".into(), ahead: 2, windows: 2 }
}

fn decision() -> Decision {
    Decision {
        policy: "edd".into(),
        version: 3,
        candidates: 4,
        rank: 2,
        due_at: minutes(15),
        overtaken: vec![Overtaken { ticket: ticket(2), number: "А002".into(), due_at: minutes(12) }],
        reason_code: Some(reason("quick_question")),
    }
}

fn tickets() -> Vec<QueueEvent> {
    let one = ticket(1);
    vec![
        TicketIssued {
            ticket: one,
            number: Some("А001".into()),
            letter: Some('А'),
            seq: Some(1),
            services: vec![service(LETTERS), service(PARCELS)],
            class: class("privileged"),
            class_reason: Some(reason("veteran")),
            channel: Channel::Booking,
            remote: true,
            party_size: 2,
            language: Some("ru".into()),
            booking_id: Some(Uuid::from_u128(9)),
            slot_start: Some(minutes(5)),
            customer_ref: Some(sealed()),
            kiosk: Some(DeviceId::trusted("kiosk-1")),
            not_before: Some(minutes(5)),
            place: place(),
            quote: Some(quote()),
        }
        .into(),
        TicketArrived { ticket: one, how: Arrival::Qr, place: place() }.into(),
        TicketReprioritised {
            ticket: one,
            old_class: class("standard"),
            new_class: class("privileged"),
            due_at: minutes(7),
            reason_code: reason("veteran"),
        }
        .into(),
        TicketCalled {
            ticket: one,
            window: Some(window(WINDOW_1)),
            operator: Some(anna()),
            attempt: 1,
            mode: CallMode::Picked,
            decision: Some(decision()),
        }
        .into(),
        TicketRecalled { ticket: one, window: window(WINDOW_1), attempt: 2 }.into(),
        CallRevoked { ticket: one, window: window(WINDOW_1), reason: RevokeReason::Mistake }.into(),
        TicketNoShow { ticket: one, attempts: 3, automatic: true, grace_until: minutes(20) }.into(),
        TicketReactivated { ticket: one, placement: Placement::Original, returns: 1, place: place() }.into(),
        TicketReturned {
            ticket: one,
            placement: Placement::AfterN { n: 2 },
            not_before: Some(minutes(3)),
            returns: 1,
            place: place(),
        }
        .into(),
        TicketCancelled { ticket: one, by: CancelledBy::Customer, reason_code: reason("left") }.into(),
        TicketAbandoned { ticket: one, evidence: Evidence::GraceOver }.into(),
        TicketExpired { ticket: one, rule: Rule::DayClosed }.into(),
        TicketNoteAdded { ticket: one, note: sealed() }.into(),
        LongWaitDetected { ticket: one, level: 1, due_at: minutes(15) }.into(),
        CloseOverdue { ticket: one, window: window(WINDOW_1), closing_at: minutes(15) }.into(),
        AlertAcknowledged { ticket: one, level: 1, by: anna() }.into(),
    ]
}

fn visits() -> Vec<QueueEvent> {
    let one = ticket(1);
    let at = Some(window(WINDOW_1));
    vec![
        ServiceStarted { ticket: one, service: service(LETTERS), window: at.clone(), operator: Some(anna()) }
            .into(),
        ServiceAdded { ticket: one, service: service(PARCELS), quantity: 2 }.into(),
        ServiceSwitched {
            ticket: one,
            from_service: service(LETTERS),
            service: service(PARCELS),
            quantity: 1,
        }
        .into(),
        ServiceCompleted {
            ticket: one,
            service: service(LETTERS),
            quantity: 1,
            outcome_code: Some(reason("done")),
            next: Some(NextService::Queued { service: service(LEGAL), place: place() }),
            window: at.clone(),
            operator: Some(anna()),
        }
        .into(),
        ServiceRefused {
            ticket: one,
            reason_code: reason("no_document"),
            window: at.clone(),
            operator: Some(anna()),
        }
        .into(),
        TicketParked {
            ticket: one,
            reason_code: reason("form"),
            pool: Pool::Operator,
            window: window(WINDOW_1),
            operator: Some(anna()),
            resume_by: Some(minutes(10)),
        }
        .into(),
        TicketUnparked { ticket: one, place: place() }.into(),
        TicketTransferred {
            ticket: one,
            from_service: service(LETTERS),
            to_service: service(PARCELS),
            to_window: Some(window(WINDOW_2)),
            to_operator: Some(anna()),
            place: place(),
        }
        .into(),
        ActionUndone {
            undone: vec![event_id()],
            kind: "ticket.parked".into(),
            ticket: Some(one),
            restored: Restored {
                ticket: Some(RestoredTicket {
                    state: RestoredState::Serving {
                        window: window(WINDOW_1),
                        called_at: minutes(1),
                        started_at: minutes(2),
                    },
                    class: class("standard"),
                    services: vec![service(LETTERS)],
                    place: place(),
                    not_before: Some(minutes(1)),
                    returns: 1,
                    attempts: 2,
                    pinned_window: at,
                    pinned_operator: Some(anna()),
                }),
                window: Some(RestoredWindow {
                    window: window(WINDOW_1),
                    operator: anna(),
                    skills: vec![service(LETTERS)],
                    services: vec![service(LETTERS)],
                    pause: Some(Pause { reason: reason("tea"), since: minutes(3), until: Some(minutes(13)) }),
                }),
            },
        }
        .into(),
    ]
}

fn day_and_windows() -> Vec<QueueEvent> {
    let (at, who) = (window(WINDOW_1), anna());
    let (skills, services) = (vec![service(LETTERS), service(PARCELS)], vec![service(LETTERS)]);
    vec![
        BusinessDayOpened { settings: settings() }.into(),
        SettingsAdopted { settings: settings() }.into(),
        SkillsAdopted { operator: who.clone(), skills: skills.clone() }.into(),
        IntakePaused { rule: Some(Rule::Break), reason: Some("Отключение света".into()) }.into(),
        IntakeResumed {}.into(),
        BusinessDayClosed { expired: 3 }.into(),
        WindowOpened {
            window: at.clone(),
            operator: who.clone(),
            skills: skills.clone(),
            services: services.clone(),
        }
        .into(),
        WindowTakenOver {
            window: at.clone(),
            from_operator: OperatorId::trusted("boris"),
            operator: who.clone(),
            skills,
            services,
        }
        .into(),
        WindowServiceEnabled { window: at.clone(), service: service(LETTERS) }.into(),
        WindowServiceDisabled { window: at.clone(), service: service(LETTERS) }.into(),
        WindowPaused { window: at.clone(), reason: reason("tea"), until: Some(minutes(13)) }.into(),
        WindowResumed { window: at.clone() }.into(),
        WindowClosed { window: at, operator: who }.into(),
    ]
}

fn organisation() -> Vec<Event> {
    let name = LocalText::new("Письма", "Letters");
    let group = ServiceGroup {
        id: GroupId::trusted("post"),
        name: name.clone(),
        letter: 'А',
        icon: Some("envelope".into()),
    };
    let offered = Service {
        id: service(LETTERS),
        group: group.id.clone(),
        name: name.clone(),
        norm_s: 300,
        p80_s: 450,
        target_s: Some(600),
        long: true,
    };
    let privileged = Class {
        id: class("privileged"),
        name: name.clone(),
        target_s: 420,
        self_service: true,
        emergency: false,
        reasons: vec![Reason { code: reason("veteran"), name: name.clone() }],
    };
    let target = Target { class: class("privileged"), service: service(LETTERS), target_s: 300 };
    let consent_text = ConsentTextPublished {
        purpose: PurposeId::trusted("sms_calls"),
        version: 2,
        text: LocalText::new("Я согласен получать СМС.", "I agree to get messages."),
        required: false,
    };
    vec![
        OrganisationNamed { name: name.clone(), was: Some(name.clone()) }.into(),
        RegionDefined { region: "north".into(), name: name.clone(), was: Some(name.clone()) }.into(),
        RegionArchived { region: "north".into(), was: name.clone() }.into(),
        BranchRegistered {
            branch: BranchId::trusted("centre"),
            region: Some("north".into()),
            imported: true,
        }
        .into(),
        BranchMoved {
            branch: BranchId::trusted("centre"),
            region: Some("north".into()),
            was: Some("south".into()),
        }
        .into(),
        ServiceGroupDefined { group: group.clone(), was: Some(group) }.into(),
        ServiceDefined { service: offered.clone(), was: Some(offered.clone()) }.into(),
        ServiceChanged { service: offered.clone(), was: Some(offered.clone()) }.into(),
        ServiceArchived { service: service(LETTERS), was: Some(offered) }.into(),
        ClassDefined { class: privileged.clone(), was: Some(privileged) }.into(),
        TargetRemoved { class: target.class.clone(), service: target.service.clone(), was: target.clone() }
            .into(),
        TargetSet { target: target.clone(), was: Some(target) }.into(),
        ReasonsDefined { reasons: settings().reasons, was: Some(settings().reasons) }.into(),
        StaffListed { staff: anna() }.into(),
        AdministratorNamed { staff: anna() }.into(),
        AdministratorRelieved { staff: anna() }.into(),
        consent_text.into(),
        WebhookAdded { webhook: "hook-1".into(), settings: webhook(true) }.into(),
        WebhookChanged {
            webhook: "hook-1".into(),
            settings: webhook(false),
            was: webhook(true),
            new_secret: true,
        }
        .into(),
        WebhookRemoved { webhook: "hook-1".into(), was: webhook(false) }.into(),
    ]
    .into_iter()
    .chain(roles_and_positions())
    .map(Event::Organisation)
    .collect()
}

fn roles_and_positions() -> Vec<OrganisationEvent> {
    let (name, position) = (LocalText::new("Оператор", "Clerk"), "clerk".to_owned());
    let skills = vec![service(LETTERS)];
    let was = PositionShape { name: name.clone(), skills: vec![service(PARCELS)] };
    let role = RoleCode::trusted("duty-manager");
    let permissions = vec!["READ_QUEUE".to_owned(), "MANAGE_DAY".to_owned()];
    let shape = RoleShape { name: name.clone(), permissions: vec!["READ_QUEUE".into()] };
    vec![
        JobPositionDefined { position: position.clone(), name: name.clone(), skills: skills.clone() }.into(),
        JobPositionChanged { position: position.clone(), name: name.clone(), skills, was: was.clone() }
            .into(),
        JobPositionArchived { position, was }.into(),
        RoleDefined { role: role.clone(), name: name.clone(), permissions: permissions.clone() }.into(),
        RoleChanged { role: role.clone(), name, permissions, was: shape.clone() }.into(),
        RoleArchived { role, was: shape }.into(),
    ]
}

fn branch_staff_and_devices() -> Vec<Event> {
    let learnt = ServiceTime { service: service(LETTERS), mean_s: 280, p80_s: 400, samples: 120 };
    let published = SettingsPublished { version: 1, effective_from: minutes(0), settings: branch_settings() };
    let scope = Scope::Branches { branches: vec![BranchId::trusted("centre")] };
    let revealed = PersonalDataRevealed { fields: vec![PersonalField::Name], reason: RevealReason::Support };
    let device = DeviceId::trusted("kiosk-1");
    let paired = DevicePaired {
        device: device.clone(),
        kind: DeviceKind::Kiosk,
        branch: BranchId::trusted("centre"),
        name: "У входа".into(),
        offered_by: Some("s-anna".into()),
    };
    vec![
        Event::Branch(published.into()),
        Event::Branch(ServiceTimesLearnt { times: vec![learnt] }.into()),
        Event::Staff(StaffAdded { name: sealed(), email: sealed() }.into()),
        Event::Staff(
            RoleGranted { role: Role::Head, scope: scope.clone(), was: Some(Scope::Organisation) }.into(),
        ),
        Event::Staff(RoleWithdrawn { role: Role::Head, was: Some(scope) }.into()),
        Event::Staff(SkillsSet { skills: vec![service(LETTERS)], was: vec![service(PARCELS)] }.into()),
        Event::Staff(
            PositionsAssigned { positions: vec!["clerk".into()], was: vec!["porter".into()] }.into(),
        ),
        Event::Staff(
            StaffChanged {
                name: Some(sealed()),
                email: Some(sealed()),
                was: FormerDetails { name: Some(sealed()), email: Some(sealed()) },
            }
            .into(),
        ),
        Event::Staff(StaffInvited {}.into()),
        Event::Staff(PasswordChanged { how: Some(PasswordChange::Recovered) }.into()),
        Event::Staff(SessionStarted { session: "s-1".into(), way: Some(Way::Totp) }.into()),
        Event::Staff(SessionRevoked { session: "s-1".into(), reason: "signed_out".into() }.into()),
        Event::Staff(StaffDismissed { reason: Some(sealed()) }.into()),
        Event::Staff(revealed.into()),
        Event::Staff(SecondFactorAdded {}.into()),
        Event::Staff(SecondFactorRemoved {}.into()),
        Event::Staff(RecoveryCodeUsed { left: 9 }.into()),
        Event::Staff(AccountLinked { issuer: "https://id.example.org".into() }.into()),
        Event::Device(paired.into()),
        Event::Device(
            DeviceRenamed {
                device: device.clone(),
                name: "Kiosk by the window".into(),
                was: "Kiosk 1".into(),
            }
            .into(),
        ),
        Event::Device(DeviceRevoked { device }.into()),
    ]
}

fn customers() -> Vec<Event> {
    let contact = || "1f0c".to_owned();
    let session = || "0197-9d3c".to_owned();
    let purpose = || PurposeId::trusted("sms_calls");
    let revealed = customer::event::PersonalDataRevealed {
        fields: vec![PersonalField::Name, PersonalField::Phone],
        reason: RevealReason::Complaint,
        ticket: Some(sealed()),
    };
    let ended = customer::event::SessionRevoked { session: session(), reason: "signed_out".into() };
    [
        CustomerRegistered {}.into(),
        ContactAdded { contact: contact(), kind: ContactKind::Phone, value: sealed() }.into(),
        ContactRemoved { contact: contact(), kind: ContactKind::Phone }.into(),
        ProfileChanged {
            name: Some(sealed()),
            language: Some("ru".into()),
            kept: vec![ProfilePart::Language],
        }
        .into(),
        ConsentGiven { purpose: purpose(), text_version: 2 }.into(),
        ConsentWithdrawn { purpose: purpose(), text_version: 2 }.into(),
        customer::event::SessionStarted { session: session() }.into(),
        ended.into(),
        revealed.into(),
        DataExported {}.into(),
        CustomerErased { by: ErasedBy::Customer, reason: EraseReason::Request }.into(),
    ]
    .into_iter()
    .map(Event::Customer)
    .collect()
}

fn doors() -> [AccessEvent; 2] {
    let staff = Some(anna());
    [
        SignInFailed {
            staff: staff.clone(),
            way: Way::Password,
            reason: Failure::WrongDetails,
            unwritten: 12,
        }
        .into(),
        AccountLocked { staff, way: Way::Password, until: minutes(5) }.into(),
    ]
}
