//! What must be so after every step: whoever owns a ticket by the log has a slot for it in the Matcher.

use crate::shared::Check;
use crate::world::World;

impl World {
    /// Checks what every step may break; frames, the log and the Matcher check themselves where they change.
    pub fn check_step(&mut self) {
        let Some(dispatch) = self.engine.dispatcher.living().filter(|dispatch| dispatch.is_pairing()) else { return };
        let log = self.shared.log.borrow();
        let matcher = dispatch.matcher();
        // Also of who writes it up: his slot is used until that is over.
        let unheld = log.all().find(|facts| {
            let owner = facts.owner().or(facts.writes_up());
            let has_slot = |owner| matcher.agent(owner).is_some_and(|agent| agent.held().contains_key(&facts.ticket));
            !owner.is_none_or(has_slot)
        });
        let words = unheld.map(|facts| {
            let holder = matcher.holder(facts.ticket);
            format!("{facts:?} has no slot with its agent; the Matcher says {holder:?}")
        });
        drop(log);
        if let Some(words) = words {
            self.shared.fail(Check::Slots, words);
        }
    }
}
