//! The rules of a category: how its tickets find agents, how long anybody waits for anybody, and what is said when
//! nobody is there. Kept as JSON in the category's record; a key that is left out has its default.

use deskwire_protocol::Time;
use deskwire_protocol::limits::NOTICE_BYTES_MAX;
use serde::{Deserialize, Serialize};

use super::event::CategoryId;
use super::hours::Hours;
use super::matcher::{CONDITIONS_MAX, LEVEL_MAX, Mode, Need, Overflow, Policy, STEPS_MAX, Skill, SkillStep, Skills};
use super::silence::Patience;

/// The longest time that a rule may name, in seconds: a day.
pub const RULE_SECONDS_MAX: u32 = 24 * 60 * 60;
/// The longest text of a rule, in bytes.
pub const RULE_TEXT_BYTES_MAX: usize = NOTICE_BYTES_MAX;

/// The rules of one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// How tickets find agents.
    pub mode: Mode,
    /// How long an offer stands, in seconds.
    pub offer_s: u32,
    /// For how long a ticket is not offered again to who declined it while somebody else is there, in seconds.
    pub again_s: u32,
    /// How long an agent may write up a ticket that has ended, in seconds; 0 for not at all.
    pub wrap_up_s: u32,
    /// How long a ticket waits for the agent who had it last, in seconds; 0 for not.
    pub sticky_s: u32,
    /// Another category helps out.
    pub overflow: Option<OverflowRule>,
    /// What every ticket asks for, step by step.
    pub steps: Vec<StepRule>,
    /// What it asks for after the last step.
    pub finally: Vec<Skill>,
    /// For how long a ticket asks for the skills that it came with, in seconds.
    pub asked_s: u32,
    /// How long an agent may be gone before his live tickets go back to the queue, in seconds.
    pub agent_grace_s: u32,
    /// How long a live customer may be gone before his ticket is abandoned, or goes on by mail, in seconds.
    pub customer_grace_s: u32,
    /// For how many days after its end a customer may open a ticket again; 0 for never. Staff may at any time.
    pub reopen_days: u16,
    /// Whether those who serve it read tickets that a colleague has; else these are unknown to them.
    pub shared: bool,
    /// Within this time an agent should be there, in seconds: what the service level counts.
    pub answer_within_s: u32,
    /// When it takes chats; as text, see [`Hours`].
    pub hours: Hours,
    /// What becomes of a chat while everybody is full.
    pub when_full: WhenFull,
    /// What is said out of hours, and where nobody is on duty.
    pub unavailable_text: String,
    /// What is said where everybody is full and nobody may wait for that, or has waited for too long.
    pub full_text: String,
    /// How many may wait, 0 for any number: with as many waiting and nobody free a new chat is turned away.
    pub queue_max: u32,
    /// After how long somebody who waits is told that it takes too long, in seconds; 0 for never.
    pub wait_max_s: u32,
    /// How long before closing the last new chat is let in, in minutes.
    pub last_entry_min: u32,
    /// How long a customer who was asked something may say nothing before he is reminded, in seconds; 0 for ever.
    pub customer_silent_s: u32,
    /// How long after that the ticket is closed as `no_reply`, in seconds; 0 for never.
    pub customer_close_s: u32,
    /// What a customer is reminded with.
    pub silent_text: String,
    /// How long a customer may wait for an agent's answer before the agent is warned, in seconds; 0 for ever.
    pub agent_silent_s: u32,
    /// How long after that the supervisors are told, in seconds; 0 for never.
    pub agent_escalate_s: u32,
    /// How long after that the ticket goes back to the queue, in seconds; 0 for never.
    pub agent_requeue_s: u32,
}

/// What becomes of a chat while everybody is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// It waits.
    #[default]
    Queue,
    /// It is turned away, with the text for that.
    Unavailable,
}

/// Another category helps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverflowRule {
    /// Which.
    pub to: CategoryId,
    /// After this many seconds of waiting.
    pub after_s: u32,
}

/// A step of a need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    /// All of these.
    pub skills: Vec<Skill>,
    /// For this many seconds.
    pub for_s: u32,
}

