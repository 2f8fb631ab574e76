//! What the queue does where people hand tickets on.

use deskwire_protocol::Time;

use super::Dispatch;
use crate::domain::facts::Facts;
use crate::domain::rules::ms;

impl<A> Dispatch<A> {
    /// Who gives a ticket to another category does not get it back there, for a while, as long as somebody else is there.
    pub(super) fn pass_over_giver(&mut self, before: Option<&Facts>, facts: &Facts) {
        let Some(giver) = before.filter(|before| before.category != facts.category).and_then(Facts::owner) else {
            return;
        };
        if facts.is_waiting() {
            let again_ms = ms(self.rules(facts.category).again_s);
            self.matcher.exclude(facts.ticket, giver, Time::from_ms(self.now.ms() + again_ms), self.now);
        }
    }
}
