//! Canned replies: the table of them, read from memory, changed on disk first.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use deskwire_protocol::limits::{CANNED_REPLIES_MAX, CANNED_TEXT_BYTES_MAX, NAME_BYTES_MAX};
use deskwire_protocol::{Malformed, frames};
use serde::{Deserialize, Serialize};

use super::accounts::Accounts;
use crate::domain::canned::{Template, Unreadable, fits};
use crate::domain::event::CategoryId;
use crate::store::{CommitFault, ReadFault, RecordKind, RecordPut, StoreHandle};

/// The number under which the last number that was given is kept.
const LAST: u32 = 0;
/// The category of a reply for all.
const ALL: CategoryId = CategoryId(0);

frames! {
    /// What is kept of a canned reply. Numbers are never used again; a changed record is a new kind.
    pub enum CannedRecord {
        /// A canned reply. Its number is its key.
        1 Kept {
            /// Its category's number; 0 for all.
            category: CategoryId;
            /// What it is called.
            title: String [max NAME_BYTES_MAX];
            /// What it says, with placeholders.
            text: String [max CANNED_TEXT_BYTES_MAX];
        }
    }
}

/// A canned reply, as it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedSetting {
    /// What it is called.
    pub title: String,
    /// Its category's name; null for all.
    #[serde(default)]
    pub category: Option<String>,
    /// What it says, with placeholders.
    pub text: String,
}

/// A canned reply, as it is shown to those who manage and use them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CannedShown {
    /// Its number.
    pub id: u32,
    /// As it was set.
    #[serde(flatten)]
    pub setting: CannedSetting,
}

/// A canned reply, ready to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its number; never used again.
    pub id: u32,
    /// Its category; none for all.
    pub category: Option<CategoryId>,
    /// What it is called.
    pub title: String,
    /// What it says, as written.
    pub text: String,
    /// What it says, read.
    pub template: Template,
}

