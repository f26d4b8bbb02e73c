//! Notes about a visit: sealed before they become a fact, opened only for those who may read them. The key is the
//! visit's own, so that erasing one visit's notes touches no other.

use talon_core::{
    ids::{CommandId, TicketId},
    sealed::{Sealed, bound_to},
};
use talon_storage::vault::{Vault, VaultError};
use uuid::Uuid;

const FIELD: &str = "note";

/// Seals and opens notes.
#[derive(Debug, Clone)]
pub struct Notes {
    vault: Vault,
}

impl Notes {
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        Self { vault }
    }

    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal(&self, ticket: TicketId, command: Uuid, text: &str) -> Result<Sealed, VaultError> {
        self.vault
            .seal(&format!("ticket-{ticket}"), &bound_to(CommandId(command), FIELD), text.as_bytes())
            .await
    }

    /// The text; nothing when its key was destroyed or the vault does not answer.
    pub async fn open(&self, sealed: &Sealed, command: CommandId) -> Option<String> {
        match self.vault.open_text(sealed, &bound_to(command, FIELD)).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(error = %crate::http::problem::chain(&error), "a note cannot be opened");
                None
            }
        }
    }
}
