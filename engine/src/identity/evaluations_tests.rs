//! Forms and evaluations at their bounds, and over a reopening.

use super::*;
use crate::domain::evaluation::{CRITERIA_MAX, Criterion, SCALE_MAX, TRAINING_NOTES_BYTES_MAX, WEIGHT_MAX};
use crate::store::{Store, StoreSettings, VALUE_BYTES_MAX};

fn form(name: &str) -> Form {
    Form { name: name.into(), scale: 5, criteria: vec![Criterion { name: "tone".into(), weight: 1 }], retired: false }
}

fn evaluation(number: u32) -> Evaluation {
    Evaluation {
        number,
        agent: PersonId(5),
        by: PersonId(6),
        by_name: "Sam".into(),
        at: Time::from_ms(1),
        ticket: None,
        form: 1,
        version: 1,
        marks: vec![5],
        score: 10_000,
        notes: "well done".into(),
        confirmed: None,
    }
}

/// A03: a change makes a new version, and the one before stays; FORMS_MAX and FORM_VERSIONS_MAX at their edges.
#[tokio::test]
async fn a_version_of_a_form_never_changes() {
    let directory = tempfile::tempdir().unwrap();
    let (store, _thread) = Store::open(directory.path(), StoreSettings::default()).unwrap();
    let evaluations = Evaluations::default();
    assert_eq!(evaluations.set_form(&store, None, form("talk")).await.unwrap().version, 1);
    let second = evaluations.set_form(&store, Some(1), form("chat")).await.unwrap();
    assert_eq!((second.id, second.version), (1, 2));
    let read = Evaluations::default();
    read.load(&store).await.unwrap();
    assert_eq!(read.form(1, Some(1)).unwrap().form, form("talk"));
    assert_eq!(read.form(1, None), Some(second));
    assert!(read.form(1, Some(3)).is_none() && read.form(2, None).is_none());
    assert!(matches!(read.set_form(&store, Some(2), form("x")).await, Err(EvaluationFault::Unknown)));

    for version in 3..=FORM_VERSIONS_MAX as u16 {
        assert_eq!(read.set_form(&store, Some(1), form("x")).await.unwrap().version, version);
    }
    assert!(matches!(read.set_form(&store, Some(1), form("x")).await, Err(EvaluationFault::Full(_))));
    for id in 2..=FORMS_MAX as u16 {
        assert_eq!(read.set_form(&store, None, form("x")).await.unwrap().id, id);
    }
    assert!(matches!(read.set_form(&store, None, form("x")).await, Err(EvaluationFault::Full(_))));
}

/// A03: pages of an agent's own, EVALUATIONS_PER_AGENT_MAX at its edge, and a confirmation that stays as it was.
#[tokio::test]
async fn evaluations_are_paged_counted_and_confirmed_once() {
    let directory = tempfile::tempdir().unwrap();
    let (store, _thread) = Store::open(directory.path(), StoreSettings::default()).unwrap();
    let (evaluations, agent) = (Evaluations::default(), PersonId(5));
    let other = Evaluation { agent: PersonId(4), ..evaluation(7) };
    let many = (1..=EVALUATIONS_PER_AGENT_MAX - 1).map(evaluation).chain([other]);
    store.commit(many.map(|one| put(&one).unwrap()).collect()).await.unwrap();
    assert_eq!(evaluations.next_number(&store, agent).await.unwrap(), EVALUATIONS_PER_AGENT_MAX);
    store.commit(vec![put(&evaluation(EVALUATIONS_PER_AGENT_MAX)).unwrap()]).await.unwrap();
    assert!(matches!(evaluations.next_number(&store, agent).await, Err(EvaluationFault::Full(_))));
    assert_eq!(evaluations.next_number(&store, PersonId(3)).await.unwrap(), 1);

    let (page, more) = evaluations.page(&store, agent, 0).await.unwrap();
    assert_eq!((page.len(), page[0].number, more), (EVALUATIONS_PAGE_MAX, EVALUATIONS_PER_AGENT_MAX, true));
    let (page, more) = evaluations.page(&store, agent, 3).await.unwrap();
    assert_eq!((page.iter().map(|one| one.number).collect::<Vec<_>>(), more), (vec![2, 1], false));

    for at in [7, 8] {
        evaluations.confirm(&store, (agent, 2), Time::from_ms(at)).await.unwrap();
        assert_eq!(evaluations.get(&store, agent, 2).await.unwrap().confirmed, Some(Time::from_ms(7)));
    }
    let gone = evaluations.confirm(&store, (agent, 1_001), Time::from_ms(1)).await;
    assert!(matches!(gone, Err(EvaluationFault::Unknown)));
}

/// The largest form and evaluation that may be are kept.
#[test]
fn the_largest_fits_a_record() {
    let longest = |number| format!("{number:02}{}", "\u{e9}".repeat(39));
    let criteria = (0..CRITERIA_MAX).map(|number| Criterion { name: longest(number), weight: WEIGHT_MAX }).collect();
    let form = Form { name: longest(0), scale: SCALE_MAX, criteria, retired: false };
    assert_eq!(form.check(), Ok(()));
    let kept = EvaluationRecord::from(KeptForm { text: serde_json::to_string(&form).unwrap() });
    assert_eq!(kept.check(), Ok(()));
    // Notes of control characters are six times as long in JSON.
    let notes = "\u{1}".repeat(TRAINING_NOTES_BYTES_MAX);
    let (marks, by_name) = (vec![SCALE_MAX; CRITERIA_MAX], "\"".repeat(80));
    let value = put(&Evaluation { notes, marks, by_name, ..evaluation(1) }).unwrap().value.unwrap();
    assert!(value.bytes.len() <= VALUE_BYTES_MAX);
}
