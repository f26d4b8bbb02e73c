//! Progress of long work on stderr: a bar when somebody watches, plain lines always, nothing in tests.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub struct Progress {
    bar: ProgressBar,
    speaks: bool,
}

impl Progress {
    /// A bar if stderr is a terminal; what must be said is said either way.
    #[must_use]
    pub fn stderr() -> Self {
        Self { bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()), speaks: true }
    }

    #[must_use]
    pub fn silent() -> Self {
        Self { bar: ProgressBar::hidden(), speaks: false }
    }

    /// Starts a stretch of work of `total` steps; of unknown length when that is `None`.
    pub fn begin(&self, what: &'static str, total: Option<u64>) {
        let template = match total {
            Some(_) => "{msg} {wide_bar} {percent:>3} % {eta_precise}",
            None => "{spinner} {msg} {human_pos} {elapsed_precise}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.reset();
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(what);
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    pub fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    pub fn reach(&self, step: u64) {
        self.bar.set_position(step);
    }

    /// Writes a line above the bar.
    pub fn say(&self, line: &str) {
        if self.speaks {
            self.bar.suspend(|| eprintln!("{line}"));
        }
    }

    pub fn end(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}
