//! A disk that takes longer to flush, for `talon bench`: the same writer, with a pause before every commit. What a fast
//! virtual disk hides shows here: how much of the rate is group commit, and how much only a short flush.

use std::{collections::HashMap, thread, time::Duration};

use async_trait::async_trait;
use talon_core::event_store::{Position, StreamId, Version};
use uuid::Uuid;

use crate::{
    committer::{Failed, NotCommitted, Writer},
    plan::{End, Found, Plan},
};

#[derive(Debug)]
pub(crate) struct Slow<W> {
    pub(crate) writer: W,
    pub(crate) by: Duration,
}

#[async_trait]
impl<W: Writer> Writer for Slow<W> {
    async fn begin(&mut self, streams: &[(&StreamId, Version)]) -> Result<HashMap<StreamId, End>, Failed> {
        self.writer.begin(streams).await
    }

    async fn find(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, Found>, Failed> {
        self.writer.find(ids).await
    }

    async fn write(&mut self, plan: &Plan<'_>) -> Result<Position, Failed> {
        self.writer.write(plan).await
    }

    async fn commit(&mut self) -> Result<(), NotCommitted> {
        let by = self.by;
        // A thread sleeps to some fifty microseconds; the runtime's own timer only to a millisecond.
        let _ = tokio::task::spawn_blocking(move || thread::sleep(by)).await;
        self.writer.commit().await
    }

    async fn rollback(&mut self) {
        self.writer.rollback().await;
    }

    async fn close(&mut self) {
        self.writer.close().await;
    }
}
