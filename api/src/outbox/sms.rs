//! Short messages through any provider that takes an HTTP request, or into the log for development.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use talon_storage::vault::Claimed;
use tracing::{info, warn};

use super::{
    ShortMessage,
    sender::{Outcome, Road},
};
use crate::{
    config::{self, LOG_ADAPTER},
    outgoing::{Outgoing, OutgoingError},
};

/// The road short messages take; nothing when SMS are off.
///
/// # Errors
/// When a configured header cannot be one.
pub fn road(config: &config::Sms, outgoing: &Outgoing) -> anyhow::Result<Option<Arc<dyn Road>>> {
    match config.url.reveal() {
        "" => Ok(None),
        LOG_ADAPTER => {
            warn!(
                "sms.url is log: — messages are written to the log and sent to nobody; for development only"
            );
            Ok(Some(Arc::new(ToTheLog)))
        }
        _ => Ok(Some(Arc::new(Provider::new(config, outgoing.clone())?))),
    }
}

/// How values are put into a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Json,
    Form,
    Plain,
}

struct Provider {
    outgoing: Outgoing,
    config: config::Sms,
    method: Method,
    headers: HeaderMap,
    quoting: Quoting,
}

impl Provider {
    fn new(config: &config::Sms, outgoing: Outgoing) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        for line in &config.headers {
            let (name, value) = line.reveal().split_once(':').unwrap_or((line.reveal(), ""));
            let mut value = HeaderValue::from_str(value.trim())
                .map_err(|_| anyhow::anyhow!("sms.headers: a value of {} cannot be one", name.trim()))?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_bytes(name.trim().as_bytes())?, value);
        }
        let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let quoting = if kind.contains("json") {
            Quoting::Json
        } else if kind.contains("form") {
            Quoting::Form
        } else {
            Quoting::Plain
        };
        Ok(Self { outgoing, method: config.method.parse()?, config: config.clone(), headers, quoting })
    }
}

#[async_trait]
impl Road for Provider {
    async fn send(&self, message: &Claimed, what: &[u8]) -> Outcome {
        let Ok(sms) = serde_json::from_slice::<ShortMessage>(what) else {
            return Outcome::Never("DAMAGED".into());
        };
        let url = filled(self.config.url.reveal(), &sms, Quoting::Form);
        let mut request = self
            .outgoing
            .client()
            .request(self.method.clone(), url)
            .headers(self.headers.clone())
            .header("Idempotency-Key", message.id.to_string());
        if self.method != Method::GET {
            request = request.body(filled(&self.config.body, &sms, self.quoting));
        }
        match self.outgoing.send("sms", request).await {
            Ok(answer) if answer.status().is_success() => Outcome::Sent,
            Ok(answer) => {
                let status = answer.status();
                let code = format!("HTTP_{}", status.as_u16());
                // Asking the same again helps when the provider is busy or broken, not when it says that it will not.
                let later = status.is_server_error() || matches!(status.as_u16(), 408 | 409 | 425 | 429);
                if later { Outcome::Again(code) } else { Outcome::Never(code) }
            }
            Err(OutgoingError::TimedOut { .. }) => Outcome::Again("TIMED_OUT".into()),
            Err(_) => Outcome::Again("UNREACHABLE".into()),
        }
    }
}

fn filled(template: &str, sms: &ShortMessage, quoting: Quoting) -> String {
    let quoted = |value: &str| match quoting {
        Quoting::Json => {
            let text = serde_json::Value::from(value).to_string();
            text[1..text.len() - 1].to_owned()
        }
        Quoting::Form => percent(value),
        Quoting::Plain => value.to_owned(),
    };
    // One pass: a text that contains `{to}` stays as it is.
    let mut out = String::with_capacity(template.len() + sms.text.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{to}") {
            out.push_str(&quoted(&sms.to));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{text}") {
            out.push_str(&quoted(&sms.text));
            rest = after;
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Shows messages to whoever develops or tries Talon. Nobody else gets them.
struct ToTheLog;

#[async_trait]
impl Road for ToTheLog {
    async fn send(&self, message: &Claimed, what: &[u8]) -> Outcome {
        let Ok(sms) = serde_json::from_slice::<ShortMessage>(what) else {
            return Outcome::Never("DAMAGED".into());
        };
        info!(message = %message.id, text = sms.text, "NOT SENT: a short message, for development");
        Outcome::Sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_the_body_wants_it_and_never_filled_in_twice() {
        let sms = ShortMessage { to: "+79001234567".into(), text: "код \"{to}\" & больше".into() };
        let json = filled(r#"{"to":"{to}","text":"{text}","x":{}}"#, &sms, Quoting::Json);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["text"], sms.text.as_str());
        assert_eq!(read["to"], "+79001234567");
        let form = filled("to={to}&text={text}", &sms, Quoting::Form);
        assert_eq!(form.matches('&').count(), 1);
        assert!(form.starts_with("to=%2B79001234567&text=%D0%BA"));
        assert_eq!(filled("{text}", &sms, Quoting::Plain), sms.text);
    }
}
