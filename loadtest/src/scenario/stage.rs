//! What every scenario does before and after its own part: let people in, wait, let everything arrive, go home.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::link::Way;
use super::people::{Chat, ChatStage, Person};
use super::world::{Opens, Shared};
use super::{RunFault, history};
use crate::client::delivery::Phase;
use crate::client::socket::Target;
use crate::clock::{Clock, pause};

/// Sign-ins at once.
const LOGINS: usize = 2;
/// Connections of one source address; the kernel has some 28,000 ports for each.
const PER_SOURCE: usize = 25_000;
/// How often the sweep runs, and a wait looks.
const SWEEP: Duration = Duration::from_millis(20);
/// How long everybody may take to come in, beyond what the ramp takes.
const ENTER_TIMEOUT: Duration = Duration::from_secs(60);

/// The people on their way.
#[derive(Debug)]
pub struct Stage {
    /// The world.
    pub world: Shared,
    way: Way,
    sources: usize,
    tasks: JoinSet<()>,
}

impl Stage {
    /// Nobody is in yet. `sources` addresses 127.0.0.2, .3 … are used, none of them where it is 0.
    pub fn new(world: Shared, target: Target, password: &str, sources: usize) -> Stage {
        let way = Way {
            world: world.clone(),
            target: Rc::new(target),
            password: password.into(),
            logins: Rc::new(Semaphore::new(LOGINS)),
        };
        let mut tasks = JoinSet::new();
        let swept = world.clone();
        tasks.spawn_local(async move {
            loop {
                pause(SWEEP).await;
                swept.borrow_mut().sweep();
            }
        });
        Stage { world, way, sources, tasks }
    }

    /// The run's clock.
    pub fn clock(&self) -> Clock {
        self.world.borrow().clock
    }

    /// Lets everybody in, the agents first.
    pub async fn enter_all(&mut self, per_second: f64) -> Result<(), RunFault> {
        self.enter_agents().await?;
        self.enter_customers(per_second).await
    }

    /// Lets the agents in.
    pub async fn enter_agents(&mut self) -> Result<(), RunFault> {
        let (customers, all) = (self.world.borrow().plan.customers, self.world.borrow().people.len());
        (customers..all).for_each(|who| self.enter(who));
        let patience = ENTER_TIMEOUT + Duration::from_millis(200) * (all - customers) as u32;
        self.all_ready(all - customers, patience, |person| !person.is_customer()).await
    }

    /// Lets the customers in, so many a second.
    pub async fn enter_customers(&mut self, per_second: f64) -> Result<(), RunFault> {
        let customers = self.world.borrow().plan.customers;
        let begin = self.world.borrow().clock;
        let start = begin.us();
        for who in 0..customers {
            let due = start + (who as f64 * 1e6 / per_second) as u64;
            while begin.us() < due {
                pause(Duration::from_millis(1)).await;
            }
            self.enter(who);
        }
        self.all_ready(customers, ENTER_TIMEOUT, Person::is_customer).await
    }

    fn enter(&mut self, who: usize) {
        let source = (self.sources > 0).then(|| {
            let index = (who % self.sources.max(1)) as u32;
            IpAddr::V4(Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 1 + index))
        });
        self.tasks.spawn_local(self.way.clone().keep(who, source));
    }

    async fn all_ready(
        &self,
        wanted: usize,
        patience: Duration,
        which: impl Fn(&Person) -> bool,
    ) -> Result<(), RunFault> {
        if self.wait(patience, || self.world.borrow().ready(&which) >= wanted).await {
            return Ok(());
        }
        let world = self.world.borrow();
        let complaints: Vec<String> =
            world.complaints.iter().map(|(what, count)| format!("{what} ({count})")).collect();
        let ready = world.ready(&which);
        Err(RunFault::Engine(format!("{ready} of {wanted} came in; {}", complaints.join("; "))))
    }

    /// Waits until something is so; whether it became so in time.
    pub async fn wait(&self, patience: Duration, is_so: impl Fn() -> bool) -> bool {
        let clock = self.clock();
        let until = clock.us() + patience.as_micros() as u64;
        while !is_so() {
            if clock.us() > until {
                return false;
            }
            pause(SWEEP).await;
        }
        true
    }

    /// Lets everything arrive, closes what is open, sends everybody home, and holds all logs against what was seen.
    pub async fn finish(mut self, patience: Duration) {
        {
            let mut world = self.world.borrow_mut();
            world.opens = Opens::Never;
            world.end_churn();
        }
        let world = self.world.clone();
        self.wait(patience, || {
            let world = world.borrow();
            world.paired.iter().chain(&world.ending).all(|chat| world.has_arrived(*chat))
                && world.people.iter().all(|person| person.session.is_live())
        })
        .await;
        let abandoned_us = {
            let mut world = world.borrow_mut();
            world.end_all();
            world.abandon_all();
            world.flush();
            world.clock.us()
        };
        let gone = |chat: &Chat| chat.stage == ChatStage::Over && chat.agent.is_none() && chat.customer_saw_end;
        let over = || world.borrow().chats.iter().all(|chat| chat.ticket.is_none() || gone(chat));
        self.wait(patience.min(Duration::from_secs(10)), over).await;
        world.borrow_mut().count_missing(abandoned_us);
        let complete = self.complete();
        self.go_home().await;
        world.borrow_mut().judge_suspects();
        history::audit(&self.way.target, &world, complete).await;
    }

    /// For each chat the sides that were there to the end and must have seen everything.
    fn complete(&self) -> Vec<Vec<u8>> {
        let world = self.world.borrow();
        let live = |who: usize, ticket| {
            world.people[who].session.delivery(ticket).is_some_and(|one| one.phase() == Phase::Live)
        };
        let sides = |chat: &Chat| {
            let Some(ticket) = chat.ticket else { return Vec::new() };
            let customer = (chat.customer_saw_end || live(chat.customer, ticket)).then_some(0);
            let agent = chat.agent.filter(|(agent, _)| live(*agent, ticket)).map(|(_, side)| side);
            customer.into_iter().chain(agent).collect()
        };
        world.chats.iter().map(sides).collect()
    }

    async fn go_home(&mut self) {
        self.tasks.shutdown().await;
        let mut world = self.world.borrow_mut();
        for person in &mut world.people {
            if let Some(mut writer) = person.writer.take() {
                writer.close();
                // Whoever does not take the goodbye sees the connection end all the same.
                let _ = writer.flush();
            }
            person.session.disconnected();
        }
    }
}

/// The source addresses that so many connections need; 0 where one is enough.
pub fn sources_for(connections: usize) -> usize {
    if connections > PER_SOURCE { connections.div_ceil(PER_SOURCE) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_sockets_than_one_address_has_ports_for_take_more_addresses() {
        let rows = [(1, 0), (25_000, 0), (25_001, 2), (28_000, 2), (50_000, 2), (50_001, 3), (100_000, 4)];
        for (connections, sources) in rows {
            assert_eq!(sources_for(connections), sources, "{connections}");
            assert!(connections <= sources.max(1) * 28_000, "{connections}");
        }
    }
}
