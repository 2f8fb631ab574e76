//! What had not come when a run was over: it is slower than all that came, and no percentile leaves it out.

use super::people::Person;
use super::world::World;
use crate::measure::What;

impl World {
    /// Counts what will never come: agents for chats that waited until `until_us`, and everybody who is still away.
    pub(super) fn count_missing(&mut self, until_us: u64) {
        self.count_unpaired(until_us);
        let away = |person: &&Person| person.lost_us.is_some() && !person.session.is_live();
        for _ in 0..self.people.iter().filter(away).count() {
            self.measures.never_came(What::Outage);
            self.measures.never_came(What::Resume);
        }
    }

    /// A chat that waited as long as the longest wait that had an end, and had none, is slower than all that had. Of one
    /// that was opened later nothing is known but that it waited.
    fn count_unpaired(&mut self, until_us: u64) {
        let longest_us = self.measures.times(What::Pairing).max();
        let unpaired = self.chats.iter().filter(|chat| !chat.was_paired);
        for waited_us in unpaired.map(|chat| until_us.saturating_sub(chat.opened_us)) {
            match waited_us >= longest_us {
                true => self.measures.never_came(What::Pairing),
                false => self.measures.acts.waiting += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Arrivals;
    use crate::scenario::Plan;
    use crate::scenario::world::Opens;

    fn world(customers: usize) -> World {
        let plan = Plan {
            customers,
            agents: 0,
            rate: 1.0,
            arrivals: Arrivals::Poisson,
            size: 100,
            chat_posts: 1,
            chat_ms: 1,
            category: String::new(),
            seed: 1,
        };
        World::new(plan, 1, Vec::new(), Opens::Once)
    }

    #[test]
    fn a_chat_that_waited_longer_than_all_others_is_missing_and_a_late_one_is_told() {
        let mut world = world(4);
        (0..4).for_each(|who| world.open(who));
        world.chats[0].was_paired = true;
        world.measures.took(What::Pairing, 1_000_000);
        for (chat, opened_us) in world.chats.iter_mut().zip([0, 0, 500_000, 1_500_000]) {
            chat.opened_us = opened_us;
        }
        world.count_missing(2_000_000);
        let line = world.measures.last_line(What::Pairing);
        assert_eq!((line.count, line.missing, line.p50), (1, 2, None));
        assert_eq!(world.measures.acts.waiting, 1);
    }

    #[test]
    fn where_no_chat_had_an_agent_all_are_missing() {
        let mut world = world(3);
        (0..3).for_each(|who| world.open(who));
        world.count_missing(u64::MAX);
        assert_eq!((world.measures.missing(What::Pairing), world.measures.acts.waiting), (3, 0));
    }

    #[test]
    fn who_is_still_away_is_missing_of_what_counts_until_he_is_back() {
        let mut world = world(3);
        world.people[1].lost_us = Some(7);
        world.count_missing(0);
        for what in [What::Outage, What::Resume] {
            assert_eq!(world.measures.missing(what), 1, "{what:?}");
        }
    }
}
