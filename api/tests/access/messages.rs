//! What lies in the outbox, read as its recipient would.

use chrono::TimeDelta;
use serde_json::Value;
use talon_storage::vault::Claim;

use crate::support::House;

impl House {
    /// Every message that is on its way by this road and was not read before: to whom, and what it says.
    pub(crate) async fn messages(&self, channel: &str) -> Vec<(String, String)> {
        self.access.settled().await;
        let vault = &self.storage.vault;
        let now = talon_core::time::Clock::now(&self.clock);
        let claim = Claim::new(self.press().0, now, TimeDelta::minutes(1));
        let mut read = Vec::new();
        for message in vault.claim_messages(channel, claim, now, 100).await.expect("messages") {
            let bytes = vault.open_message(&message).await.expect("the vault").expect("sealed for us");
            let body: Value = serde_json::from_slice(&bytes).expect("JSON");
            let part = |name: &str| body[name].as_str().expect("text").to_owned();
            read.push((part("to"), part("text")));
            vault.message_sent(message.id, claim, now).await.expect("sent");
        }
        read
    }

    pub(crate) async fn only_message(&self, channel: &str) -> (String, String) {
        let mut all = self.messages(channel).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

/// The six digits a message tells.
pub(crate) fn digits(text: &str) -> String {
    let found = text.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6);
    found.unwrap_or_else(|| panic!("no digits: {text}")).to_owned()
}

/// What stands behind the `#` of the link in a letter.
pub(crate) fn fragment(text: &str) -> String {
    let link =
        text.split_whitespace().find(|it| it.contains('#')).unwrap_or_else(|| panic!("no link: {text}"));
    link.split('#').nth(1).expect("a fragment").to_owned()
}
