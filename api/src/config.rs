//! What Talon is told before it starts: a file, then environment `TALON_SECTION__KEY`, then flags. Every key has a
//! default that works for one branch on one machine. The environment is read here and nowhere else.

mod messages;
mod sign_in;

use std::{collections::BTreeMap, fmt, path::Path};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use talon_storage::MasterKey;

pub use self::{
    messages::{Amqp, LOG_ADAPTER, Mail, Sms, Webhooks},
    sign_in::Oidc,
};
use crate::customers::Region;

/// A value that never shows itself: not in logs, not in `check-config`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The value itself; ask for it where it is used and nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if self.0.is_empty() { "" } else { "***" })
    }
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub http: Http,
    pub store: Store,
    pub auth: Auth,
    pub oidc: Oidc,
    pub privacy: Privacy,
    pub limits: Limits,
    pub backup: Backup,
    pub mail: Mail,
    pub sms: Sms,
    pub webhooks: Webhooks,
    pub amqp: Amqp,
    pub log: Log,
}

/// The door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: String,
    /// The address people reach Talon under, for links in letters (`https://queue.example.org`); empty: the one it listens
    /// on.
    pub public_url: String,
    /// Origins other than Talon's own that may call it from a browser.
    pub cors_origins: Vec<String>,
    /// Whether the address of a caller is taken from `X-Forwarded-For` (only behind a proxy that sets it).
    pub trust_proxy: bool,
    /// Marks cookies `Secure`; set it where browsers come by https and neither `public_url` nor a trusted proxy says so.
    pub secure_cookies: bool,
    /// How long a shutdown waits for requests under way, seconds.
    pub drain_s: u64,
    /// How long a caller may take to say a request's headers or to begin TLS, and how long a connection may be idle,
    /// seconds.
    pub header_s: u64,
    /// Connections at once. 0: no limit.
    pub connections: usize,
    /// Connections from one address, except behind a trusted proxy. 0: no limit.
    pub connections_per_address: usize,
    pub tls: Tls,
}

impl Http {
    /// Host and port of the public address, where that is one of https.
    #[must_use]
    pub fn public_https_host(&self) -> Option<String> {
        let address: http::Uri = self.public_url.parse().ok()?;
        let is_https = address.scheme() == Some(&http::uri::Scheme::HTTPS);
        address.authority().filter(|_| is_https).map(|it| it.as_str().to_owned())
    }
}

/// TLS of the server's own; without it a proxy before it may do that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// File with the certificate and those between it and its root, in PEM. Looked at every few seconds: a new one is
    /// taken without a restart.
    pub certificate: String,
    /// File with its private key, in PEM.
    pub key: String,
    /// Address and port where plain HTTP is answered with the way to HTTPS, for example `0.0.0.0:80`; empty: nowhere.
    pub redirect_from: String,
}

impl Tls {
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.certificate.is_empty() || !self.key.is_empty()
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: String::new(),
            cors_origins: Vec::new(),
            trust_proxy: false,
            secure_cookies: false,
            drain_s: 10,
            header_s: 30,
            connections: 20_000,
            connections_per_address: 2_000,
            tls: Tls::default(),
        }
    }
}

/// Where facts are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `sqlite:DIR`, `postgres://…` or `memory`.
    pub url: Secret,
    /// The master key of the vault, 32 bytes in base64 (`openssl rand -base64 32`); empty: kept in a file beside the
    /// embedded store.
    pub master_key: Secret,
    /// The key that `talon rotate-master-key` turns to. While it stands here, whichever of the two opens the vault is used.
    pub next_master_key: Secret,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            url: Secret::new("sqlite:run/talon"),
            master_key: Secret::default(),
            next_master_key: Secret::default(),
        }
    }
}

/// Who may come in, and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Life of an access token, seconds; at most 600.
    pub access_s: u32,
    /// A session ends after so much silence, seconds.
    pub idle_s: u32,
    /// A session ends at the latest after so long, seconds.
    pub absolute_s: u32,
    /// The key that signs access tokens is replaced at this age, days; at least 1.
    pub key_days: u32,
    /// Who of the staff must have a second factor: `optional` nobody, `administrators` whoever may do what administrators
    /// alone may, `staff` everybody. Whoever must and has none signs in and may do nothing but set it up.
    pub second_factor: SecondFactor,
    /// Opens the doors although accounts or keys of the demo or of examples are in use, which everybody knows: for
    /// tests alone.
    pub published_secrets: bool,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            access_s: 600,
            idle_s: 12 * 3600,
            absolute_s: 7 * 24 * 3600,
            key_days: 30,
            second_factor: SecondFactor::default(),
            published_secrets: false,
        }
    }
}

