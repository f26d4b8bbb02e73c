//! The span of one command, for whoever follows it through the log of the process: its name and id, where it went and
//! what came of it. Nothing of what it says: that may be personal.

use std::fmt::{self, Debug, Write};

use tracing::{Span, debug, debug_span, field};

use super::{DispatchError, Done, Envelope};
use crate::{event_store::StreamId, ids::BranchId};

/// Opens the span. Nothing is formatted while nobody listens at this level.
pub(super) fn of(stream: &StreamId, envelope: &Envelope, action: &impl Debug) -> Span {
    debug_span!(
        "command",
        command = %Name(action),
        id = %envelope.command_id,
        branch = envelope.branch.as_ref().map(BranchId::as_str),
        %stream,
        correlation = field::Empty,
    )
}

/// Says inside the span how it ended.
pub(super) fn note(done: Result<&Done, &DispatchError>) {
    match done {
        Ok(done) => {
            Span::current().record("correlation", field::display(done.correlation_id));
            debug!(position = done.position, repeat = done.repeat, "a command is in the log");
        }
        Err(DispatchError::Refused(refusal)) => debug!(code = refusal.code(), "a command was refused"),
        Err(error @ (DispatchError::Store(_) | DispatchError::Unreadable(_))) => {
            debug!(%error, "a command failed");
        }
    }
}

/// The name of an action without its fields: the first word of its debug form.
struct Name<'a, T>(&'a T);

impl<T: Debug> fmt::Display for Name<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Stops at the end of the word; what follows is never formatted to its end, nor shown.
        let _ = write!(FirstWord(out), "{:?}", self.0);
        Ok(())
    }
}

struct FirstWord<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for FirstWord<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = text.find(|letter: char| !letter.is_alphanumeric());
        self.0.write_str(&text[..end.unwrap_or(text.len())])?;
        if end.is_some() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::WindowId,
        queue_day::command::{Action, Due},
    };

    #[test]
    fn a_command_is_named_without_what_it_says() {
        let named = |action: &Action| Name(action).to_string();
        assert_eq!(named(&Action::ResumeIntake), "ResumeIntake");
        assert_eq!(named(&Action::PauseIntake { reason: "Анна Иванова".into() }), "PauseIntake");
        assert_eq!(named(&Action::CallNext { window: WindowId::trusted("w1") }), "CallNext");
        assert_eq!(named(&Action::Due(Due::CloseDay)), "Due");
    }
}
