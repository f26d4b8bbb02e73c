//! Other systems that want to be told of events: which address, which kinds, which branches. What signs the calls is
//! no fact and stands in the vault.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Organisation, decide::Decided, event};
use crate::{ids::BranchId, queue_event, refusal::Refusal};

const LONGEST_URL: usize = 500;
const MOST_KINDS: usize = 100;
const MOST_WEBHOOKS: usize = 100;

/// A subscription of another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    pub url: String,
    /// Wire names of events: whole ones, all of a family (`ticket.*`), or all (`*`).
    pub kinds: Vec<String>,
    /// Events of these branches only, and those that belong to none; empty: all.
    #[serde(default)]
    pub branches: Vec<BranchId>,
    /// Whether it is called now.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

impl Webhook {
    /// Whether an event of this kind is wanted, wherever it happened.
    #[must_use]
    pub fn wants_kind(&self, kind: &str) -> bool {
        self.active && self.kinds.iter().any(|it| fits(it, kind))
    }

    /// Whether it wants this very event.
    #[must_use]
    pub fn wants(&self, kind: &str, branch: Option<&BranchId>) -> bool {
        let here = branch.is_none_or(|it| self.branches.is_empty() || self.branches.contains(it));
        here && self.wants_kind(kind)
    }
}

/// Whether the wire name of an event fits a pattern: a whole name, a family `name.*`, or `*`.
#[must_use]
pub fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(family) => kind.starts_with(family),
        None => pattern == kind,
    }
}

/// Whether there is any event a pattern fits.
#[must_use]
pub fn is_kind(pattern: &str) -> bool {
    let whole = pattern == "*" || pattern.strip_suffix('*').is_none_or(|it| it.ends_with('.'));
    whole && queue_event::kinds().any(|kind| fits(pattern, kind))
}

impl Organisation {
    pub(super) fn add_webhook(&self, webhook: &str, settings: &Webhook) -> Decided {
        self.well_formed(settings)?;
        match self.webhooks.get(webhook) {
            // Also one that is the same in everything: whoever adds it is shown a secret.
            Some(_) => Err(Refusal::AlreadyExists { what: "webhook" }),
            None if self.webhooks.len() >= MOST_WEBHOOKS => Err(Refusal::Malformed { what: "webhook" }),
            None => {
                let (webhook, settings) = (webhook.to_owned(), settings.clone());
                Ok(vec![event::WebhookAdded { webhook, settings }.into()])
            }
        }
    }

    pub(super) fn change_webhook(&self, webhook: &str, settings: &Webhook, new_secret: bool) -> Decided {
        self.well_formed(settings)?;
        let was = self.webhooks.get(webhook).ok_or(Refusal::UnknownThing { what: "webhook" })?;
        if was == settings && !new_secret {
            return Ok(Vec::new());
        }
        let (webhook, settings) = (webhook.to_owned(), settings.clone());
        Ok(vec![event::WebhookChanged { webhook, settings, was: was.clone(), new_secret }.into()])
    }

    pub(super) fn remove_webhook(&self, webhook: &str) -> Decided {
        let was = self.webhooks.get(webhook).ok_or(Refusal::UnknownThing { what: "webhook" })?;
        Ok(vec![event::WebhookRemoved { webhook: webhook.to_owned(), was: was.clone() }.into()])
    }

