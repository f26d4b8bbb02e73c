//! Calls to other systems: signed, to public addresses only unless the configuration says otherwise. The address and the
//! secret are those of the moment of the call, so that a corrected address also gets what is waiting.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use talon_core::{desk::Desk, organisation, time::Clock};
use talon_storage::{Vault, vault::Claimed};

use super::sender::{Outcome, Road};
use crate::{
    config,
    outgoing::{Outgoing, OutgoingError},
};

/// What a row to a subscriber holds. Whom it goes to stands in the row's target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub kind: String,
    pub event: uuid::Uuid,
    /// JSON, byte for byte as it is signed and sent.
    pub body: String,
}

/// The road of calls.
pub struct Caller {
    outgoing: Outgoing,
    desk: Arc<Desk>,
    vault: Vault,
    clock: Arc<dyn Clock>,
    policy: Policy,
}

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub allow_private: bool,
}

/// An address that may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address may not be called")]
pub struct NotAllowed;

impl Policy {
    #[must_use]
    pub fn of(config: &config::Webhooks) -> Self {
        Self { allow_private: config.allow_private }
    }

    /// What can be told from the address itself; names are looked at again when they are resolved.
    ///
    /// # Errors
    /// When it is no address of https, or one of the inner network.
    pub fn check(self, url: &str) -> Result<reqwest::Url, NotAllowed> {
        let url = reqwest::Url::parse(url).map_err(|_| NotAllowed)?;
        let secure = url.scheme() == "https" || (self.allow_private && url.scheme() == "http");
        if !secure || !url.username().is_empty() || url.password().is_some() {
            return Err(NotAllowed);
        }
        let host = url.host_str().ok_or(NotAllowed)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let inner = match literal {
            Ok(address) => !is_public(address),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        if inner && !self.allow_private { Err(NotAllowed) } else { Ok(url) }
    }
}

/// Whether an address lies in the internet and not on this machine, in this house or on the way.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = (a == 192 && b == 0 && c == 0) || (a == 198 && (b == 18 || b == 19)) || a == 0 || a >= 240;
    !(it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_multicast()
        || it.is_documentation()
        || shared
        || special)
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    if let Some(inner) = it.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let parts = it.segments();
    let last_v4 = || {
        let [a, b] = parts[6].to_be_bytes();
        let [c, d] = parts[7].to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match parts[0] {
        // Translated and tunnelled addresses are those they stand for.
        0x64 if parts[1] == 0xff9b => is_public_v4(last_v4()),
        0x2002 => {
            let ([a, b], [c, d]) = (parts[1].to_be_bytes(), parts[2].to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        0x2001 => parts[1] != 0xdb8 && parts[1] != 0,
        first => (0x2000..0x4000).contains(&first),
    }
}

/// Resolves names and keeps only addresses that may be called: a name may point anywhere, and elsewhere a moment later.
struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|it| is_public(it.ip())).collect();
            if public.is_empty() {
                return Err(NotAllowed.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

impl Caller {
    /// # Errors
    /// When the system offers no TLS or no resolver.
    pub fn new(
        config: &config::Webhooks,
        desk: Arc<Desk>,
        vault: Vault,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, reqwest::Error> {
        let policy = Policy::of(config);
        let mut client =
            Outgoing::client_builder().no_proxy().timeout(Duration::from_secs(config.timeout_s.clamp(1, 20)));
        if !policy.allow_private {
            client = client.dns_resolver(Arc::new(Guarded));
        }
        Ok(Self { outgoing: Outgoing::with(client.build()?), desk, vault, clock, policy })
    }
}

#[async_trait]
impl Road for Caller {
    async fn send(&self, message: &Claimed, what: &[u8]) -> Outcome {
        let (Ok(call), Some(target)) = (serde_json::from_slice::<Call>(what), &message.target) else {
            return Outcome::Never("DAMAGED".into());
        };
        let found =
            self.desk.organisation.read(&organisation::stream(), |it| it.webhooks.get(target).cloned()).await;
        let hook = match found {
            Ok(Some(hook)) if hook.active => hook,
            Ok(Some(_)) => return Outcome::Never("PAUSED".into()),
            Ok(None) => return Outcome::Never("REMOVED".into()),
            Err(_) => return Outcome::Again("UNAVAILABLE".into()),
        };
        let secret = match self.vault.webhook_secret(target).await {
            Ok(Some(secret)) => secret,
            // Of one just removed; or a vault older than the log was restored, and somebody will make a new one.
            Ok(None) => return Outcome::Again("NO_SECRET".into()),
            Err(_) => return Outcome::Again("UNAVAILABLE".into()),
        };
        let Ok(url) = self.policy.check(&hook.url) else { return Outcome::Never("NOT_ALLOWED".into()) };
        let at = self.clock.now().timestamp();
        let request = self
            .outgoing
            .client()
            .post(url)
            .header("Content-Type", "application/json")
            .header("Talon-Event", call.event.to_string())
            .header("Talon-Kind", &call.kind)
            .header("Talon-Delivery", message.id.to_string())
            .header("Talon-Attempt", message.attempts)
            .header("Talon-Signature", signature(&secret, at, call.body.as_bytes()))
            .body(call.body);
        match self.outgoing.send("webhook", request).await {
            Ok(answer) if answer.status().is_success() => Outcome::Sent,
            // It says itself that it will never be there again.
            Ok(answer) if answer.status() == StatusCode::GONE => Outcome::Never("HTTP_410".into()),
            Ok(answer) => Outcome::Again(format!("HTTP_{}", answer.status().as_u16())),
            Err(OutgoingError::TimedOut { .. }) => Outcome::Again("TIMED_OUT".into()),
            Err(_) => Outcome::Again("UNREACHABLE".into()),
        }
    }
}

/// `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" under the secret, in hex>`.
#[must_use]
pub fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let mut sum = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    sum.update(at.to_string().as_bytes());
    sum.update(b".");
    sum.update(body);
    format!("t={at},v1={}", hex::encode(sum.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_network_is_not_called() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_checked_as_the_client_will_read_it() {
        let strict = Policy { allow_private: false };
        for url in [
            "http://example.org/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://localhost/",
            "https://a:b@example.org/",
            "file:///etc/passwd",
        ] {
            assert_eq!(strict.check(url), Err(NotAllowed), "{url}");
        }
        assert!(strict.check("https://example.org/hook").is_ok());
        let open = Policy { allow_private: true };
        assert!(open.check("http://127.0.0.1:9000/hook").is_ok());
        assert_eq!(open.check("file:///etc/passwd"), Err(NotAllowed));
    }

    #[tokio::test]
    async fn a_name_that_points_inside_is_not_called() {
        let found = Guarded.resolve("localhost".parse().unwrap()).await;
        assert!(found.is_err_and(|error| error.is::<NotAllowed>()));
    }

    /// The example of the documentation.
    #[test]
    fn the_signature_is_the_documented_one() {
        let signed = signature("whsec_example", 1_700_000_000, br#"{"kind":"ticket.issued"}"#);
        assert_eq!(
            signed,
            "t=1700000000,v1=9b8f38dcce1b29278010245f943f367b773386764d718afd8c2d2087a64237ce"
        );
    }
}
