//! The hall at a scripted door: a branch of few rules that writes down every press.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use talon_core::ids::{ServiceId, TicketId, WindowId};
use uuid::Uuid;

use super::{FIRST_CROWD, Hall, Plan, Rhythm};
use crate::demo::{
    self,
    door::{Button, Door, Standing, TicketSeen, Trouble, WindowSeen},
    people::{People, Person},
};

const MINUTE: i64 = 60_000;

#[derive(Default)]
struct Branch {
    now: i64,
    issued: u128,
    waiting: VecDeque<TicketId>,
    services: BTreeMap<TicketId, VecDeque<ServiceId>>,
    /// The ticket at each window, its first call, its last call and how many there were.
    windows: BTreeMap<WindowId, Seat>,
    log: Vec<(i64, String)>,
}

#[derive(Default)]
struct Seat {
    operator: usize,
    paused: bool,
    ticket: Option<(TicketId, Standing)>,
    called_at: i64,
    last_call_at: i64,
    calls: u32,
}

const VISITOR: usize = 99;

/// Somebody sits down at a window between two moments, or everything is refused.
#[derive(Clone, Default)]
struct Script {
    taken: Option<(&'static str, i64, i64)>,
    closed_door_from: Option<i64>,
}

#[derive(Default)]
struct Scripted {
    branch: Mutex<Branch>,
    script: Script,
}

impl Scripted {
    fn branch(&self) -> MutexGuard<'_, Branch> {
        self.branch.lock().unwrap()
    }

    fn presses(&self) -> Vec<(i64, String)> {
        self.branch().log.clone()
    }
}

fn no<T>(code: &str) -> Result<T, Trouble> {
    Err(Trouble::Refused(code.into()))
}

impl Branch {
    fn seen(&self, id: TicketId, state: Standing) -> TicketSeen {
        let service = self.services.get(&id).and_then(|it| it.front().cloned());
        TicketSeen { id, state, service }
    }

    fn own(&mut self, operator: usize, window: &WindowId) -> Result<&mut Seat, Trouble> {
        match self.windows.get_mut(window) {
            None => no("WINDOW_NOT_OPEN"),
            Some(seat) if seat.operator != operator => no("NOT_YOUR_WINDOW"),
            Some(seat) => Ok(seat),
        }
    }

    fn at(&mut self, operator: usize, ticket: TicketId, state: Standing) -> Result<&mut Seat, Trouble> {
        let holds = |it: &&mut Seat| it.ticket.is_some_and(|(id, _)| id == ticket);
        match self.windows.values_mut().find(holds) {
            None => no("WRONG_STATE"),
            Some(seat) if seat.operator != operator => no("NOT_YOUR_WINDOW"),
            Some(seat) if seat.ticket != Some((ticket, state)) => no("WRONG_STATE"),
            Some(seat) => Ok(seat),
        }
    }

