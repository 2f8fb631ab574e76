//! What must be so after every step: whoever owns a ticket by the log has a slot for it in the Matcher.

use crate::shared::Check;
use crate::world::World;

impl World {
    /// Checks what every step may break; frames, the log and the Matcher check themselves where they change.
    pub fn check_step(&mut self) {
        let Some(dispatch) = self.engine.dispatcher.living().filter(|dispatch| dispatch.is_pairing()) else { return };
        let log = self.shared.log.borrow();
        let unheld =
            log.all().find(|facts| facts.owner() != facts.owner().and(dispatch.matcher().holder(facts.ticket)));
        let words = unheld.map(|facts| {
            let holder = dispatch.matcher().holder(facts.ticket);
            format!("{:?} is owned by {:?}; the Matcher says {holder:?}", facts.ticket, facts.owner())
        });
        drop(log);
        if let Some(words) = words {
            self.shared.fail(Check::Slots, words);
        }
    }
}