/// Why a change of a canned reply was not made.
#[derive(Debug, thiserror::Error)]
pub enum CannedFault {
    /// Its text cannot be filled in.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// Its title is none.
    #[error("title has 1 to {NAME_BYTES_MAX} bytes and no control characters")]
    Title,
    /// There is no category of this name.
    #[error("there is no category {0:?}")]
    NoCategory(String),
    /// There are as many as may be.
    #[error("a desk has at most {CANNED_REPLIES_MAX} canned replies")]
    Full,
    /// There is none of this number.
    #[error("there is no such canned reply")]
    Unknown,
    /// It could not be written.
    #[error("{0}")]
    Write(#[from] CommitFault),
}

/// Why they could not be read at start.
#[derive(Debug, thiserror::Error)]
pub enum CannedUnread {
    /// The store cannot be read.
    #[error("{0}")]
    Read(#[from] ReadFault),
    /// A record is not of its form.
    #[error("a canned reply cannot be read: {0}")]
    Form(#[from] Malformed),
}

/// Every canned reply. Reading never waits; a change waits for the disk, and one for the other.
#[derive(Default)]
pub struct CannedReplies {
    replies: RwLock<BTreeMap<u32, Arc<Reply>>>,
    /// The last number that was given.
    last: tokio::sync::Mutex<u32>,
}

impl CannedReplies {
    /// Reads them all.
    pub async fn load(&self, store: &StoreHandle) -> Result<(), CannedUnread> {
        let mut last = self.last.lock().await;
        for record in store.records(RecordKind::CannedReply, &[]).await? {
            let id = record.id.first_chunk().map_or(LAST, |id| u32::from_be_bytes(*id));
            if id == LAST {
                *last = u32::try_from(record.version).unwrap_or(u32::MAX);
                continue;
            }
            let CannedRecord::Kept(Kept { category, title, text }) = CannedRecord::decode(&record.bytes)?;
            // What a newer engine wrote and this one cannot read is left where it is.
            let Ok(template) = Template::read(&text) else { continue };
            let category = (category != ALL).then_some(category);
            self.know(Reply { id, category, title, text, template });
        }
        Ok(())
    }

    /// One of them.
    pub fn get(&self, id: u32) -> Option<Arc<Reply>> {
        self.read(|replies| replies.get(&id).cloned())
    }

    /// Those with a higher number than this, the lowest first: all of them, or those that fit a category; at most so
    /// many, and whether there are more.
    pub fn after(&self, id: u32, of: Option<CategoryId>, max: usize) -> (Vec<Arc<Reply>>, bool) {
        self.read(|replies| {
            let above = replies.range((Bound::Excluded(id), Bound::Unbounded)).map(|(_, reply)| reply);
            let mut fitting = above.filter(|reply| of.is_none_or(|of| fits(reply.category, of))).cloned();
            let page = fitting.by_ref().take(max).collect();
            (page, fitting.next().is_some())
        })
    }

    /// Makes a new one, or sets the one of this number.
    pub async fn set(
        &self,
        store: &StoreHandle,
        accounts: &Accounts,
        id: Option<u32>,
        setting: CannedSetting,
    ) -> Result<Arc<Reply>, CannedFault> {
        let reply = checked(accounts, setting)?;
        // One change at a time: what is checked still holds when it is written.
        let mut last = self.last.lock().await;
        let (known, count) = self.read(|replies| (id.is_some_and(|id| replies.contains_key(&id)), replies.len()));
        let id = match id {
            Some(id) if known => id,
            Some(_) => return Err(CannedFault::Unknown),
            None if count >= CANNED_REPLIES_MAX || *last == u32::MAX => return Err(CannedFault::Full),
            None => *last + 1,
        };
        let reply = Reply { id, ..reply };
        let given = id.max(*last);
        store.commit(vec![put(&reply), number(given)]).await?;
        *last = given;
        Ok(self.know(reply))
    }

    /// Removes one; what it said.
    pub async fn remove(&self, store: &StoreHandle, id: u32) -> Result<Arc<Reply>, CannedFault> {
        let _one = self.last.lock().await;
        let reply = self.get(id).ok_or(CannedFault::Unknown)?;
        store.commit(vec![RecordPut::delete(RecordKind::CannedReply, id.to_be_bytes())]).await?;
        self.replies.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        Ok(reply)
    }

    fn know(&self, reply: Reply) -> Arc<Reply> {
        let reply = Arc::new(reply);
        self.replies.write().unwrap_or_else(PoisonError::into_inner).insert(reply.id, reply.clone());
        reply
    }

    fn read<T>(&self, look: impl FnOnce(&BTreeMap<u32, Arc<Reply>>) -> T) -> T {
        look(&self.replies.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reply {
    /// As it was set.
    pub fn shown(&self, accounts: &Accounts) -> CannedShown {
        let name = |id| accounts.category(id).map(|category| category.name.clone());
        let (title, text) = (self.title.clone(), self.text.clone());
        CannedShown { id: self.id, setting: CannedSetting { title, category: self.category.and_then(name), text } }
    }
}

/// A setting as a reply without a number.
fn checked(accounts: &Accounts, CannedSetting { title, category, text }: CannedSetting) -> Result<Reply, CannedFault> {
    let fits = !title.trim().is_empty() && title.len() <= NAME_BYTES_MAX && !title.chars().any(char::is_control);
    if !fits {
        return Err(CannedFault::Title);
    }
    let number = |name: String| {
        let known = accounts.category_by_name(&name).map(|category| category.id);
        known.ok_or(CannedFault::NoCategory(name))
    };
    let category = category.map(number).transpose()?;
    let template = Template::read(&text)?;
    Ok(Reply { id: LAST, category, title, text, template })
}

fn put(reply: &Reply) -> RecordPut {
    let (title, text) = (reply.title.clone(), reply.text.clone());
    let kept = Kept { category: reply.category.unwrap_or(ALL), title, text };
    RecordPut::put(RecordKind::CannedReply, reply.id.to_be_bytes(), 1, CannedRecord::from(kept).encode())
}

/// The last number given, as the version of a record without bytes.
fn number(last: u32) -> RecordPut {
    RecordPut::put(RecordKind::CannedReply, LAST.to_be_bytes(), u64::from(last), [])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Keep, demo};
    use crate::store::{Store, StoreSettings};

    fn setting(title: &str, category: Option<&str>) -> CannedSetting {
        CannedSetting { title: title.into(), category: category.map(Into::into), text: "Dear {customer}".into() }
    }

    async fn accounts() -> Accounts {
        let accounts = Accounts::load(Keep::Memory).await.unwrap();
        demo::seed(&accounts, "secret", 3).await.unwrap();
        accounts
    }

    /// C15: what was set is there after a restart; a number is never given twice, also that of a reply that is gone.
    #[tokio::test]
    async fn a_number_is_never_given_twice() {
        let directory = tempfile::tempdir().unwrap();
        let (store, _thread) = Store::open(directory.path(), StoreSettings::default()).unwrap();
        let (accounts, replies) = (accounts().await, CannedReplies::default());
        for (title, id) in [("one", 1), ("two", 2)] {
            assert_eq!(replies.set(&store, &accounts, None, setting(title, None)).await.unwrap().id, id);
        }
        let set = replies.set(&store, &accounts, Some(1), setting("first", Some("billing"))).await.unwrap();
        replies.remove(&store, 2).await.unwrap();
        assert!(matches!(replies.remove(&store, 2).await, Err(CannedFault::Unknown)));
        assert!(matches!(
            replies.set(&store, &accounts, Some(2), setting("two", None)).await,
            Err(CannedFault::Unknown)
        ));

        let read = CannedReplies::default();
        read.load(&store).await.unwrap();
        assert_eq!(read.get(1), Some(set));
        assert_eq!(read.set(&store, &accounts, None, setting("three", None)).await.unwrap().id, 3);
    }

    /// The limit CANNED_REPLIES_MAX, and pages.
    #[tokio::test]
    async fn so_many_canned_replies_and_no_more() {
        let directory = tempfile::tempdir().unwrap();
        let (store, _thread) = Store::open(directory.path(), StoreSettings::default()).unwrap();
        let (accounts, replies) = (accounts().await, CannedReplies::default());
        let template = Template::read("x").unwrap();
        for id in 1..CANNED_REPLIES_MAX as u32 {
            let category = (id % 2 == 0).then_some(CategoryId(2));
            replies.know(Reply { id, category, title: "t".into(), text: "x".into(), template: template.clone() });
        }
        *replies.last.lock().await = CANNED_REPLIES_MAX as u32 - 1;
        assert!(replies.set(&store, &accounts, None, setting("last", None)).await.is_ok());
        assert!(matches!(replies.set(&store, &accounts, None, setting("more", None)).await, Err(CannedFault::Full)));
        assert!(replies.set(&store, &accounts, Some(1), setting("again", None)).await.is_ok());

        let ids = |(page, more): (Vec<Arc<Reply>>, bool)| (page.iter().map(|one| one.id).collect::<Vec<_>>(), more);
        assert_eq!(ids(replies.after(0, None, 3)), (vec![1, 2, 3], true));
        assert_eq!(ids(replies.after(1, Some(CategoryId(1)), 2)), (vec![3, 5], true));
        assert_eq!(ids(replies.after(998, Some(CategoryId(2)), 2)), (vec![999, 1_000], false));
    }
}