    fn press(&mut self, operator: usize, button: &Button) -> Result<Option<TicketSeen>, Trouble> {
        let now = self.now;
        let calling = |ticket| Seat {
            operator,
            ticket: Some((ticket, Standing::Called)),
            called_at: now,
            last_call_at: now,
            calls: 1,
            paused: false,
        };
        match button {
            Button::OpenWindow { window } => {
                if self.windows.contains_key(window) {
                    return no("WINDOW_TAKEN");
                }
                self.windows.insert(window.clone(), Seat { operator, ..Seat::default() });
                Ok(None)
            }
            Button::CloseWindow { window } => {
                self.own(operator, window)?;
                self.windows.remove(window);
                Ok(None)
            }
            Button::PauseWindow { window, .. } => {
                self.own(operator, window)?.paused = true;
                Ok(None)
            }
            Button::ResumeWindow { window } => {
                self.own(operator, window)?.paused = false;
                Ok(None)
            }
            Button::CallNext { window } => {
                let seat = self.own(operator, window)?;
                assert!(!seat.paused, "a resting operator called");
                if seat.ticket.is_some() {
                    return no("WINDOW_BUSY");
                }
                let Some(ticket) = self.waiting.pop_front() else { return no("NOBODY_WAITING") };
                self.windows.insert(window.clone(), calling(ticket));
                Ok(Some(self.seen(ticket, Standing::Called)))
            }
            Button::CallAgain { window, ticket } => {
                self.own(operator, window)?;
                self.windows.insert(window.clone(), calling(*ticket));
                Ok(Some(self.seen(*ticket, Standing::Called)))
            }
            Button::Recall { ticket } => {
                let seat = self.at(operator, *ticket, Standing::Called)?;
                if now - seat.last_call_at < 30_000 {
                    return no("RECALL_TOO_EARLY");
                }
                seat.last_call_at = now;
                seat.calls += 1;
                Ok(None)
            }
            Button::NoShow { ticket } => {
                let seat = self.at(operator, *ticket, Standing::Called)?;
                if now - seat.called_at < MINUTE || seat.calls < 2 {
                    return no("NO_SHOW_TOO_EARLY");
                }
                seat.ticket = None;
                Ok(None)
            }
            Button::Start { ticket } => {
                self.at(operator, *ticket, Standing::Called)?.ticket = Some((*ticket, Standing::Serving));
                Ok(Some(self.seen(*ticket, Standing::Serving)))
            }
            Button::AddService { ticket, service } => {
                self.at(operator, *ticket, Standing::Serving)?;
                self.services.entry(*ticket).or_default().push_back(service.clone());
                Ok(None)
            }
            Button::Complete { ticket, .. } => {
                let seat = self.at(operator, *ticket, Standing::Serving)?;
                seat.ticket = None;
                let rest = self.services.entry(*ticket).or_default();
                rest.pop_front();
                if rest.is_empty() {
                    return Ok(Some(self.seen(*ticket, Standing::Elsewhere)));
                }
                let kept = Some((*ticket, Standing::Serving));
                let seat = self.windows.values_mut().find(|it| it.operator == operator).unwrap();
                seat.ticket = kept;
                Ok(Some(self.seen(*ticket, Standing::Serving)))
            }
            Button::Refuse { ticket, .. } | Button::Park { ticket, .. } => {
                self.at(operator, *ticket, Standing::Serving)?.ticket = None;
                Ok(None)
            }
            Button::Return { ticket, .. } => {
                self.at(operator, *ticket, Standing::Called)?.ticket = None;
                self.waiting.push_back(*ticket);
                Ok(None)
            }
            Button::Transfer { ticket, .. } => {
                self.at(operator, *ticket, Standing::Serving)?.ticket = None;
                self.waiting.push_back(*ticket);
                Ok(None)
            }
            Button::Reactivate { ticket } | Button::Unpark { ticket } => {
                self.waiting.push_back(*ticket);
                Ok(None)
            }
        }
    }
}

#[async_trait]
impl Door for Scripted {
    async fn wait_until(&self, moment: i64) -> Result<(), Trouble> {
        let mut branch = self.branch();
        assert!(moment >= branch.now, "time went back");
        branch.now = moment;
        if let Some((window, from, to)) = self.script.taken {
            let id = WindowId::trusted(window);
            let by_visitor = branch.windows.get(&id).is_some_and(|it| it.operator == VISITOR);
            if (from..to).contains(&moment) && !by_visitor {
                branch.windows.insert(id, Seat { operator: VISITOR, ..Seat::default() });
            } else if moment >= to && by_visitor {
                branch.windows.remove(&id);
            }
        }
        match self.script.closed_door_from {
            Some(from) if moment >= from => Err(Trouble::Stopped),
            _ => Ok(()),
        }
    }

    async fn take_ticket(&self, person: &Person) -> Result<TicketSeen, Trouble> {
        let mut branch = self.branch();
        branch.issued += 1;
        let id = TicketId(Uuid::from_u128(branch.issued));
        branch.services.insert(id, person.services.iter().cloned().collect());
        branch.waiting.push_back(id);
        let entry = (branch.now, format!("kiosk {:?} {}", person.services, person.class));
        branch.log.push(entry);
        Ok(branch.seen(id, Standing::Waiting))
    }

    async fn press(&self, operator: usize, button: &Button) -> Result<Option<TicketSeen>, Trouble> {
        let mut branch = self.branch();
        let answer = branch.press(operator, button);
        let said = match &answer {
            Ok(_) => "ok".to_owned(),
            Err(trouble) => trouble.to_string(),
        };
        let entry = (branch.now, format!("{operator} {button:?} {said}"));
        branch.log.push(entry);
        answer
    }

    async fn look(&self, operator: usize, window: &WindowId) -> Result<WindowSeen, Trouble> {
        let branch = self.branch();
        Ok(match branch.windows.get(window) {
            None => WindowSeen::Closed,
            Some(seat) if seat.operator != operator => WindowSeen::Taken,
            Some(seat) => WindowSeen::Mine {
                paused: seat.paused,
                ticket: seat.ticket.map(|(id, state)| branch.seen(id, state)),
            },
        })
    }