/// What is wrong with rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unruly {
    /// A time is too long.
    #[error("{0} is at most {RULE_SECONDS_MAX} seconds")]
    TooLong(&'static str),
    /// An offer must stand for a moment.
    #[error("offer_s is at least 1")]
    NoOffer,
    /// A level does not exist.
    #[error("a level is 1 to {LEVEL_MAX}")]
    Level,
    /// Too many steps or conditions.
    #[error("at most {STEPS_MAX} steps of at most {CONDITIONS_MAX} skills")]
    TooMany,
    /// A text says nothing, or too much.
    #[error("{0} has at least a word and at most {RULE_TEXT_BYTES_MAX} bytes")]
    Text(&'static str),
    /// The text is not JSON of this form.
    #[error("{0}")]
    Form(String),
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            mode: Mode::Automatic,
            offer_s: 20,
            again_s: 60,
            wrap_up_s: 0,
            sticky_s: 0,
            overflow: None,
            steps: Vec::new(),
            finally: Vec::new(),
            asked_s: 60,
            agent_grace_s: 60,
            customer_grace_s: 60,
            reopen_days: 14,
            shared: false,
            answer_within_s: 20,
            hours: Hours::Always,
            when_full: WhenFull::Queue,
            unavailable_text: "Nobody is here to answer at the moment. You may leave a message.".into(),
            full_text: "Everybody is busy at the moment. You may leave a message.".into(),
            queue_max: 0,
            wait_max_s: 0,
            last_entry_min: 0,
            customer_silent_s: 0,
            customer_close_s: 0,
            silent_text: "Are you still there?".into(),
            agent_silent_s: 0,
            agent_escalate_s: 0,
            agent_requeue_s: 0,
        }
    }
}

impl Rules {
    /// The rules of a text.
    pub fn parse(text: &str) -> Result<Rules, Unruly> {
        let rules: Rules = serde_json::from_str(text).map_err(|fault| Unruly::Form(fault.to_string()))?;
        rules.check()?;
        Ok(rules)
    }

    /// As the text that is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("rules have no maps with odd keys")
    }

    /// What is wrong with them, if anything.
    pub fn check(&self) -> Result<(), Unruly> {
        let times = [
            ("offer_s", self.offer_s),
            ("again_s", self.again_s),
            ("wrap_up_s", self.wrap_up_s),
            ("sticky_s", self.sticky_s),
            ("overflow.after_s", self.overflow.map_or(0, |overflow| overflow.after_s)),
            ("steps.for_s", self.steps.iter().map(|step| step.for_s).max().unwrap_or(0)),
            ("asked_s", self.asked_s),
            ("agent_grace_s", self.agent_grace_s),
            ("customer_grace_s", self.customer_grace_s),
            ("answer_within_s", self.answer_within_s),
            ("wait_max_s", self.wait_max_s),
            ("customer_silent_s", self.customer_silent_s),
            ("customer_close_s", self.customer_close_s),
            ("agent_silent_s", self.agent_silent_s),
            ("agent_escalate_s", self.agent_escalate_s),
            ("agent_requeue_s", self.agent_requeue_s),
        ];
        if let Some((name, _)) = times.iter().find(|(_, seconds)| *seconds > RULE_SECONDS_MAX) {
            return Err(Unruly::TooLong(name));
        }
        if self.offer_s == 0 {
            return Err(Unruly::NoOffer);
        }
        if self.last_entry_min > RULE_SECONDS_MAX / 60 {
            return Err(Unruly::TooLong("last_entry_min * 60"));
        }
        self.check_texts()?;
        let all = || self.steps.iter().map(|step| &step.skills).chain([&self.finally]);
        if self.steps.len() > STEPS_MAX || all().any(|skills| skills.len() > CONDITIONS_MAX) {
            return Err(Unruly::TooMany);
        }
        let levels = all().flatten().all(|skill| (1..=LEVEL_MAX).contains(&skill.level));
        levels.then_some(()).ok_or(Unruly::Level)
    }

    /// How the Matcher treats the category.
    pub fn policy(&self) -> Policy {
        let overflow = self.overflow.map(|rule| Overflow { to: rule.to, after_ms: ms(rule.after_s) });
        Policy { mode: self.mode, sticky_ms: ms(self.sticky_s), overflow }
    }

    fn check_texts(&self) -> Result<(), Unruly> {
        let texts = [
            ("unavailable_text", &self.unavailable_text),
            ("full_text", &self.full_text),
            ("silent_text", &self.silent_text),
        ];
        match texts.iter().find(|(_, text)| text.trim().is_empty() || text.len() > RULE_TEXT_BYTES_MAX) {
            Some((name, _)) => Err(Unruly::Text(name)),
            None => Ok(()),
        }
    }

    /// How long silence is borne.
    pub fn patience(&self) -> Patience {
        Patience {
            customer_ms: ms(self.customer_silent_s),
            close_ms: ms(self.customer_close_s),
            agent_ms: ms(self.agent_silent_s),
            escalate_ms: ms(self.agent_escalate_s),
            requeue_ms: ms(self.agent_requeue_s),
        }
    }

    /// When somebody who began to wait then has waited for too long, if that is ever so.
    pub fn waited_too_long_at(&self, since: Time) -> Option<Time> {
        (self.wait_max_s > 0).then(|| Time::from_ms(since.ms() + ms(self.wait_max_s)))
    }

    /// What a ticket asks for that came with these skills: the category's steps, and its own while they are asked.
    pub fn need(&self, asked: &[Skill]) -> Need {
        let (asked, finally) = (Skills::from(asked), Skills::from(self.finally.as_slice()));
        let mut left_ms = if asked.is_empty() { 0 } else { ms(self.asked_s) };
        let mut steps = Vec::new();
        for rule in &self.steps {
            let (skills, for_ms) = (Skills::from(rule.skills.as_slice()), ms(rule.for_s));
            let first_ms = for_ms.min(left_ms);
            if first_ms > 0 {
                steps.push(SkillStep { skills: skills.and(&asked), for_ms: first_ms });
            }
            if for_ms > first_ms {
                steps.push(SkillStep { skills, for_ms: for_ms - first_ms });
            }
            left_ms -= first_ms;
        }
        if left_ms > 0 {
            steps.push(SkillStep { skills: finally.and(&asked), for_ms: left_ms });
        }
        Need { steps, finally }
    }

    /// When an absence that began then is one.
    pub fn agent_gone_at(&self, since: Time) -> Time {
        Time::from_ms(since.ms() + ms(self.agent_grace_s))
    }

    /// Until when the customer may open a ticket again that was over then.
    pub fn reopen_until(&self, over_since: Time) -> Time {
        Time::from_ms(over_since.ms() + u64::from(self.reopen_days) * 24 * 60 * 60 * 1_000)
    }

    /// When a customer's absence that began then is one.
    pub fn customer_gone_at(&self, since: Time) -> Time {
        Time::from_ms(since.ms() + ms(self.customer_grace_s))
    }
}

