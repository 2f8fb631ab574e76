//! Evaluations as they are kept: forms in versions that never change, and what supervisors wrote of each agent by them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use deskwire_protocol::{Malformed, PersonId, TicketId, Time, frames};
use serde::{Deserialize, Serialize};

use crate::domain::evaluation::{Form, Misfit};
use crate::domain::event::Event;
use crate::store::{CommitFault, PageLimits, ReadFault, Record, RecordKind, RecordPut, StoreHandle};

/// Most forms of one desk.
pub const FORMS_MAX: usize = 50;
/// Most versions of one form.
pub const FORM_VERSIONS_MAX: usize = 100;
/// Most evaluations of one agent.
pub const EVALUATIONS_PER_AGENT_MAX: u32 = 1_000;
/// Evaluations in one answer.
pub const EVALUATIONS_PAGE_MAX: usize = 20;
/// Longest text of a form or an evaluation as it is kept, in bytes.
const TEXT_BYTES_MAX: usize = 30 * 1_024;

frames! {
    /// What is kept of forms and evaluations. Numbers are never used again; a changed record is a new kind.
    pub enum EvaluationRecord {
        /// One version of a form. Its number and version are its key.
        1 KeptForm {
            /// The form, as JSON.
            text: String [max TEXT_BYTES_MAX];
        }
        /// An evaluation. Its agent and number are its key.
        2 KeptEvaluation {
            /// The evaluation, as JSON.
            text: String [max TEXT_BYTES_MAX];
        }
    }
}

/// One version of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormVersion {
    /// The form's number.
    pub id: u16,
    /// From 1; the next with each change.
    pub version: u16,
    /// The form.
    #[serde(flatten)]
    pub form: Form,
}

