//! What the schema shows: plain values made from the rules' state or from read rows. Nothing here decides anything.

pub mod branch;
pub mod customer;
pub mod dry_run;
pub mod exchange;
pub mod history;
pub mod input;
pub mod integration;
pub mod payload;
pub mod queue;
pub mod setup;
pub mod staff;
pub mod ticket;
pub mod window;

use async_graphql::SimpleObject;

/// The same words in both languages of the house.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct LocalText {
    pub ru: String,
    pub en: String,
}

impl From<&talon_core::text::LocalText> for LocalText {
    fn from(text: &talon_core::text::LocalText) -> Self {
        Self { ru: text.ru.clone(), en: text.en.clone() }
    }
}

/// A count or a span as GraphQL's 32-bit integer; more than it holds shows as its greatest.
pub(crate) fn int(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
