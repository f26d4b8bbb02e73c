//! Where somebody comes from: the address for lock-outs, and a label by which they recognise the sign-in later.

use std::net::IpAddr;

/// Browsers by the word that only they use; the ones that pretend to be others come first.
const BROWSERS: [(&str, &str); 8] = [
    ("YaBrowser/", "Yandex"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Whoever stands at the door, before it is known who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub address: IpAddr,
    /// Browser and system in two words: enough to recognise one's own, too little to follow anybody.
    pub label: String,
}

impl Visitor {
    #[must_use]
    pub fn new(address: IpAddr, user_agent: &str) -> Self {
        Self { address, label: label_of(user_agent) }
    }
}

impl From<IpAddr> for Visitor {
    fn from(address: IpAddr) -> Self {
        Self { address, label: String::new() }
    }
}

fn label_of(user_agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(word, _)| user_agent.contains(word)).map(|(_, name)| *name)
    };
    let parts = [named(&BROWSERS), named(&SYSTEMS)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_browser_and_system_and_nothing_else() {
        let of = |agent: &str| label_of(agent);
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
        assert_eq!(of(firefox), "Firefox, Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/129.0 Safari/537.36 Edg/129.0";
        assert_eq!(of(edge), "Edge, Windows");
        let phone =
            "Mozilla/5.0 (Linux; Android 14; SM-A546B) AppleWebKit/537.36 Chrome/129.0 Mobile Safari/537.36";
        assert_eq!(of(phone), "Chrome, Android");
        assert_eq!(of("curl/8.5.0 <script>"), "");
    }
}
