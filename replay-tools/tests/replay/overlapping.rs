//! Whatever order and overlap the files have, the figures are the same.

use std::sync::Arc;

use proptest::prelude::*;

use crate::{
    hall::{figures_of, history, import, second},
    store::Log,
};

/// A row of the form: its times are steps from its issue, its names a few.
fn row() -> impl Strategy<Value = (i64, u8, u8, u8, [i64; 3])> {
    (0..200_000_i64, 0..3_u8, 0..2_u8, 0..4_u8, [0..4_i64, 0..4, 0..5_000])
}

fn text(number: usize, (issued, branch, service, outcome, steps): (i64, u8, u8, u8, [i64; 3])) -> String {
    let at = |offset: i64| second(offset).format("%Y-%m-%dT%H:%M:%S").to_string();
    let issued_at = at(issued);
    let called = at(issued + steps[0]);
    let later = at(issued + steps[0] + steps[1]);
    let last = at(issued + steps.iter().sum::<i64>());
    let rest = match outcome {
        0 => format!("{called},{later},{last},served,op{service},"),
        1 => format!(",,,abandoned,,{last}"),
        2 => format!("{called},,,no_show,op{branch},{last}"),
        _ => format!("{called},,,other,,"),
    };
    format!("t{number},b{branch},s{service},0,,{issued_at},{rest},q\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn shuffled_and_overlapping_files_give_the_figures_of_one_sorted_file(
        rows in prop::collection::vec(row(), 1..60),
        shuffled in prop::collection::vec(any::<prop::sample::Index>(), 0..150),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        at in 0..200_000_i64,
        hold in 1..200_usize,
    ) {
        let mut sorted = rows;
        sorted.sort_unstable();
        let rows: Vec<_> = sorted.into_iter().enumerate().map(|(number, row)| text(number, row)).collect();
        // Rows in any order and some of them often, then all backwards, so that none is missing.
        let mut mixed: Vec<_> = shuffled.iter().map(|index| index.get(&rows).as_str()).collect();
        mixed.extend(rows.iter().rev().map(String::as_str));
        let mut files: Vec<Vec<&str>> = vec![mixed];
        for cut in cuts {
            let last = files.pop().unwrap_or_default();
            let (one, other) = last.split_at(cut.index(last.len() + 1));
            files.extend([one.to_vec(), other.to_vec()]);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(async {
            let (tidy, untidy) = (Arc::new(Log::default()), Arc::new(Log::default()));
            import(&tidy, &rows.concat(), &[]).await.unwrap();
            for file in files {
                import(&untidy, &file.concat(), &["--hold", &hold.to_string()]).await.unwrap();
            }
            assert_eq!(figures_of(&tidy).await, figures_of(&untidy).await);
            let (one, other) = (history(&tidy, "hall").await, history(&untidy, "hall").await);
            let at = second(at);
            assert_eq!(talon_replay::instant::instant(&one, at), talon_replay::instant::instant(&other, at));
        });
    }
}
