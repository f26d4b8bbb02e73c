//! A histogram of durations that can be merged and taken apart again, and answers quantiles within 1 %.
//!
//! A duration of `ms` milliseconds falls into bucket `b`:
//! - below 64 ms, `b = ms`;
//! - else `b = 64 · s + (ms >> s)` with `s = floor(log2(ms)) − 6`, so that the seven leading bits of `ms` remain.
//!
//! Bucket `b ≥ 128` holds `m << s … ((m + 1) << s) − 1` with `s = b / 64 − 1` and `m = b mod 64 + 64`; its middle is at
//! most 1/128 (0.79 %) away from any of them. Integers only: every machine and every database gives the same bucket.
//! Stored as a JSON array `[bucket, count, bucket, count, …]`, buckets ascending, empty ones absent.

use std::collections::BTreeMap;

/// Counts by bucket. Negative durations, which only odd history holds, count as 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram(BTreeMap<u32, i64>);

impl Histogram {
    /// Adds a duration `times` times; a negative number takes it out again.
    pub fn add(&mut self, ms: i64, times: i64) {
        let bucket = bucket_of(ms);
        let count = self.0.entry(bucket).or_default();
        *count += times;
        if *count == 0 {
            self.0.remove(&bucket);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            let mine = self.0.entry(*bucket).or_default();
            *mine += count;
            if *mine == 0 {
                self.0.remove(bucket);
            }
        }
    }

    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.values().sum()
    }

    /// The duration that the share `q` of all does not exceed, in milliseconds; absent when there are none.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<i64> {
        let count = self.count();
        if count <= 0 {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a rank among the counted"
        )]
        let rank = ((q.clamp(0.0, 1.0) * count as f64).ceil() as i64).max(1);
        let mut seen = 0;
        self.0.iter().find_map(|(bucket, count)| {
            seen += count;
            (seen >= rank).then(|| middle_of(*bucket))
        })
    }

    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = Vec::with_capacity(2 + self.0.len() * 8);
        text.push(b'[');
        for (bucket, count) in &self.0 {
            if text.len() > 1 {
                text.push(b',');
            }
            push_number(&mut text, i64::from(*bucket));
            text.push(b',');
            push_number(&mut text, *count);
        }
        text.push(b']');
        // Digits, signs and commas.
        String::from_utf8(text).unwrap_or_default()
    }

    /// # Errors
    /// When the text is not an array of numbers in pairs.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        use serde::de::Error;
        let numbers: Vec<i64> = serde_json::from_str(text)?;
        let (pairs, odd) = numbers.as_chunks::<2>();
        if !odd.is_empty() {
            return Err(serde_json::Error::custom("a bucket without its count"));
        }
        let bucket = |[bucket, count]: &[i64; 2]| {
            u32::try_from(*bucket).map(|bucket| (bucket, *count)).map_err(serde_json::Error::custom)
        };
        Ok(Self(pairs.iter().map(bucket).collect::<Result<_, _>>()?))
    }
}

/// Without an allocation for each: the rows of a busy day hold thousands of numbers, written again with every batch.
fn push_number(text: &mut Vec<u8>, number: i64) {
    if number < 0 {
        text.push(b'-');
    }
    let (mut rest, start) = (number.unsigned_abs(), text.len());
    loop {
        text.push(b'0' + u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text[start..].reverse();
}

fn bucket_of(ms: i64) -> u32 {
    let ms = u64::try_from(ms).unwrap_or_default();
    if ms < 64 {
        return u32::try_from(ms).unwrap_or_default();
    }
    let shift = ms.ilog2() - 6;
    64 * shift + u32::try_from(ms >> shift).unwrap_or_default()
}

fn middle_of(bucket: u32) -> i64 {
    if bucket < 128 {
        return i64::from(bucket);
    }
    let shift = bucket / 64 - 1;
    let lowest = i64::from(bucket % 64 + 64) << shift;
    lowest + (1_i64 << shift) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_documented_buckets() {
        let expected =
            [(0, 0), (63, 63), (64, 64), (127, 127), (128, 128), (129, 128), (130, 129), (1_000, 317)];
        for (ms, bucket) in expected {
            assert_eq!(bucket_of(ms), bucket, "{ms} ms");
        }
    }

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for number in [0, 9, 10, -1, -10, 1_234_567, i64::MAX, i64::MIN] {
            let mut text = Vec::new();
            push_number(&mut text, number);
            assert_eq!(text, number.to_string().into_bytes());
        }
    }

    #[test]
    fn text_that_is_no_histogram_is_refused() {
        assert!(Histogram::from_json("[1]").is_err());
        assert!(Histogram::from_json("{}").is_err());
        assert!(Histogram::from_json("[-1,2]").is_err());
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_one_percent(mut all in prop::collection::vec(0_i64..100_000_000, 1..200), q in 0.0_f64..=1.0) {
            let mut histogram = Histogram::default();
            all.iter().for_each(|ms| histogram.add(*ms, 1));
            all.sort_unstable();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank in a small list")]
            let rank = ((q * all.len() as f64).ceil() as usize).max(1);
            let exact = all[rank - 1];
            let found = histogram.quantile(q).unwrap();
            prop_assert!((found - exact).abs() * 100 <= exact.max(1), "{found} for {exact}");
        }

        #[test]
        fn what_was_taken_out_leaves_no_trace(kept in prop::collection::vec(0_i64..10_000_000, 0..50), gone in prop::collection::vec(0_i64..10_000_000, 0..50)) {
            let mut expected = Histogram::default();
            kept.iter().for_each(|ms| expected.add(*ms, 1));
            let mut histogram = expected.clone();
            gone.iter().for_each(|ms| histogram.add(*ms, 1));
            gone.iter().for_each(|ms| histogram.add(*ms, -1));
            prop_assert_eq!(&histogram, &expected);
            prop_assert_eq!(Histogram::from_json(&histogram.to_json()).unwrap(), expected);
        }

        #[test]
        fn merging_is_counting_together(a in prop::collection::vec(0_i64..10_000_000, 0..50), b in prop::collection::vec(0_i64..10_000_000, 0..50)) {
            let of = |all: &[i64]| { let mut it = Histogram::default(); all.iter().for_each(|ms| it.add(*ms, 1)); it };
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(merged, of(&[a, b].concat()));
        }
    }
}
