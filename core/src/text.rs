//! Text people read, in both languages of the house.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The same words in Russian and in English.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LocalText {
    pub ru: String,
    pub en: String,
}

impl LocalText {
    #[must_use]
    pub fn new(ru: &str, en: &str) -> Self {
        Self { ru: ru.into(), en: en.into() }
    }

    /// The English words for `en`, the Russian ones for everything else.
    #[must_use]
    pub fn in_language(&self, language: &str) -> &str {
        if language.starts_with("en") { &self.en } else { &self.ru }
    }
}
