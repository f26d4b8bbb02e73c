//! Mutations: who are you, parse, ask, translate. Rules live in `core`.

pub mod customer;
pub mod day;
pub mod device;
pub mod exchange;
pub mod integration;
pub mod setup;
pub mod staff;
pub mod structure;
pub mod ticket;
pub mod window;

use async_graphql::MergedObject;
use talon_core::{
    desk::Ask,
    ids::{ClassId, ReasonCode, TicketId},
    queue_day::event,
    refusal::Refusal,
};

use super::model::input::Placement;

/// All of them.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Mutation")]
pub struct Mutation(
    day::DayMutations,
    window::WindowMutations,
    ticket::TicketMutations,
    device::DeviceMutations,
    integration::IntegrationMutations,
    customer::AccountMutations,
    customer::CustomerMutations,
    staff::StaffMutations,
    structure::StructureMutations,
    setup::SetupMutations,
    exchange::ExchangeMutations,
);

/// One fixed spelling of what the client sent, for recognising a repeat. The name tells mutations apart.
fn sent(name: &str, input: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    // Our own input structs: serialising them cannot fail.
    bytes.extend(serde_json::to_vec(input).unwrap_or_default());
    bytes
}

fn reason(code: &str) -> Result<ReasonCode, Refusal> {
    ReasonCode::parse(code).map_err(|_| Refusal::Malformed { what: "reasonCode" })
}

fn class(code: &str) -> Result<ClassId, Refusal> {
    ClassId::parse(code).map_err(|_| Refusal::Malformed { what: "class" })
}

fn quantity(count: Option<i32>) -> Result<u16, Refusal> {
    match count {
        None => Ok(1),
        Some(count) => match u16::try_from(count) {
            Ok(count @ 1..=999) => Ok(count),
            Ok(_) | Err(_) => Err(Refusal::Malformed { what: "quantity" }),
        },
    }
}

fn minutes(count: i32, what: &'static str) -> Result<chrono::TimeDelta, Refusal> {
    if (0..=24 * 60).contains(&count) {
        Ok(chrono::TimeDelta::minutes(i64::from(count)))
    } else {
        Err(Refusal::Malformed { what })
    }
}

fn placement(place: Placement, n: Option<i32>) -> Result<event::Placement, Refusal> {
    Ok(match place {
        Placement::Original => event::Placement::Original,
        Placement::Front => event::Placement::Front,
        Placement::Tail => event::Placement::Tail,
        Placement::AfterN => {
            let n = n.and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=10_000).contains(n));
            event::Placement::AfterN { n: n.ok_or(Refusal::Malformed { what: "n" })? }
        }
    })
}

fn plain(action: talon_core::queue_day::command::Action) -> Result<Ask, Refusal> {
    Ok(Ask::Plain(action))
}

fn ticket_id(id: uuid::Uuid) -> TicketId {
    TicketId(id)
}
