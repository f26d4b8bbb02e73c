//! What can be asked of the tables: pages that neither repeat nor miss a row, filters, exact quantiles.

use std::collections::BTreeMap;

use talon_core::{
    event_store::StreamId,
    ids::{OperatorId, ServiceId, TicketId, WindowId},
};
use talon_projections::{
    audit_index::read::{self as audit, HistoryFilter},
    branch_stats::read::{self as stats, StatsFilter},
    tickets::{
        read::{self as tickets, After, Measured, TicketFilter},
        row::TicketRow,
    },
};
use talon_storage::{Db, Storage};

use crate::{
    rows::Tables,
    support::day,
    tables::{fresh, history, homes, project},
};

async fn all_pages(db: &Db, filter: &TicketFilter, first: u32) -> Vec<TicketRow> {
    let mut all: Vec<TicketRow> = Vec::new();
    loop {
        let page = tickets::page(db, filter, all.last().map(After::from), first).await.unwrap();
        assert!(page.len() <= first as usize);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

async fn filled() -> Vec<(Storage, Tables, crate::stores::Home)> {
    let mut all = Vec::new();
    for home in homes().await {
        let (storage, clock) = fresh(&home).await;
        history(&storage, 81).await;
        project(&storage, &clock).await;
        let tables = Tables::of(&storage).await;
        all.push((storage, tables, home));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_tickets_neither_repeat_nor_miss_a_row() {
    for (storage, tables, _home) in filled().await {
        let db = &storage.read;
        assert_eq!(all_pages(db, &TicketFilter::default(), 7).await, tables.tickets);
        let newest_first = tables
            .tickets
            .windows(2)
            .all(|it| (it[0].issued_at, it[0].ticket_id) > (it[1].issued_at, it[1].ticket_id));
        assert!(newest_first);
        let filter = TicketFilter {
            branches: vec![crate::support::branch("mayak"), crate::support::branch("vostok")],
            from: Some(day()),
            to: Some(day()),
            service: Some(ServiceId::trusted("letters")),
            states: vec!["COMPLETED".into(), "EXPIRED".into(), "ABANDONED".into()],
            ..TicketFilter::default()
        };
        let expected: Vec<_> = tables
            .tickets
            .iter()
            .filter(|it| it.branch != "archive" && it.business_day == day() && it.service == "letters")
            .filter(|it| matches!(it.state.as_str(), "COMPLETED" | "EXPIRED" | "ABANDONED"))
            .cloned()
            .collect();
        assert!(expected.len() > 2);
        assert_eq!(all_pages(db, &filter, 3).await, expected);
        let one = &expected[0];
        assert_eq!(tickets::one(db, TicketId(one.ticket_id)).await.unwrap().as_ref(), Some(one));
        let by_number = TicketFilter {
            number: one.number.clone(),
            operator: one.operator_id.as_deref().map(OperatorId::trusted),
            ..TicketFilter::default()
        };
        assert!(all_pages(db, &by_number, 50).await.contains(one));
        let import = tables.tickets.iter().find(|it| it.data_set.is_some()).unwrap();
        let external = import.external_id.as_deref().unwrap();
        assert_eq!(tickets::imported(db, "sample", external).await.unwrap(), Some(import.ticket_id));
        assert_eq!(tickets::imported(db, "sample", "nothing").await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_found_by_whom_what_and_when() {
    for (storage, tables, _home) in filled().await {
        let db = &storage.read;
        let mut paged = Vec::new();
        loop {
            let after = paged.last().map(audit::HistoryRow::position);
            let page = audit::page(db, &HistoryFilter::default(), after, 101).await.unwrap();
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, tables.audit);
        assert_eq!(u64::try_from(paged.len()).unwrap(), storage.tail.head());
        let sample =
            tables.audit.iter().find(|it| it.kind == "service.completed" && it.window_id.is_some()).unwrap();
        let filter = HistoryFilter {
            branches: sample.branch.iter().map(|it| crate::support::branch(it)).collect(),
            ticket: sample.ticket_id.map(TicketId),
            window: sample.window_id.as_deref().map(WindowId::trusted),
            actor: Some(sample.actor.clone()),
            subject: sample.subject.as_deref().map(StreamId::new),
            types: vec!["service.completed".into(), "ticket.called".into()],
            from: Some(sample.occurred_at),
            to: Some(sample.occurred_at + chrono::TimeDelta::microseconds(1)),
        };
        let about =
            |subject| HistoryFilter { subject: Some(StreamId::new(subject)), ..HistoryFilter::default() };
        for row in tables.audit.iter().filter_map(|it| it.subject.as_deref()) {
            let found = audit::page(db, &about(row), None, 200).await.unwrap();
            assert!(!found.is_empty() && found.iter().all(|it| it.subject.as_deref() == Some(row)), "{row}");
        }
        assert_eq!(audit::page(db, &about("staff-nobody"), None, 10).await.unwrap(), []);
        let found = audit::page(db, &filter, None, 10).await.unwrap();
        assert!(
            found.contains(sample)
                && found
                    .iter()
                    .all(|it| it.ticket_id == sample.ticket_id && it.occurred_at == sample.occurred_at)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quantiles_of_a_day_are_exact() {
    for (storage, tables, _home) in filled().await {
        for (branch, measured) in [
            ("mayak", Measured::Wait),
            ("archive", Measured::Wait),
            ("vostok", Measured::Service),
            ("vostok", Measured::Way),
        ] {
            for per_mille in [0, 500, 900, 1_000] {
                let mut by_service: BTreeMap<String, Vec<i64>> = BTreeMap::new();
                for row in tables.tickets.iter().filter(|it| it.branch == branch && it.business_day == day())
                {
                    let ms = match measured {
                        Measured::Wait => row.wait_ms,
                        Measured::Way => row.way_ms,
                        Measured::Service => row.service_ms,
                    };
                    if let (Some(service), Some(ms)) = (&row.called_service, ms) {
                        by_service.entry(service.clone()).or_default().push(ms);
                    }
                }
                let found = tickets::quantiles(
                    &storage.read,
                    &crate::support::branch(branch),
                    day(),
                    measured,
                    per_mille,
                )
                .await
                .unwrap();
                assert_eq!(found.len(), by_service.len());
                assert!(!found.is_empty());
                for quantile in found {
                    let mut all = by_service.remove(&quantile.service).unwrap();
                    all.sort_unstable();
                    assert_eq!(quantile.tickets, all.len() as i64);
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        clippy::cast_precision_loss,
                        reason = "a place in a small list"
                    )]
                    let exact = {
                        let place = (all.len() - 1) as f64 * f64::from(per_mille) / 1_000.0;
                        let (low, high) =
                            (all[place.floor() as usize] as f64, all[place.ceil() as usize] as f64);
                        low + (high - low) * place.fract()
                    };
                    assert!((quantile.ms - exact).abs() < 0.01, "{quantile:?} for {exact}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statistics_are_asked_by_branch_day_service_and_operator() {
    for (storage, tables, _home) in filled().await {
        let sample = tables.days.iter().find(|it| it.served > 0 && it.branch == "mayak").unwrap();
        let filter = StatsFilter {
            branches: vec![crate::support::branch("mayak")],
            from: Some(sample.business_day),
            to: Some(sample.business_day),
            service: Some(ServiceId::trusted(&sample.service)),
            operator: Some(OperatorId::trusted(&sample.operator)),
        };
        assert_eq!(stats::days(&storage.read, &filter).await.unwrap(), std::slice::from_ref(sample));
        let hours = stats::hours(&storage.read, &filter).await.unwrap();
        assert_eq!(hours.iter().map(|it| it.served).sum::<i64>(), sample.served);
        assert!(hours.iter().all(|it| it.hour.is_some()));
    }
}