    async fn waiting(&self) -> Result<usize, Trouble> {
        Ok(self.branch().waiting.len())
    }
}

async fn live(seed: u64, speed: f64, minutes: i64, script: Script) -> Vec<(i64, String)> {
    let catalogue = demo::catalogue().unwrap();
    let people = People::of(&catalogue, seed, "present").unwrap();
    let door = Scripted { script, ..Scripted::default() };
    let plan = Plan {
        rhythm: Rhythm::Living { busy: 0.85 },
        speed,
        until: Some(minutes * MINUTE),
        windows: demo::staff().into_iter().filter_map(|it| it.window).collect(),
        reasons: catalogue.reasons.clone(),
    };
    let _ended = Hall::new(&people, &door, plan).run().await;
    door.presses()
}

fn calls(presses: &[(i64, String)]) -> Vec<i64> {
    let calls =
        presses.iter().filter(|(_, it)| it.ends_with("ok") && (it.contains("Call") || it.contains("Recall")));
    calls.map(|(at, _)| *at).collect()
}

#[tokio::test]
async fn one_seed_is_one_sequence_and_another_seed_another() {
    let first = live(11, 1.0, 240, Script::default()).await;
    assert!(first.len() > 2_000, "{} presses in four hours", first.len());
    assert_eq!(first, live(11, 1.0, 240, Script::default()).await);
    assert_ne!(first, live(12, 1.0, 240, Script::default()).await);
}

#[tokio::test]
async fn the_hall_is_full_and_called_from_the_first_minute_on() {
    let presses = live(1, 1.0, 120, Script::default()).await;
    let taken =
        |until: i64| presses.iter().filter(|(at, it)| *at <= until && it.starts_with("kiosk")).count();
    assert!(taken(10_000) >= FIRST_CROWD);
    let calls = calls(&presses);
    assert!(calls[0] < 20_000, "the first call came after {} ms", calls[0]);
    let gaps: Vec<i64> = calls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = (calls[calls.len() - 1] - calls[0]) / i64::try_from(gaps.len()).unwrap();
    assert!((15_000..=40_000).contains(&mean), "a call every {mean} ms");
    let long = gaps.iter().filter(|it| **it > 90_000).count();
    assert!(long * 50 <= gaps.len(), "{long} of {} gaps are longer than a minute and a half", gaps.len());
}

#[tokio::test]
async fn speed_hurries_people_but_not_the_rules() {
    let presses = live(4, 20.0, 30, Script::default()).await;
    let early = |code: &str| presses.iter().filter(|(_, it)| it.contains(code)).count();
    assert_eq!(early("RECALL_TOO_EARLY") + early("NO_SHOW_TOO_EARLY"), 0);
    assert!(presses.iter().any(|(_, it)| it.contains("NoShow") && it.ends_with("ok")));
    let slow = live(4, 1.0, 30, Script::default()).await;
    assert!(presses.len() > slow.len() * 5, "{} against {}", presses.len(), slow.len());
}

#[tokio::test]
async fn an_operator_stands_aside_for_a_visitor_and_comes_back() {
    let (from, to) = (20 * MINUTE, 40 * MINUTE);
    let script = Script { taken: Some(("w3", from, to)), ..Script::default() };
    let presses = live(2, 1.0, 60, script).await;
    let granted = |at: i64, press: &str| at >= from && press.starts_with("2 ") && press.ends_with("ok");
    let mine: Vec<_> = presses.iter().filter(|(at, it)| granted(*at, it)).collect();
    assert!(mine.iter().all(|(at, _)| *at >= to), "worked at the visitor's window: {mine:?}");
    let (back, press) = mine.first().expect("never came back");
    assert!(press.contains("OpenWindow"), "{press}");
    assert!((to + 20_000..to + 90_000).contains(back), "came back {} ms after", back - to);
    let refused =
        presses.iter().filter(|(at, it)| *at > from && it.starts_with("2 ") && it.contains("refused"));
    assert!(refused.count() <= 2, "kept pressing at somebody else's window");
}

#[tokio::test]
async fn nothing_is_pressed_after_the_door_has_closed() {
    let script = Script { closed_door_from: Some(5 * MINUTE), ..Script::default() };
    let presses = live(3, 1.0, 60, script).await;
    assert!(!presses.is_empty());
    assert!(presses.iter().all(|(at, _)| *at < 5 * MINUTE));
}
