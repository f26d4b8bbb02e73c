//! Notes about a visit: sealed before they become a fact, opened only for those who may read them. The key is the
//! visit's own, so that erasing one visit's notes touches no other; of a known customer's visit it goes with the
//! customer, of anybody else's when it gets old.

use std::sync::Arc;

use talon_core::{
    ids::{CommandId, TicketId},
    sealed::{Sealed, bound_to},
    time::Clock,
};
use talon_storage::vault::{Vault, VaultError};
use uuid::Uuid;

const FIELD: &str = "note";

/// Seals and opens notes.
#[derive(Clone)]
pub struct Notes {
    vault: Vault,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Notes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Notes")
    }
}

impl Notes {
    #[must_use]
    pub fn new(vault: Vault, clock: Arc<dyn Clock>) -> Self {
        Self { vault, clock }
    }

    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal(&self, ticket: TicketId, command: Uuid, text: &str) -> Result<Sealed, VaultError> {
        let aad = bound_to(CommandId(command), FIELD);
        if let Some(sealed) = self.vault.seal_for_visit(ticket.0, &aad, text.as_bytes()).await? {
            return Ok(sealed);
        }
        let now = self.clock.now();
        self.vault.seal_dated(&format!("ticket-{ticket}"), &aad, text.as_bytes(), now).await
    }

    /// What a press that writes a note is recognised by: a plain hash of it could be tried out by whoever guesses.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn fingerprint(&self, sealed: &Sealed, sent: &[u8]) -> Result<Option<[u8; 32]>, VaultError> {
        self.vault.fingerprint_under(&sealed.key, sent).await
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
