//! The token of `/t/{token}`: a ticket's id with a signature, so that nobody can guess another one. It holds no
//! personal data and is a capability: logs, traces and metrics name the route, never the path.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use talon_core::ids::TicketId;
use uuid::Uuid;

/// Bytes of the signature kept: guessing one takes 2⁷⁹ tries on average, and routes are rate-limited.
const KEPT: usize = 10;

/// Makes and reads tokens under one key of the vault.
#[derive(Clone)]
pub struct TicketTokens {
    key: [u8; 32],
}

impl TicketTokens {
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    #[must_use]
    pub fn token(&self, ticket: TicketId) -> String {
        let mut bytes = ticket.0.as_bytes().to_vec();
        bytes.extend_from_slice(&self.signature(ticket)[..KEPT]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The ticket a token names, or nothing for anything we did not sign.
    #[must_use]
    pub fn ticket(&self, token: &str) -> Option<TicketId> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, signature) = bytes.split_at_checked(16)?;
        let ticket = TicketId(Uuid::from_slice(id).ok()?);
        let mut mac = self.mac();
        mac.update(ticket.0.as_bytes());
        (signature.len() == KEPT && mac.verify_truncated_left(signature).is_ok()).then_some(ticket)
    }

    fn mac(&self) -> Hmac<Sha256> {
        <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
    }

    fn signature(&self, ticket: TicketId) -> [u8; 32] {
        let mut mac = self.mac();
        mac.update(ticket.0.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for TicketTokens {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("TicketTokens(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_ticket_and_a_changed_one_names_none() {
        let tokens = TicketTokens::new([7; 32]);
        let ticket = TicketId(Uuid::from_u128(42));
        let token = tokens.token(ticket);
        assert_eq!(tokens.ticket(&token), Some(ticket));
        assert_eq!(TicketTokens::new([8; 32]).ticket(&token), None);
        for index in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(tokens.ticket(&changed), None, "{index}");
        }
        assert_eq!(tokens.ticket(""), None);
        assert_eq!(tokens.ticket("рубль"), None);
    }
}
