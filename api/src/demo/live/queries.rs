//! What the simulated operators send: one GraphQL document for each button.

use serde_json::{Value, json};
use talon_core::ids::{BranchId, CommandId};

use crate::demo::door::Button;

const TICKET: &str = "ticket { id state current } refusal { code }";
const WINDOW: &str = "window { state } refusal { code }";

/// The window a simulated operator looks at.
pub(super) const LOOK: &str = "query($branch: BranchCode!, $code: WindowCode!) { window(branch: $branch, code: $code) \
     { state operator { id } ticket { id state current } } }";

/// A mutation and its variables, ready to be sent.
pub(super) struct Mutation {
    pub(super) field: &'static str,
    pub(super) body: Value,
}

impl Mutation {
    /// The press of a button in a branch. The same id is the same press.
    pub(super) fn of(button: &Button, branch: &BranchId, id: CommandId) -> Self {
        let (field, input, shows, more) = match button {
            Button::OpenWindow { window } => {
                ("openWindow", "OpenWindowInput", WINDOW, json!({ "window": window }))
            }
            Button::CloseWindow { window } => {
                ("closeWindow", "WindowInput", WINDOW, json!({ "window": window }))
            }
            Button::PauseWindow { window, reason, minutes } => (
                "pauseWindow",
                "PauseWindowInput",
                WINDOW,
                json!({ "window": window, "reason": reason, "minutes": minutes }),
            ),
            Button::ResumeWindow { window } => {
                ("resumeWindow", "WindowInput", WINDOW, json!({ "window": window }))
            }
            Button::CallNext { window } => ("callNext", "WindowInput", TICKET, json!({ "window": window })),
            Button::CallAgain { window, ticket } => {
                ("callTicket", "CallTicketInput", TICKET, json!({ "window": window, "ticketId": ticket }))
            }
            Button::Recall { ticket } => {
                ("recallTicket", "TicketInput", TICKET, json!({ "ticketId": ticket }))
            }
            Button::Start { ticket } => {
                ("startService", "TicketInput", TICKET, json!({ "ticketId": ticket }))
            }
            Button::AddService { ticket, service } => (
                "addService",
                "AddServiceInput",
                TICKET,
                json!({ "ticketId": ticket, "service": service, "quantity": 1 }),
            ),
            Button::Complete { ticket, outcome } => (
                "completeService",
                "CompleteServiceInput",
                TICKET,
                json!({ "ticketId": ticket, "outcomeCode": outcome, "quantity": 1 }),
            ),
            Button::Refuse { ticket, reason } => {
                ("refuseService", "ReasonInput", TICKET, json!({ "ticketId": ticket, "reasonCode": reason }))
            }
            Button::NoShow { ticket } => ("markNoShow", "TicketInput", TICKET, json!({ "ticketId": ticket })),
            Button::Reactivate { ticket } => (
                "reactivateTicket",
                "ReactivateInput",
                TICKET,
                json!({ "ticketId": ticket, "placement": "ORIGINAL" }),
            ),
            Button::Park { ticket, reason, same_window, minutes } => (
                "parkTicket",
                "ParkTicketInput",
                TICKET,
                json!({
                    "ticketId": ticket,
                    "reasonCode": reason,
                    "pool": if *same_window { "WINDOW" } else { "BRANCH" },
                    "minutes": minutes,
                }),
            ),
            Button::Unpark { ticket } => {
                ("unparkTicket", "TicketInput", TICKET, json!({ "ticketId": ticket }))
            }
            Button::Return { ticket, behind } => (
                "returnTicket",
                "ReturnTicketInput",
                TICKET,
                json!({ "ticketId": ticket, "placement": "AFTER_N", "n": behind }),
            ),
            Button::Transfer { ticket, service } => (
                "transferTicket",
                "TransferTicketInput",
                TICKET,
                json!({ "ticketId": ticket, "toService": service }),
            ),
        };
        let mut input_value = json!({ "commandId": id, "branch": branch });
        if let (Value::Object(all), Value::Object(more)) = (&mut input_value, more) {
            all.extend(more);
        }
        let query = format!("mutation($input: {input}!) {{ {field}(input: $input) {{ {shows} }} }}");
        Self { field, body: json!({ "query": query, "variables": { "input": input_value } }) }
    }
}