/// Seconds as milliseconds.
pub fn ms(seconds: u32) -> u64 {
    u64::from(seconds) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::matcher::SkillId;

    fn skill(id: u16, level: u8) -> Skill {
        Skill { id: SkillId(id), level }
    }

    #[test]
    fn what_is_left_out_has_its_default_and_what_is_wrong_is_named() {
        assert_eq!(Rules::parse("{}"), Ok(Rules::default()));
        assert_eq!(Rules::parse(r#"{"mode":"offer"}"#).map(|rules| rules.mode), Ok(Mode::Offer));
        for (text, words) in [
            (r#"{"offer_s":0}"#, "offer_s"),
            (r#"{"sticky_s":86401}"#, "sticky_s"),
            (r#"{"finally":[{"id":1,"level":6}]}"#, "level"),
            (r#"{"stiky_s":1}"#, "stiky_s"),
            (r#"{"overflow":{"to":2,"after_s":99999}}"#, "overflow.after_s"),
            (r#"{"hours":"Mon-Fri 09:00-17:00"}"#, "hours: the time zone is missing"),
            (r#"{"hours":"Mon-Fri 17:00-09:00; zone UTC"}"#, "ends before it starts"),
            (r#"{"when_full":"maybe"}"#, "maybe"),
            (r#"{"unavailable_text":" "}"#, "unavailable_text"),
            (r#"{"last_entry_min":1441}"#, "last_entry_min"),
            (r#"{"wait_max_s":86401}"#, "wait_max_s"),
            (r#"{"customer_silent_s":86401}"#, "customer_silent_s"),
            (r#"{"agent_requeue_s":86401}"#, "agent_requeue_s"),
        ] {
            let fault = Rules::parse(text).unwrap_err().to_string();
            assert!(fault.contains(words), "{text}: {fault}");
        }
        let long = Rules { full_text: "x".repeat(RULE_TEXT_BYTES_MAX + 1), ..Rules::default() };
        assert_eq!(long.check(), Err(Unruly::Text("full_text")));
        let rules = Rules::parse(r#"{"hours":"Mon-Fri 09:00-17:00; zone europe/berlin"}"#).unwrap();
        assert_eq!(Rules::parse(&rules.text()), Ok(rules), "what is kept is read again as it was");
    }

    /// B03: its own skills are asked beside the category's, for as long as the rules say.
    #[test]
    fn a_tickets_own_skills_are_asked_beside_the_categorys() {
        let steps = vec![StepRule { skills: vec![skill(1, 3)], for_s: 30 }, StepRule { skills: vec![], for_s: 60 }];
        let rules = Rules { steps, asked_s: 40, finally: vec![skill(3, 1)], ..Rules::default() };
        let need = rules.need(&[skill(2, 2)]);
        let asked = |s: u64| {
            let (skills, _) = need.at(Time::from_ms(0), Time::from_ms(s * 1_000));
            skills.iter().map(|skill| skill.id.0).collect::<Vec<_>>()
        };
        assert_eq!([asked(0), asked(29), asked(30), asked(39)], [vec![1, 2], vec![1, 2], vec![2], vec![2]]);
        assert_eq!([asked(40), asked(89), asked(90)], [vec![], vec![], vec![3]]);
        let need = Rules { asked_s: 120, ..rules }.need(&[skill(2, 2)]);
        let (skills, until) = need.at(Time::from_ms(0), Time::from_ms(100_000));
        assert_eq!((skills.iter().count(), until), (2, Some(Time::from_ms(120_000))));
    }
}