/// An evaluation of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Its number among those of its agent, from 1.
    pub number: u32,
    /// Of whom.
    pub agent: PersonId,
    /// Who wrote it.
    pub by: PersonId,
    /// His display name then.
    pub by_name: String,
    /// When.
    pub at: Time,
    /// The ticket that it is about, if it is about one.
    pub ticket: Option<TicketId>,
    /// The form's number.
    pub form: u16,
    /// Its version.
    pub version: u16,
    /// A mark for each criterion, in the order of the form.
    pub marks: Vec<u8>,
    /// What they amount to, in hundredths of a percent.
    pub score: u16,
    /// What the agent should learn of it.
    pub notes: String,
    /// When the agent said that he has read it.
    pub confirmed: Option<Time>,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationFault {
    /// It cannot be.
    #[error("{0}")]
    Misfit(#[from] Misfit),
    /// There is no such form, version or evaluation.
    #[error("there is no such form or evaluation")]
    Unknown,
    /// There are as many as may be.
    #[error("there are as many {0} as may be")]
    Full(&'static str),
    /// What is kept cannot be read.
    #[error("{0}")]
    Form(String),
    /// The store cannot be read.
    #[error("{0}")]
    Read(#[from] ReadFault),
    /// It could not be written.
    #[error("{0}")]
    Write(#[from] CommitFault),
}

impl From<Malformed> for EvaluationFault {
    fn from(fault: Malformed) -> EvaluationFault {
        EvaluationFault::Form(fault.to_string())
    }
}

impl From<serde_json::Error> for EvaluationFault {
    fn from(fault: serde_json::Error) -> EvaluationFault {
        EvaluationFault::Form(fault.to_string())
    }
}

type Forms = BTreeMap<u16, Vec<Arc<FormVersion>>>;

/// Every form, and the way to the evaluations, which stay in the store.
#[derive(Default)]
pub struct Evaluations {
    forms: RwLock<Forms>,
    /// One change at a time: numbers follow each other.
    pub changing: tokio::sync::Mutex<()>,
}

impl Evaluations {
    /// Reads the forms.
    pub async fn load(&self, store: &StoreHandle) -> Result<(), EvaluationFault> {
        for record in store.records(RecordKind::EvaluationForm, &[]).await? {
            let Some([a, b, c, d]) = record.id.first_chunk() else { continue };
            let (id, version) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
            if let EvaluationRecord::KeptForm(kept) = EvaluationRecord::decode(&record.bytes)? {
                self.know(FormVersion { id, version, form: serde_json::from_str(&kept.text)? });
            }
        }
        Ok(())
    }

    /// The newest version of every form.
    pub fn forms(&self) -> Vec<Arc<FormVersion>> {
        self.read(|forms| forms.values().filter_map(|versions| versions.last().cloned()).collect())
    }

    /// One version of a form; the newest where none is named.
    pub fn form(&self, id: u16, version: Option<u16>) -> Option<Arc<FormVersion>> {
        self.read(|forms| {
            let versions = forms.get(&id)?;
            let found = version.map(|version| versions.iter().find(|one| one.version == version));
            found.unwrap_or(versions.last()).cloned()
        })
    }

    /// Makes a form, or another version of one: what somebody was evaluated by stays as it was.
    pub async fn set_form(
        &self,
        store: &StoreHandle,
        id: Option<u16>,
        form: Form,
    ) -> Result<Arc<FormVersion>, EvaluationFault> {
        form.check()?;
        let _one = self.changing.lock().await;
        let (id, version) = self.read(|forms| next(forms, id))?;
        let text = serde_json::to_string(&form)?;
        let key = [id.to_be_bytes(), version.to_be_bytes()].concat();
        let record = EvaluationRecord::from(KeptForm { text });
        record.check()?;
        store.commit(vec![RecordPut::put(RecordKind::EvaluationForm, key, 1, record.encode())]).await?;
        Ok(self.know(FormVersion { id, version, form }))
    }

    /// The number of an agent's next evaluation. To be asked and written under [`Evaluations::changing`].
    pub async fn next_number(&self, store: &StoreHandle, agent: PersonId) -> Result<u32, EvaluationFault> {
        let last = store.records_back(RecordKind::Evaluation, prefix(agent), None, 1).await?;
        let last = last.first().map(read).transpose()?.map_or(0, |last| last.number);
        match last >= EVALUATIONS_PER_AGENT_MAX {
            true => Err(EvaluationFault::Full("evaluations of this agent")),
            false => Ok(last + 1),
        }
    }

    /// An agent's evaluations below a number (0 for the newest of all), the newest first, and whether there are older
    /// ones.
    pub async fn page(
        &self,
        store: &StoreHandle,
        agent: PersonId,
        before: u32,
    ) -> Result<(Vec<Evaluation>, bool), EvaluationFault> {
        let below = (before != 0).then(|| key(agent, before));
        let max = EVALUATIONS_PAGE_MAX + 1;
        let records = store.records_back(RecordKind::Evaluation, prefix(agent), below, max).await?;
        let page = records.iter().take(EVALUATIONS_PAGE_MAX).map(read).collect::<Result<_, _>>()?;
        Ok((page, records.len() > EVALUATIONS_PAGE_MAX))
    }

    /// One evaluation of an agent.
    pub async fn get(&self, store: &StoreHandle, agent: PersonId, number: u32) -> Result<Evaluation, EvaluationFault> {
        let record = store.record(RecordKind::Evaluation, &key(agent, number)).await?;
        read(&record.ok_or(EvaluationFault::Unknown)?)
    }

    /// The agent says that he has read one of his. Once said, it stays as it was.
    pub async fn confirm(
        &self,
        store: &StoreHandle,
        (agent, number): (PersonId, u32),
        now: Time,
    ) -> Result<(), EvaluationFault> {
        let _one = self.changing.lock().await;
        let evaluation = self.get(store, agent, number).await?;
        if evaluation.confirmed.is_none() {
            store.commit(vec![put(&Evaluation { confirmed: Some(now), ..evaluation })?]).await?;
        }
        Ok(())
    }

    fn know(&self, form: FormVersion) -> Arc<FormVersion> {
        let form = Arc::new(form);
        let mut forms = self.forms.write().unwrap_or_else(PoisonError::into_inner);
        forms.entry(form.id).or_default().push(form.clone());
        form
    }

    fn read<T>(&self, look: impl FnOnce(&Forms) -> T) -> T {
        look(&self.forms.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The number and version that a form gets.
fn next(forms: &Forms, id: Option<u16>) -> Result<(u16, u16), EvaluationFault> {
    let Some(id) = id else {
        let last = forms.last_key_value().map_or(0, |(id, _)| *id);
        return match forms.len() >= FORMS_MAX {
            true => Err(EvaluationFault::Full("forms")),
            false => Ok((last + 1, 1)),
        };
    };
    let versions = forms.get(&id).ok_or(EvaluationFault::Unknown)?;
    match versions.len() >= FORM_VERSIONS_MAX {
        true => Err(EvaluationFault::Full("versions of this form")),
        false => Ok((id, versions.last().map_or(0, |last| last.version) + 1)),
    }
}

/// Whether somebody ever had a ticket or took part in it.
pub async fn took_part(store: &StoreHandle, ticket: TicketId, person: PersonId) -> Result<bool, EvaluationFault> {
    let mut from = 1;
    loop {
        let page = store.events(ticket, from, u32::MAX, PageLimits::REPLAY).await?;
        let Some((last, _)) = page.last() else { return Ok(false) };
        from = last.saturating_add(1);
        for (_, bytes) in &page {
            let event = Event::decode(bytes)?;
            if matches!(&event, Event::Assigned(it) if it.agent == person)
                || matches!(&event, Event::MemberAdded(it) if it.person == person)
            {
                return Ok(true);
            }
        }
    }
}

/// An evaluation as a record.
pub fn put(evaluation: &Evaluation) -> Result<RecordPut, EvaluationFault> {
    let record = EvaluationRecord::from(KeptEvaluation { text: serde_json::to_string(evaluation)? });
    record.check()?;
    let version = if evaluation.confirmed.is_some() { 2 } else { 1 };
    Ok(RecordPut::put(RecordKind::Evaluation, key(evaluation.agent, evaluation.number), version, record.encode()))
}

fn read(record: &Record) -> Result<Evaluation, EvaluationFault> {
    match EvaluationRecord::decode(&record.bytes)? {
        EvaluationRecord::KeptEvaluation(kept) => Ok(serde_json::from_str(&kept.text)?),
        EvaluationRecord::KeptForm(_) => Err(EvaluationFault::Form("a form where an evaluation should be".into())),
    }
}

/// All of an agent begin like this.
fn prefix(agent: PersonId) -> Vec<u8> {
    agent.0.to_be_bytes().to_vec()
}

fn key(agent: PersonId, number: u32) -> Vec<u8> {
    [prefix(agent), number.to_be_bytes().to_vec()].concat()
}

#[cfg(test)]
#[path = "evaluations_tests.rs"]
mod tests;
