//! The one shape of every HTTP error: `application/problem+json` with a stable code and a sentence for people.
//!
//! A handler returns a `Problem` and knows neither the reader's language nor the request's id: `in_words` puts both in
//! on the way out. What went wrong inside stays inside: a problem carries no source.

use axum::{
    body::Body,
    extract::{Request, rejection::JsonRejection},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;
use talon_core::{dispatch::DispatchError, refusal::Refusal};
use talon_texts::{Arg, Language};

use crate::{auth::Denied, doors::proof::Puzzle, refusal};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $status:ident),+ $(,)?) => {
        /// What can go wrong besides a rule's no.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name),+
        }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }
        }
    };
}

codes! {
    WrongDetails = "WRONG_DETAILS" UNAUTHORIZED,
    SessionEnded = "SESSION_ENDED" UNAUTHORIZED,
    Unauthenticated = "UNAUTHENTICATED" UNAUTHORIZED,
    DeviceUnknown = "DEVICE_UNKNOWN" UNAUTHORIZED,
    Forbidden = "FORBIDDEN" FORBIDDEN,
    CrossSite = "CROSS_SITE" FORBIDDEN,
    SetupDone = "SETUP_DONE" FORBIDDEN,
    LinkVoid = "LINK_VOID" FORBIDDEN,
    ChallengeEnded = "CHALLENGE_ENDED" FORBIDDEN,
    NotVouchedFor = "NOT_VOUCHED_FOR" FORBIDDEN,
    WayOff = "WAY_OFF" NOT_FOUND,
    PairingUnknown = "PAIRING_UNKNOWN" NOT_FOUND,
    TicketUnknown = "TICKET_UNKNOWN" NOT_FOUND,
    NotFound = "NOT_FOUND" NOT_FOUND,
    MethodNotAllowed = "METHOD_NOT_ALLOWED" METHOD_NOT_ALLOWED,
    MailOff = "MAIL_OFF" CONFLICT,
    SmsOff = "SMS_OFF" CONFLICT,
    SecondFactorRequired = "SECOND_FACTOR_REQUIRED" CONFLICT,
    TimedOut = "TIMED_OUT" REQUEST_TIMEOUT,
    QrWaiting = "QR_WAITING" CONFLICT,
    QrEnded = "QR_ENDED" GONE,
    TooLarge = "TOO_LARGE" PAYLOAD_TOO_LARGE,
    Malformed = "MALFORMED" UNPROCESSABLE_ENTITY,
    WrongPassword = "WRONG_PASSWORD" UNPROCESSABLE_ENTITY,
    WrongCode = "WRONG_CODE" UNPROCESSABLE_ENTITY,
    WeakPassword = "WEAK_PASSWORD" UNPROCESSABLE_ENTITY,
    TooComplex = "TOO_COMPLEX" UNPROCESSABLE_ENTITY,
    TooManyAttempts = "TOO_MANY_ATTEMPTS" TOO_MANY_REQUESTS,
    TooManyRequests = "TOO_MANY_REQUESTS" TOO_MANY_REQUESTS,
    ProofRequired = "PROOF_REQUIRED" PRECONDITION_REQUIRED,
    Internal = "INTERNAL" INTERNAL_SERVER_ERROR,
    /// The outcome of a command is unknown: repeat it with the same id.
    Unavailable = "UNAVAILABLE" SERVICE_UNAVAILABLE,
    /// Nothing was done: come again after `Retry-After`.
    Overloaded = "OVERLOADED" SERVICE_UNAVAILABLE,
}

/// An answer that is an error.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    cause: Cause,
    field: Option<String>,
    hint: Option<&'static str>,
    retry_after_s: Option<u32>,
    puzzle: Option<Box<Puzzle>>,
}

#[derive(Debug, Clone)]
enum Cause {
    Code(Code),
    Refusal(Refusal),
}

impl Problem {
    #[must_use]
    pub fn of(code: Code) -> Self {
        Self {
            status: code.status(),
            cause: Cause::Code(code),
            field: None,
            hint: None,
            retry_after_s: None,
            puzzle: None,
        }
    }

