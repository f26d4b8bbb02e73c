//! What the order of calling promises, played second by second.

use proptest::prelude::*;
use talon_core::{
    queue_day::{
        command::Action,
        ticket::{Ticket, TicketState},
    },
    refusal::Refusal,
    settings::{DaySettings, Policy},
    testing::{given::Hall, samples::*},
};

/// An arrival: after how many seconds, hasty or not, for which service.
type Arriving = (i64, bool, &'static str);

/// Plays arrivals against windows that call when they are free, each with its own pace; every call is checked.
fn serve(
    settings: DaySettings,
    arrivals: &[Arriving],
    paces: &[i64],
    mut check: impl FnMut(&Ticket, &[&Ticket]),
) {
    let windows = [(anna(), WINDOW_1), (boris(), WINDOW_2)];
    let mut hall = Hall::open_with(settings);
    for (who, at) in &windows {
        hall.does(who, opens(who.clone(), at).1);
    }
    let mut arrivals = arrivals.iter().enumerate().peekable();
    let mut next_arrival = 0;
    let mut free_at = [0, 0];
    let mut calls = 0_usize;
    for second in 0..4 * 3600 {
        while let Some((n, (gap, hasty, wish))) = arrivals.peek().copied() {
            if next_arrival + gap > second {
                break;
            }
            next_arrival += gap;
            let of = if *hasty { "privileged" } else { "standard" };
            hall.does(&kiosk(), takes_as(n as u128, wish, of).1);
            arrivals.next();
        }
        for (at, (who, id)) in windows.iter().enumerate() {
            if free_at[at] > second {
                continue;
            }
            if let Some(busy) = hall.day.windows[&window(id)].ticket {
                hall.does(who, Action::StartService { ticket: busy });
                hall.does(who, Action::CompleteService { ticket: busy, outcome: None, quantity: 1 });
            }
            let waiting: Vec<Ticket> = hall
                .day
                .open()
                .filter(|it| matches!(it.state, TicketState::Waiting { .. }))
                .cloned()
                .collect();
            match hall.ask(who, Action::CallNext { window: window(id) }) {
                Ok(_) => {
                    let called = hall.day.windows[&window(id)].ticket.expect("somebody was called");
                    let (chosen, others): (Vec<&Ticket>, Vec<&Ticket>) =
                        waiting.iter().partition(|it| it.id == called);
                    check(chosen[0], &others);
                    free_at[at] = second + paces[calls % paces.len()];
                    calls += 1;
                }
                // Work conserving: a window that gives everything idles only when nobody waits.
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::NobodyWaiting);
                    assert!(waiting.is_empty(), "{} wait and nobody is called", waiting.len());
                }
            }
        }
        hall.passes(1);
        if arrivals.peek().is_none() && hall.day.open_tickets.is_empty() {
            return;
        }
    }
}

fn some_arrivals() -> impl Strategy<Value = Vec<Arriving>> + Clone {
    prop::collection::vec((0..200_i64, any::<bool>(), prop_oneof![Just(LETTERS), Just(PARCELS)]), 1..40)
}

/// Two classes with targets of 15 and 5 minutes.
fn fifteen_and_five() -> DaySettings {
    let mut settings = settings();
    settings.classes[1].target_s = 300;
    settings
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nobody_who_came_more_than_ten_minutes_later_passes_you(
        arrivals in some_arrivals(),
        paces in prop::collection::vec(30..900_i64, 1..8),
    ) {
        let target = |it: &Ticket| if it.class.as_str() == "privileged" { 300_000 } else { 900_000 };
        let reference = |it: &Ticket| it.place.reference.timestamp_millis();
        serve(fifteen_and_five(), &arrivals, &paces, |called, others| {
            for other in others {
                // Whoever is left waiting was not due before the one who was called.
                assert!(reference(called) + target(called) <= reference(other) + target(other));
                assert!(reference(called) - reference(other) <= 600_000);
                if called.class == other.class {
                    assert!(reference(called) <= reference(other), "first come, first served inside a class");
                }
            }
        });
    }

    #[test]
    fn first_come_first_served_passes_nobody(
        arrivals in some_arrivals(),
        paces in prop::collection::vec(30..900_i64, 1..8),
    ) {
        let fifo = DaySettings { policy: Policy::Fifo, ..settings() };
        serve(fifo, &arrivals, &paces, |called, others| {
            assert!(others.iter().all(|it| called.place.reference <= it.place.reference));
        });
    }
}
