//! Ways to sign in that an installation sets up for itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConfigError, Secret};

/// The organisation's own sign-in by OpenID Connect. Its provider sends people back to `/auth/oidc/callback` under
/// `http.public_url`. Without an issuer there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Oidc {
    /// The provider's address, exactly as it names itself (`https://id.example.org`).
    pub issuer: String,
    /// What the provider knows Talon as.
    pub client_id: String,
    /// What Talon proves that with; empty: by PKCE alone.
    pub client_secret: Secret,
    /// What the button on the sign-in page says.
    pub name: String,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret: Secret::default(),
            name: "OpenID".into(),
        }
    }
}

impl Oidc {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let form = |text: &str| Err(ConfigError::Form(text.to_owned()));
        if self.issuer.is_empty() {
            return Ok(());
        }
        // The provider's word opens accounts: nobody may change it on the way. A test's provider is on this machine.
        let is_here =
            self.issuer.starts_with("http://127.0.0.1:") || self.issuer.starts_with("http://localhost:");
        if !(self.issuer.starts_with("https://") || is_here) {
            return form("oidc.issuer: an address that begins with https://");
        }
        if self.client_id.is_empty() {
            return form("oidc.client_id: what the provider knows Talon as");
        }
        Ok(())
    }
}