/// Who of the staff must have a second factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    #[default]
    Optional,
    Administrators,
    Staff,
}

/// What is kept of people, and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// The country whose phones may be written without its code, two letters as in ISO 3166.
    pub region: String,
    /// Customers nobody has seen for so many months are erased at night; 0 keeps them until they ask.
    pub erase_after_months: u32,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { region: "RU".into(), erase_after_months: 0 }
    }
}

/// How much one request may ask for, and how often anybody may come. Rates of 0 are no limit; whoever was quiet for a
/// while may come more often at once. Each process counts for itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Nesting of a GraphQL document.
    pub graphql_depth: usize,
    /// Weighted fields of a GraphQL document.
    pub graphql_complexity: usize,
    /// Seconds a request may take once its body is there; also how long a reader may take nothing of its answer.
    pub request_s: u64,
    /// Seconds in which a request's body must come; each 8 KiB that came give one more.
    pub body_s: u64,
    /// Requests of strangers from one address, per second: a whole branch of phones and screens may sit behind one.
    pub address_per_s: u32,
    /// Requests of one account, per second.
    pub account_per_s: u32,
    /// Requests of one paired device, per second.
    pub device_per_s: u32,
    /// Files of the pages from one address, per second.
    pub pages_per_s: u32,
    /// Tries to sign in, renewals of sessions among them, from one address, per minute.
    pub sign_ins_per_min: u32,
    /// Codes sent to one phone or e-mail, per hour.
    pub codes_per_hour: u32,
    /// Codes asked for from one address, per hour.
    pub codes_per_address_per_hour: u32,
    /// Whether a browser must solve a puzzle before it gets a code: `never`, `under_abuse` or `always`.
    pub proof: ProofMode,
    /// Abuse begins when more codes than this are asked for within a minute.
    pub codes_without_proof_per_min: u32,
    /// Abuse begins when one address asks for more codes than this within a minute.
    pub codes_without_proof_per_address: u32,
    /// Requests worked on at once; strangers get half of the places and those of one address an eighth of that,
    /// customers half, devices three quarters, staff all. 0: no limit.
    pub concurrent: usize,
    /// Lines to strangers (boards, ticket pages) kept open to one address. 0: no limit.
    pub lines_per_address: u32,
    /// Lines kept open to one customer who is signed in. 0: no limit.
    pub lines_per_account: u32,
    /// Operations under way at once on one GraphQL socket of a stranger, subscriptions among them. 0: no limit.
    pub subscriptions_of_strangers: u32,
    /// The same for whoever is known: accounts and devices. 0: no limit.
    pub subscriptions: u32,
}

/// When codes cost a proof of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofMode {
    Never,
    #[default]
    UnderAbuse,
    Always,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            graphql_depth: 12,
            graphql_complexity: 2_000,
            request_s: 15,
            body_s: 5,
            address_per_s: 300,
            account_per_s: 50,
            device_per_s: 20,
            pages_per_s: 500,
            sign_ins_per_min: 300,
            codes_per_hour: 5,
            codes_per_address_per_hour: 60,
            proof: ProofMode::default(),
            codes_without_proof_per_min: 60,
            codes_without_proof_per_address: 5,
            concurrent: 2_048,
            lines_per_address: 2_000,
            lines_per_account: 32,
            subscriptions_of_strangers: 16,
            subscriptions: 64,
        }
    }
}

/// Copies made by themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// Folder of the daily copies; empty: none are made.
    pub folder: String,
    /// Folder of the vault's copies, which open every name in the log's; empty: beside those, where they should not be.
    pub vault_folder: String,
    /// Time of day in UTC, `HH:MM`; empty: 03:30.
    pub at: String,
    /// How many copies of the log to keep; 0 keeps all.
    pub keep: u32,
    /// For how many days copies of the vault are kept: as long as somebody erased can still be read from one. 0 keeps all.
    pub keep_vault_days: u32,
}

impl Default for Backup {
    fn default() -> Self {
        let (folder, vault_folder, at) = Default::default();
        Self { folder, vault_folder, at, keep: 30, keep_vault_days: 7 }
    }
}