    fn well_formed(&self, settings: &Webhook) -> Result<(), Refusal> {
        let malformed = |what| Err(Refusal::Malformed { what });
        let address = settings.url.strip_prefix("https://").or_else(|| settings.url.strip_prefix("http://"));
        let host = address.unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
        // A name and password in an address would stand in the log for ever.
        let plain = settings.url.len() <= LONGEST_URL
            && !settings.url.contains(|c: char| c.is_whitespace() || c.is_control());
        if host.is_empty() || host.contains('@') || !plain {
            return malformed("url");
        }
        if settings.kinds.is_empty() || settings.kinds.len() > MOST_KINDS {
            return malformed("kinds");
        }
        if !settings.kinds.iter().all(|it| is_kind(it)) {
            return malformed("kinds");
        }
        if !settings.branches.iter().all(|it| self.branches.contains_key(it)) {
            return Err(Refusal::UnknownThing { what: "branches" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{organisation::command::Action, testing::asked::Asked};

    fn webhook(url: &str, kinds: &[&str], branches: &[&str]) -> Webhook {
        Webhook {
            url: url.into(),
            kinds: kinds.iter().map(|it| (*it).to_owned()).collect(),
            branches: branches.iter().map(|it| BranchId::trusted(it)).collect(),
            active: true,
        }
    }

    fn add(settings: Webhook) -> Action {
        Action::AddWebhook { webhook: "hook-1".into(), settings }
    }

    fn with_a_branch() -> Asked<Organisation> {
        let branch = BranchId::trusted("centre");
        Asked::default().after(Action::RegisterBranch { branch, region: None, imported: false })
    }

    const URL: &str = "https://example.org/hooks/talon?tenant=7";

    #[test]
    fn a_subscription_is_added_changed_and_removed() {
        let first = webhook(URL, &["ticket.*"], &["centre"]);
        let added = with_a_branch().after(add(first.clone()));
        assert_eq!(added.state.webhooks["hook-1"], first);
        added.refuses(add(first.clone()), Refusal::AlreadyExists { what: "webhook" });
        let change = |settings: &Webhook, new_secret| Action::ChangeWebhook {
            webhook: "hook-1".into(),
            settings: settings.clone(),
            new_secret,
        };
        added.has_nothing_to_add(change(&first, false));
        assert_eq!(added.clone().ask(change(&first, true)).map(|it| it.len()), Ok(1), "a fact tells of it");
        let paused = Webhook { active: false, ..first };
        added.refuses(add(paused.clone()), Refusal::AlreadyExists { what: "webhook" });
        let changed = added.after(change(&paused, false));
        assert_eq!(changed.state.webhooks["hook-1"], paused);
        let removed = changed.after(Action::RemoveWebhook { webhook: "hook-1".into() });
        assert!(removed.state.webhooks.is_empty());
        let gone = Refusal::UnknownThing { what: "webhook" };
        removed.refuses(Action::RemoveWebhook { webhook: "hook-1".into() }, gone);
    }

    #[test]
    fn an_address_is_one_and_holds_no_password() {
        let asked = with_a_branch();
        for url in
            ["", "example.org", "ftp://example.org", "https://", "https://a:b@example.org/", "https://a b/"]
        {
            asked.refuses(add(webhook(url, &["*"], &[])), Refusal::Malformed { what: "url" });
        }
        let long = format!("https://example.org/{}", "a".repeat(500));
        asked.refuses(add(webhook(&long, &["*"], &[])), Refusal::Malformed { what: "url" });
    }

    #[test]
    fn kinds_and_branches_are_known_ones() {
        let asked = with_a_branch();
        for kinds in [&[][..], &["ticket.isued"], &["tick*"], &["nothing.*"], &["*", "x"]] {
            asked.refuses(add(webhook(URL, kinds, &[])), Refusal::Malformed { what: "kinds" });
        }
        let unknown = Refusal::UnknownThing { what: "branches" };
        asked.refuses(add(webhook(URL, &["*"], &["nowhere"])), unknown);
    }

    #[test]
    fn it_wants_what_it_asked_for() {
        let hook = webhook(URL, &["ticket.*", "staff.session_revoked"], &["centre"]);
        let (centre, north) = (BranchId::trusted("centre"), BranchId::trusted("north"));
        assert!(hook.wants("ticket.called", Some(&centre)));
        assert!(!hook.wants("ticket.called", Some(&north)));
        assert!(hook.wants("staff.session_revoked", None));
        assert!(!hook.wants("staff.session_started", None));
        assert!(!Webhook { active: false, ..hook }.wants("ticket.called", Some(&centre)));
        assert!(
            fits("*", "window.opened") && !fits("ticket.*", "tickets") && fits("day.opened", "day.opened")
        );
    }
}