    /// A field of the request that has the wrong form.
    #[must_use]
    pub fn malformed(field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..Self::of(Code::Malformed) }
    }

    /// A problem with one field of the request.
    #[must_use]
    pub fn in_field(code: Code, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..Self::of(code) }
    }

    /// With a code of what would help.
    #[must_use]
    pub fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Too early: the seconds become `Retry-After`.
    #[must_use]
    pub fn too_soon(code: Code, seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..Self::of(code) }
    }

    /// A puzzle comes before what was asked for.
    #[must_use]
    pub fn proof_required(puzzle: Puzzle) -> Self {
        Self { puzzle: Some(Box::new(puzzle)), ..Self::of(Code::ProofRequired) }
    }

    /// The same with another status, where a protocol asks for it.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.cause {
            Cause::Code(code) => code.name(),
            Cause::Refusal(refusal) => refusal.code(),
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn detail(&self, language: Language) -> String {
        match &self.cause {
            Cause::Refusal(refusal) => refusal::sentence(refusal, language, ToString::to_string),
            Cause::Code(code) => {
                let what = self.field.as_deref().unwrap_or("request");
                let seconds = self.retry_after_s.unwrap_or_default();
                let args = [
                    ("what", what.into()),
                    ("seconds", seconds.into()),
                    ("min", Arg::Number(crate::auth::SHORTEST_PASSWORD.into())),
                    ("max", Arg::Number(crate::auth::LONGEST_PASSWORD.into())),
                ];
                talon_texts::refusal(code.name(), language, &args)
            }
        }
    }

    fn rendered(&self, language: Language, request_id: Option<&str>) -> Response {
        let code = self.code();
        let slug = code.to_ascii_lowercase().replace('_', "-");
        let words = slug.replace('-', " ");
        let title = words[..1].to_ascii_uppercase() + &words[1..];
        let detail = self.detail(language);
        let body = Told {
            kind: &format!("https://talon/problems/{slug}"),
            title: &title,
            status: self.status.as_u16(),
            code,
            detail: &detail,
            field: self.field.as_deref(),
            hint: self.hint,
            request_id,
            puzzle: self.puzzle.as_deref(),
        };
        // A plain struct of strings: serialising it cannot fail.
        let mut response = Response::new(Body::from(serde_json::to_vec(&body).unwrap_or_default()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The body of a problem (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Problem")]
pub(super) struct Told<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    status: u16,
    /// Stable; act on this.
    code: &'a str,
    /// A sentence for people, in the language of the request.
    detail: &'a str,
    /// The input at fault, where one is.
    field: Option<&'a str>,
    /// What would help, as a code, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
    request_id: Option<&'a str>,
    /// With `PROOF_REQUIRED`: what to solve and send along.
    #[serde(skip_serializing_if = "Option::is_none")]
    puzzle: Option<&'a Puzzle>,
}

impl IntoResponse for Problem {
    /// In Russian and without a request id, until `in_words` has passed over it.
    fn into_response(self) -> Response {
        let mut response = self.rendered(Language::default(), None);
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: says every `Problem` in the reader's language, with the request's id. Goes inside the layer that sets
/// `x-request-id` on the request and outside everything that may answer with a problem.
pub async fn in_words(request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let request_id = request.headers().get("x-request-id").cloned();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>().or_else(|| shapeless(&response)) else {
        return response;
    };
    let said = problem.rendered(language, request_id.as_ref().and_then(|id| id.to_str().ok()));
    let (head, body) = said.into_parts();
    let (mut kept, _) = response.into_parts();
    // Cookies and other headers that the handler set stay; what describes the body is the new one's.
    kept.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &head.headers {
        kept.headers.insert(name.clone(), value.clone());
    }
    Response::from_parts(kept, body)
}

/// The problem behind an error that a library answered by itself, in plain text or without a word.
fn shapeless(response: &Response) -> Option<Problem> {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_bare = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
    if !is_bare || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Code::TimedOut,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        StatusCode::TOO_MANY_REQUESTS => Code::TooManyRequests,
        status if status.is_server_error() => Code::Internal,
        _ => Code::Malformed,
    };
    Some(Problem::of(code).with_status(status))
}

/// The language a request asks for.
#[must_use]
pub fn language(headers: &HeaderMap) -> Language {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.map_or_else(Language::default, Language::accepted)
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::of(code)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::of(match denied {
            Denied::Unauthenticated(_) => Code::Unauthenticated,
            Denied::Forbidden(_) => Code::Forbidden,
        })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: refusal::status(&refusal),
            field: refusal.field().map(str::to_owned),
            cause: Cause::Refusal(refusal),
            hint: None,
            retry_after_s: None,
            puzzle: None,
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::of(Code::TooLarge),
            _ => Self::of(Code::Malformed),
        }
    }
}

impl From<DispatchError> for Problem {
    fn from(error: DispatchError) -> Self {
        match error {
            DispatchError::Refused(refusal) => refusal.into(),
            DispatchError::Store(_) | DispatchError::Unreadable(_) => Self::unavailable(&error),
        }
    }
}

impl From<talon_storage::sqlx::Error> for Problem {
    fn from(error: talon_storage::sqlx::Error) -> Self {
        Self::unavailable(&error)
    }
}

impl Problem {
    /// Something behind the doors does not answer: told once to the log, and without detail to the caller.
    fn unavailable(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %chain(error), "a request failed");
        Self::of(Code::Unavailable)
    }
}

/// An error with everything that caused it, in one line for the log.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::to_bytes, middleware, routing::get};
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    async fn asked(problem: Problem, language: &str) -> (StatusCode, HeaderMap, Value) {
        let handler = get(move || async move { ([(header::SET_COOKIE, "kept=1")], problem) });
        let router = Router::new().route("/", handler).layer(middleware::from_fn(in_words));
        let request = Request::builder()
            .uri("/")
            .header(header::ACCEPT_LANGUAGE, language)
            .header("x-request-id", "r-1")
            .body(Body::empty())
            .expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, 10_000).await.expect("a body");
        (head.status, head.headers, serde_json::from_slice(&bytes).expect("JSON"))
    }

    #[tokio::test]
    async fn a_problem_speaks_the_readers_language_and_names_the_request() {
        let (status, headers, body) = asked(Refusal::IntakePaused.into(), "en-GB,en;q=0.9").await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json; charset=utf-8");
        assert_eq!(headers[header::SET_COOKIE], "kept=1");
        assert_eq!(
            body,
            serde_json::json!({
                "type": "https://talon/problems/intake-paused",
                "title": "Intake paused",
                "status": 409,
                "code": "INTAKE_PAUSED",
                "detail": "No tickets are given out at the moment. Please ask the staff.",
                "field": null,
                "requestId": "r-1",
            })
        );
        let (_, headers, body) = asked(Refusal::IntakePaused.into(), "de").await;
        assert_eq!(headers[header::CONTENT_LANGUAGE], "ru");
        let said = "Выдача талонов приостановлена. Пожалуйста, обратитесь к сотруднику.";
        assert_eq!(body["detail"], said);
    }

    #[tokio::test]
    async fn too_many_attempts_say_how_long_to_wait() {
        let (status, headers, body) = asked(Problem::too_soon(Code::TooManyAttempts, 4), "ru").await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(headers[header::RETRY_AFTER], "4");
        assert_eq!(body["detail"], "Слишком много попыток. Подождите 4 секунды и попробуйте снова.");
    }

    #[tokio::test]
    async fn a_malformed_field_is_named() {
        let (status, _, body) = asked(Problem::malformed("branch"), "en").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(body["field"], "branch");
        assert_eq!(body["detail"], "This is not filled in correctly: branch.");
    }

    #[tokio::test]
    async fn an_error_of_a_library_gets_the_one_shape() {
        let handler = get(|| async { (StatusCode::PAYLOAD_TOO_LARGE, "length limit exceeded") });
        let router = Router::new().route("/", handler).layer(middleware::from_fn(in_words));
        let request = Request::builder().uri("/").body(Body::empty()).expect("a request");
        let (head, body) = router.oneshot(request).await.expect("an answer").into_parts();
        let bytes = to_bytes(body, 10_000).await.expect("a body");
        let body: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(head.headers[header::CONTENT_TYPE], "application/problem+json; charset=utf-8");
        assert_eq!((head.status.as_u16(), body["code"].as_str()), (413, Some("TOO_LARGE")));
    }

    #[test]
    fn every_code_is_said_without_its_code_in_both_languages() {
        for code in Code::ALL {
            for language in Language::ALL {
                let said = Problem::of(*code).detail(language);
                assert!(!said.contains(code.name()), "{said}");
            }
        }
    }
}
