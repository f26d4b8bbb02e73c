//! What halls and phones follow: the board and the ticket, as events from the server and by long polling.
//!
//! A board is rendered once for each change of its branch; every screen that follows it gets the same bytes.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use talon_core::ids::BranchId;
use talon_projections::board::BranchView;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    App,
    problem::{Code, Problem},
    ticket_page,
};
use crate::{
    auth::{Caller, Permission},
    doors::standing,
    position::WirePosition,
};

/// Silence is broken this often, so that proxies and pages know the line is alive.
const PING: Duration = Duration::from_secs(10);
const PING_FRAME: Bytes = Bytes::from_static(b": ping\n\n");
/// A long poll waits at most so long.
const LONGEST_WAIT_S: u64 = 60;

/// `GET /live/board/{branch}`: every change of a board, a snapshot first.
pub async fn board(
    State(app): State<App>,
    caller: Caller,
    Path(branch): Path<String>,
) -> Result<Response, Problem> {
    let branch = branch_id(&branch)?;
    let mut views = readable(&app, &caller, &branch, Permission::ReadBoard)?;
    let first = {
        let view = views.borrow_and_update();
        framed("board", &view.position_text(), &view.board_at(app.clock.now()))
    };
    let frames = app.board_frames.clone();
    let changes = follow(views, app.shutdown.clone()).map(move |change| {
        Ok(match change {
            Follow::Ping => PING_FRAME,
            Follow::Changed(view) => frames.of(&view),
        })
    });
    // A screen whose pairing ends goes dark with it.
    let changes = changes.take_until(Box::pin(standing::ended(app, caller.0)));
    Ok(event_stream(stream::iter([Ok(first)]).chain(changes)))
}