impl Backup {
    /// What of this is allowed and ill-advised.
    #[must_use]
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        let real = |text: &str| {
            std::fs::canonicalize(text).unwrap_or_else(|_| Path::new(text).components().collect())
        };
        if self.folder.is_empty() {
            return found;
        }
        if self.vault_folder.is_empty() || real(&self.vault_folder) == real(&self.folder) {
            found.push(
                "backup.vault_folder: copies of log and vault go to one folder; whoever reads it and has the master \
                 key reads every name",
            );
        }
        if self.keep_vault_days == 0 {
            found.push("backup.keep_vault_days: 0 keeps the keys of everybody erased for ever");
        }
        found
    }
}

/// What is told about the work itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A `tracing` filter, for example `info,talon_api=debug`.
    pub filter: String,
    pub json: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info,sqlx=warn".into(), json: false }
    }
}

/// A configuration that cannot be used, and where it says so.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    File {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("{0}")]
    Form(String),
}

impl Config {
    /// Reads the file, if one is named, and lays the environment over it.
    ///
    /// # Errors
    /// When the file is missing or a key is unknown or out of range.
    pub fn load(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::File { path: path.display().to_string(), source })?
                .parse::<toml::Table>()
                .map_err(|error| ConfigError::Form(error.to_string()))?,
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            let Some((section, key)) = name.strip_prefix("TALON_").and_then(|rest| rest.split_once("__"))
            else {
                continue;
            };
            let path = format!("{section}__{key}").to_lowercase();
            let (path, key) = path.rsplit_once("__").unwrap_or_default();
            let mut section = &mut table;
            for part in path.split("__") {
                let within = section.entry(part).or_insert_with(|| toml::Table::new().into());
                let Some(within) = within.as_table_mut() else {
                    return Err(ConfigError::Form(format!("{name}: not a section")));
                };
                section = within;
            }
            let value = value_like(section.get(key), key, value);
            section.insert(key.to_owned(), value);
        }
        let config: Self =
            table.try_into().map_err(|error: toml::de::Error| ConfigError::Form(error.to_string()))?;
        config.validate()?;
        Ok(config)
    }

    /// The address of a page, for people who are elsewhere.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        match self.http.public_url.trim_end_matches('/') {
            "" => format!("http://{}{path}", self.http.listen),
            base => format!("{base}{path}"),
        }
    }

    fn validate(&self) -> Result<(), ConfigError> {
        self.oidc.validate()?;
        self.mail.validate()?;
        self.sms.validate()?;
        self.amqp.validate()?;
        let form = |text: &str| Err(ConfigError::Form(text.to_owned()));
        if self.http.listen.parse::<std::net::SocketAddr>().is_err() {
            return form("http.listen: an address and a port, for example 0.0.0.0:8080");
        }
        let public = &self.http.public_url;
        if !(public.is_empty() || public.starts_with("https://") || public.starts_with("http://")) {
            return form("http.public_url: an address, for example https://queue.example.org");
        }
        let tls = &self.http.tls;
        if tls.is_on() && (tls.certificate.is_empty() || tls.key.is_empty()) {
            return form("http.tls: certificate and key, both or neither");
        }
        if !tls.redirect_from.is_empty() {
            if tls.redirect_from.parse::<std::net::SocketAddr>().is_err() {
                return form("http.tls.redirect_from: an address and a port, for example 0.0.0.0:80");
            }
            if !tls.is_on() {
                return form("http.tls.redirect_from: there is no TLS to send anybody to");
            }
        }
        if !(60..=600).contains(&self.auth.access_s) {
            return form("auth.access_s: from 60 to 600 seconds");
        }
        if Region::parse(&self.privacy.region).is_none() {
            return form("privacy.region: a country in two capital letters, for example RU");
        }
        if self.auth.key_days == 0 {
            return form("auth.key_days: at least 1 day");
        }
        let master_key = self.store.master_key.reveal();
        if !master_key.is_empty() && MasterKey::from_base64(master_key).is_err() {
            return form("store.master_key: 32 bytes in base64, as `openssl rand -base64 32` prints them");
        }
        let next = self.store.next_master_key.reveal();
        if !next.is_empty() && MasterKey::from_base64(next).is_err() {
            return form(
                "store.next_master_key: 32 bytes in base64, as `openssl rand -base64 32` prints them",
            );
        }
        if !self.backup.at.is_empty() && chrono::NaiveTime::parse_from_str(&self.backup.at, "%H:%M").is_err()
        {
            return form("backup.at: HH:MM");
        }
        Ok(())
    }
}

