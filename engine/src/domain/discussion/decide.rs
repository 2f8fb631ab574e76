//! What a discussion allows: entering and leaving it, moderating it.

use deskwire_protocol::kinds::ENGINE;
use deskwire_protocol::limits::{MODERATION_SECONDS_MAX, MODERATIONS_PER_DISCUSSION_MAX, REASON_BYTES_MAX};
use deskwire_protocol::{ModerationAct, Refusal, Time};

use super::{Discussion, FOR_EVER, Moderation};
use crate::domain::audience::Audience;
use crate::domain::authorize::Action;
use crate::domain::event::{Departed, Entered, Event, Moderated};
use crate::domain::rules::ms;
use crate::domain::ticket::{Decision, Refused, Ticket, bounded};
use crate::domain::who::Who;

impl Ticket {
    fn discussion(&self) -> Result<&Discussion, Refused> {
        self.outline().discussion().ok_or(Refusal::UnknownTicket.into())
    }

    /// Somebody becomes a member, or is one.
    pub(in crate::domain) fn decide_enter(&self, who: &Who, at: Time) -> Result<Decision, Refused> {
        let discussion = self.discussion()?;
        self.outline().allows(who, Action::Enter)?;
        if discussion.holds(who.person) {
            return Ok(Decision::Already);
        }
        let members_max = discussion.foundation.members_max;
        if discussion.inside >= usize::from(members_max) {
            let detail = format!("this discussion has {members_max} members, and may have no more");
            return Err(Refused { detail, ..Refusal::DiscussionFull.into() });
        }
        let member = discussion.member(who.person).map_or_else(|| self.next_member(), Ok)?;
        let (person, name, role) = (who.person, who.name.to_string(), who.role);
        Ok(Decision::Events(vec![Event::Entered(Entered { at, person, name, role, member })]))
    }

    /// What the log must say before somebody hears it live: of a discussion, that he is in it; of a ticket, that he
    /// watches where he does.
    pub(in crate::domain) fn decide_hearing(&self, who: &Who, now: Time) -> Result<Vec<Event>, Refused> {
        if self.outline().discussion().is_none() {
            return Ok(self.decide_watch(who, now)?.into_iter().collect());
        }
        match self.decide_enter(who, now.max(self.outline().last_at()))? {
            Decision::Events(events) => Ok(events),
            Decision::Repeat(_) | Decision::Already => Ok(Vec::new()),
        }
    }

    /// Somebody is a member no longer.
    pub(in crate::domain) fn decide_depart(&self, who: &Who, at: Time) -> Result<Decision, Refused> {
        let discussion = self.discussion()?;
        match discussion.member(who.person).filter(|_| discussion.holds(who.person)) {
            Some(member) => Ok(Decision::Events(vec![Event::Departed(Departed { at, member })])),
            None => Ok(Decision::Already),
        }
    }

    pub(in crate::domain) fn decide_moderate(
        &self,
        who: &Who,
        wish: Moderation,
        at: Time,
    ) -> Result<Decision, Refused> {
        let discussion = self.discussion()?;
        self.outline().allows(who, Action::Moderate)?;
        bounded("reason", &wish.reason, REASON_BYTES_MAX)?;
        within_seconds("seconds", wish.seconds)?;
        let Some(moderated) = self.moderation(discussion, who, wish, at)? else { return Ok(Decision::Already) };
        match discussion.moderations < MODERATIONS_PER_DISCUSSION_MAX {
            true => Ok(Decision::Events(vec![Event::Moderated(moderated)])),
            false => Err(Refusal::ModerationsFull.into()),
        }
    }

    /// The event of an act; nothing where it is so already.
    fn moderation(
        &self,
        discussion: &Discussion,
        who: &Who,
        wish: Moderation,
        at: Time,
    ) -> Result<Option<Moderated>, Refused> {
        let Moderation { act, member, seq, seconds, reason } = wish;
        let (person, name) = (who.person, who.name.to_string());
        let (until, place) = (Time::default(), 0);
        let of_all = Moderated { at, person, name, act, member: ENGINE, seq: 0, place, until, seconds: 0, reason };
        Ok(match act {
            ModerationAct::DeletePost if seq == 0 || seq > self.outline().head() => {
                return Err(Refusal::UnknownPost.into());
            }
            ModerationAct::DeletePost if discussion.deleted.contains(&seq) => None,
            ModerationAct::DeletePost => {
                let place = self.outline().point(Audience::Customer, seq).place;
                Some(Moderated { seq, place, ..of_all })
            }
            ModerationAct::SlowMode => Some(Moderated { seconds, ..of_all }),
            ModerationAct::Mute
            | ModerationAct::Unmute
            | ModerationAct::Remove
            | ModerationAct::Ban
            | ModerationAct::Unban
            | ModerationAct::Appoint
            | ModerationAct::Dismiss => {
                let changes = discussion.changes(act, member, self.outline().members())?;
                let until = if act == ModerationAct::Mute { mute_ends(at, seconds) } else { until };
                changes.then_some(Moderated { member, until, ..of_all })
            }
        })
    }
}

fn mute_ends(at: Time, seconds: u32) -> Time {
    Time::from_ms(if seconds == 0 { FOR_EVER } else { at.ms() + ms(seconds) })
}

pub(super) fn within_seconds(field: &str, seconds: u32) -> Result<(), Refused> {
    match seconds <= MODERATION_SECONDS_MAX {
        true => Ok(()),
        false => {
            Err(Refused { detail: format!("{field} is at most {MODERATION_SECONDS_MAX}"), ..Refusal::Malformed.into() })
        }
    }
}