/// `GET /live/ticket/{token}`: every change of one ticket, for whoever holds its token.
pub async fn ticket(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Problem> {
    let ticket = app.tokens.ticket(&token).ok_or(Problem::of(Code::TicketUnknown))?;
    let page = ticket_page::of(&app, ticket).await?;
    let first = stream::iter([Ok(ticket_frame(&page))]);
    let Some(mut views) =
        page.branch_id().and_then(|branch| app.live.branch(branch)).filter(|_| page.is_open())
    else {
        // Over already: nothing will change, and its page needs no line kept open.
        return Ok(event_stream(first));
    };
    views.mark_unchanged();
    let house = app.clone();
    let shown = Arc::new(Mutex::new(page.content()));
    let changes = follow(views, app.shutdown.clone()).filter_map(move |change| {
        let (house, shown) = (house.clone(), shown.clone());
        async move {
            match change {
                Follow::Ping => Some(Ok(PING_FRAME)),
                Follow::Changed(_) => {
                    let page = ticket_page::of(&house, ticket).await.ok()?;
                    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                    let content = page.content();
                    if *shown == content {
                        return None;
                    }
                    *shown = content;
                    Some(Ok(ticket_frame(&page)))
                }
            }
        }
    });
    Ok(event_stream(first.chain(changes)))
}

/// What a long poll asks for.
#[derive(Debug, Deserialize)]
pub struct Poll {
    /// The position last seen; anything else than the present one is answered at once.
    after: Option<String>,
    /// Seconds to wait for a change.
    wait: Option<u64>,
}

/// `GET /api/v1/branches/{branch}/board`: the board, at once or when it changes.
pub async fn poll_board(
    State(app): State<App>,
    caller: Caller,
    Path(branch): Path<String>,
    Query(poll): Query<Poll>,
) -> Result<Response, Problem> {
    let branch = branch_id(&branch)?;
    let mut views = readable(&app, &caller, &branch, Permission::ReadBoard)?;
    let seen = match poll.after.as_deref() {
        None => None,
        Some(text) => Some(text.parse::<WirePosition>().map_err(|_| Problem::malformed("after"))?),
    };
    let seen = seen.and_then(|it| it.in_log(app.log_id()));
    let unchanged = |view: &BranchView| seen == Some(view.position);
    if unchanged(&views.borrow_and_update()) {
        let wait = Duration::from_secs(poll.wait.unwrap_or(0).min(LONGEST_WAIT_S));
        let change = views.wait_for(|view| !unchanged(view));
        tokio::select! {
            changed = tokio::time::timeout(wait, change) => {
                if changed.is_err() {
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
            }
            () = app.shutdown.cancelled() => return Ok(StatusCode::NO_CONTENT.into_response()),
            () = standing::ended(app.clone(), caller.0) => return Err(Problem::of(Code::Unauthenticated)),
        }
    }
    let board = views.borrow().board_at(app.clock.now());
    Ok(json_bytes(board))
}

/// `GET /api/v1/tickets/{token}`: one ticket, for whoever holds its token.
pub async fn ticket_now(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Json<ticket_page::TicketPage>, Problem> {
    let ticket = app.tokens.ticket(&token).ok_or(Problem::of(Code::TicketUnknown))?;
    ticket_page::of(&app, ticket).await.map(Json)
}

/// A branch's name out of a path.
pub(super) fn branch_id(text: &str) -> Result<BranchId, Problem> {
    BranchId::parse(text).map_err(|_| Problem::malformed("branch"))
}

/// The live branch, when it exists and the caller may read it. From memory alone: screens outlive the store.
pub(super) fn readable(
    app: &App,
    caller: &Caller,
    branch: &BranchId,
    permission: Permission,
) -> Result<watch::Receiver<Arc<BranchView>>, Problem> {
    let views = app.live.branch(branch).ok_or(Problem::of(Code::NotFound))?;
    let public = app.live.with_settings(branch, |it| it.public).unwrap_or(false);
    caller.0.require_public(permission, branch, public)?;
    Ok(views)
}

/// What a line of events carries: a change, or a sign of life.
enum Follow {
    Ping,
    Changed(Arc<BranchView>),
}

/// The changes of a branch from now on, until the server stops.
fn follow(
    views: watch::Receiver<Arc<BranchView>>,
    shutdown: CancellationToken,
) -> impl Stream<Item = Follow> + Send {
    stream::unfold((views, shutdown), |(mut views, shutdown)| async move {
        let changed = tokio::select! {
            changed = tokio::time::timeout(PING, views.changed()) => changed,
            () = shutdown.cancelled() => return None,
        };
        let follow = match changed {
            Ok(Ok(())) => Follow::Changed(views.borrow_and_update().clone()),
            Ok(Err(_)) => return None,
            Err(_) => Follow::Ping,
        };
        Some((follow, (views, shutdown)))
    })
}

fn event_stream(frames: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that collect answers would keep a hall waiting for its board.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

pub(super) fn json_bytes(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn ticket_frame(page: &ticket_page::TicketPage) -> Bytes {
    let body = serde_json::to_vec(page).unwrap_or_default();
    framed("ticket", &page.position, &body)
}

fn framed(event: &str, position: &str, body: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(body.len() + 128);
    out.put_slice(b"retry: 1000\nid: ");
    out.put_slice(position.as_bytes());
    out.put_slice(b"\nevent: ");
    out.put_slice(event.as_bytes());
    out.put_slice(b"\ndata: ");
    out.put_slice(body);
    out.put_slice(b"\n\n");
    out.freeze()
}

/// The newest frame of each branch, made once and handed to all its screens.
#[derive(Debug, Clone)]
pub struct BoardFrames(moka::sync::Cache<BranchId, (Arc<BranchView>, Bytes)>);

impl Default for BoardFrames {
    fn default() -> Self {
        Self(moka::sync::Cache::new(10_000))
    }
}

impl BoardFrames {
    fn of(&self, view: &Arc<BranchView>) -> Bytes {
        if let Some((_, frame)) = self.0.get(&view.branch).filter(|(made_for, _)| Arc::ptr_eq(made_for, view))
        {
            return frame;
        }
        let made = framed("board", &view.position_text(), &view.board());
        self.0.insert(view.branch.clone(), (view.clone(), made.clone()));
        made
    }
}