/// An environment variable has no types: a number is a number and `true` a truth, unless the key wants words.
fn value_like(_present: Option<&toml::Value>, key: &str, text: &str) -> toml::Value {
    const WORDS: [&str; 28] = [
        "issuer",
        "client_id",
        "client_secret",
        "name",
        "url",
        "master_key",
        "next_master_key",
        "listen",
        "public_url",
        "folder",
        "vault_folder",
        "at",
        "filter",
        "region",
        "server",
        "from",
        "tls",
        "user",
        "password",
        "authority",
        "method",
        "body",
        "exchange",
        "listen_queue",
        "listen_secret",
        "certificate",
        "key",
        "redirect_from",
    ];
    const LISTS: [&str; 3] = ["cors_origins", "headers", "kinds"];
    if LISTS.contains(&key) {
        return toml::Value::Array(
            text.split(',').filter(|it| !it.is_empty()).map(|it| it.trim().to_owned().into()).collect(),
        );
    }
    if WORDS.contains(&key) {
        return text.to_owned().into();
    }
    text.parse::<i64>()
        .map(toml::Value::from)
        .or_else(|_| text.parse::<bool>().map(toml::Value::from))
        .unwrap_or_else(|_| text.to_owned().into())
}

/// The process's environment, read once.
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("TALON_"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn environment_goes_over_defaults() {
        let config = Config::load(
            None,
            &env(&[("TALON_HTTP__LISTEN", "0.0.0.0:9000"), ("TALON_AUTH__ACCESS_S", "120")]),
        )
        .unwrap();
        assert_eq!(config.http.listen, "0.0.0.0:9000");
        assert_eq!(config.auth.access_s, 120);
    }

    #[test]
    fn environment_reaches_a_section_within_a_section() {
        let pair = [("TALON_HTTP__TLS__CERTIFICATE", "/c.pem"), ("TALON_HTTP__TLS__KEY", "/k.pem")];
        let tls = Config::load(None, &env(&pair)).unwrap().http.tls;
        assert_eq!((tls.certificate.as_str(), tls.key.as_str()), ("/c.pem", "/k.pem"));
        let error = Config::load(None, &env(&pair[..1])).unwrap_err();
        assert!(error.to_string().contains("http.tls"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = Config::load(None, &env(&[("TALON_HTTP__LISTN", "x")])).unwrap_err();
        assert!(error.to_string().contains("listn"), "{error}");
    }

    #[test]
    fn copies_of_log_and_vault_in_one_folder_are_warned_of() {
        let warned =
            |pairs: &[(&str, &str)]| Config::load(None, &env(pairs)).unwrap().backup.warnings().len();
        let folder = ("TALON_BACKUP__FOLDER", "/copies/log");
        assert_eq!(warned(&[]), 0, "no copies are made");
        assert_eq!(warned(&[folder]), 1);
        assert_eq!(warned(&[folder, ("TALON_BACKUP__VAULT_FOLDER", "/copies/./log/")]), 1);
        let apart = ("TALON_BACKUP__VAULT_FOLDER", "/copies/vault");
        assert_eq!(warned(&[folder, apart]), 0);
        assert_eq!(warned(&[folder, apart, ("TALON_BACKUP__KEEP_VAULT_DAYS", "0")]), 1);
    }

    #[test]
    fn the_master_key_is_what_the_vault_takes() {
        let key = MasterKey::generate().unwrap().to_base64();
        let config = Config::load(None, &env(&[("TALON_STORE__MASTER_KEY", key.as_str())])).unwrap();
        assert!(crate::compose::master_key(&config).unwrap().is_some());
        let hexadecimal = "0123456789abcdef".repeat(4);
        let error = Config::load(None, &env(&[("TALON_STORE__MASTER_KEY", &hexadecimal)])).unwrap_err();
        assert!(error.to_string().contains("store.master_key"), "{error}");
        assert!(!error.to_string().contains(&hexadecimal));
    }

    #[test]
    fn secrets_do_not_show() {
        let config =
            Config::load(None, &env(&[("TALON_STORE__URL", "postgres://talon:hunter2@db/talon")])).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&config).unwrap().contains("hunter2"));
    }
}
