//! The cookies of the house: by what name, for which path and how long. Set and read here and nowhere else.
//!
//! Over https each has the prefix `__Host-`: the browser takes it from this very host by https alone and sends it to no
//! other, so that neither a neighbour under the same domain nor somebody on a plain line can plant one. That wants the
//! path `/`. Without https there is no prefix to be had, and the path is as narrow as it can be.

use axum::response::Response;
use axum_extra::extract::CookieJar;
use chrono::TimeDelta;
use http::{HeaderMap, HeaderValue, header};

use crate::auth::Access;

/// A cookie of ours.
#[derive(Debug, Clone, Copy)]
pub struct Cookie {
    /// Without https.
    plain: &'static str,
    /// By https.
    bound: &'static str,
    /// Without https.
    path: &'static str,
    same_site: &'static str,
    /// Under its plain name it was given over https too, by earlier versions: it is believed where there is none of the
    /// other name, and replaced by it.
    had_no_prefix: bool,
}

/// What renews a session.
pub const REFRESH: Cookie = Cookie {
    plain: "talon_refresh",
    bound: "__Host-talon_refresh",
    path: "/auth",
    same_site: "Strict",
    had_no_prefix: true,
};
/// A paired device.
pub const DEVICE: Cookie = Cookie {
    plain: "talon_device",
    bound: "__Host-talon_device",
    path: "/",
    same_site: "Strict",
    had_no_prefix: true,
};
/// Binds a browser to the QR code it shows.
pub const QR: Cookie = Cookie {
    plain: "talon_qr",
    bound: "__Host-talon_qr",
    path: "/auth/qr",
    same_site: "Strict",
    had_no_prefix: false,
};
/// Binds a browser to the journey to the organisation's sign-in and back. The provider's page leads back here from
/// another site: `Strict` would keep the cookie from that one request.
pub const OIDC: Cookie = Cookie {
    plain: "talon_oidc",
    bound: "__Host-talon_oidc",
    path: "/auth/oidc",
    same_site: "Lax",
    had_no_prefix: false,
};

impl Cookie {
    /// What the browser shows.
    #[must_use]
    pub fn read(&self, access: &Access, headers: &HeaderMap) -> Option<String> {
        let shown = CookieJar::from_headers(headers);
        let of = |name: &str| shown.get(name).map(|it| it.value().to_owned());
        if access.came_securely(headers) {
            of(self.bound).or_else(|| self.former(headers))
        } else {
            of(self.plain)
        }
    }

    /// The browser shows it by the name that https has done away with.
    #[must_use]
    pub fn is_former(&self, access: &Access, headers: &HeaderMap) -> bool {
        access.came_securely(headers) && self.former(headers).is_some()
    }

    /// The answer that gives it to whoever sent these headers. Our values are base64 for URLs: nothing in them needs
    /// quoting.
    #[must_use]
    pub fn give(
        &self,
        access: &Access,
        headers: &HeaderMap,
        answer: Response,
        value: &str,
        life: TimeDelta,
    ) -> Response {
        let secure = access.came_securely(headers);
        let answer = with(answer, &self.text(value, life, secure));
        if self.is_former(access, headers) {
            return with(answer, &format!("{}; Secure", self.text("", TimeDelta::zero(), false)));
        }
        answer
    }

    /// The answer that takes it away.
    #[must_use]
    pub fn take(&self, access: &Access, headers: &HeaderMap, answer: Response) -> Response {
        self.give(access, headers, answer, "", TimeDelta::zero())
    }

    fn former(&self, headers: &HeaderMap) -> Option<String> {
        let shown = CookieJar::from_headers(headers);
        shown.get(self.plain).filter(|_| self.had_no_prefix).map(|it| it.value().to_owned())
    }

    /// A life of nothing removes it.
    fn text(&self, value: &str, life: TimeDelta, secure: bool) -> String {
        let (name, path, secure) =
            if secure { (self.bound, "/", "; Secure") } else { (self.plain, self.path, "") };
        let (life, same_site) = (life.num_seconds().max(0), self.same_site);
        format!("{name}={value}; Path={path}; Max-Age={life}; HttpOnly; SameSite={same_site}{secure}")
    }
}

fn with(mut answer: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
    answer
}
