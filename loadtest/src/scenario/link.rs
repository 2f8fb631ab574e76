//! The task of one person: signs in, connects, reads, and comes back with growing pauses when the connection is lost.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::IpAddr;
use std::rc::Rc;
use std::task::ready;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::people::Part;
use super::stall::bytes_to_read;
use super::world::Shared;
use crate::client::login::login;
use crate::client::socket::{self, Reader, Target};
use crate::clock::pause;

/// The first pause after a lost or failed connection; it doubles up to the longest.
const PAUSE_MS: u64 = 25;
const PAUSE_MS_MAX: u64 = 1_000;
/// How often one who is away looks whether he is back.
const ABSENT: Duration = Duration::from_millis(50);
/// One read takes at most this much; one buffer serves all connections, as only one of them reads at a time.
const SCRATCH_BYTES: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH_BYTES]);
}

/// What every person's task needs.
#[derive(Clone, Debug)]
pub struct Way {
    /// The world.
    pub world: Shared,
    /// Where the engine is.
    pub target: Rc<Target>,
    /// The agents' password.
    pub password: Rc<str>,
    /// Sign-ins are dear for the engine: only so many at once.
    pub logins: Rc<Semaphore>,
}

impl Way {
    /// Keeps one person connected, for ever.
    pub async fn keep(self, who: usize, source: Option<IpAddr>) {
        let mut failures = 0;
        loop {
            match self.once(who, source).await {
                true => failures = 0,
                false => failures += 1,
            }
            pause(self.pause(who, failures)).await;
            while self.world.borrow().people[who].is_away() {
                pause(ABSENT).await;
            }
        }
    }

    /// One connection from sign-in to its end; whether it was welcomed.
    async fn once(&self, who: usize, source: Option<IpAddr>) -> bool {
        if !self.sign_in(who).await {
            return false;
        }
        let (dialled_us, seed, pipe) = {
            let mut world = self.world.borrow_mut();
            (world.clock.us(), world.random.draw(), world.people[who].pipe)
        };
        let (mut reader, writer) = match socket::connect_by(&self.target, source, pipe, seed).await {
            Ok(halves) => halves,
            Err(fault) => {
                self.world.borrow_mut().complain(format!("connect: {fault}"));
                return false;
            }
        };
        self.world.borrow_mut().connected(who, writer, dialled_us);
        let mut welcomed = false;
        while self.read(&mut reader, who).await {
            welcomed |= self.world.borrow().people[who].session.is_ready();
        }
        self.world.borrow_mut().lost(who);
        welcomed
    }

    /// Reads what has come and does what follows from it; `false` when the connection is over.
    async fn read(&self, reader: &mut Reader, who: usize) -> bool {
        let most = bytes_to_read(|| self.world.borrow().people[who].reading, SCRATCH_BYTES).await;
        let read = poll_fn(|cx| {
            let read = SCRATCH.with_borrow_mut(|scratch| {
                reader.poll_read(cx, &mut scratch[..most], &mut |incoming| {
                    self.world.borrow_mut().incoming(who, incoming)
                })
            });
            let open = ready!(read);
            self.world.borrow_mut().flush();
            std::task::Poll::Ready(open)
        })
        .await;
        matches!(read, Ok(true)) && self.world.borrow().people[who].writer.is_some()
    }

    /// An agent without a token gets one.
    async fn sign_in(&self, who: usize) -> bool {
        let email = match &self.world.borrow().people[who] {
            person if !person.session.token().is_empty() => return true,
            person => match &person.part {
                Part::Customer { .. } => return true,
                Part::Agent { email, .. } | Part::Supervisor { email } => email.clone(),
            },
        };
        let _permit = self.logins.acquire().await.expect("the semaphore is never closed");
        match login(&self.target, &email, &self.password).await {
            Ok(token) => {
                self.world.borrow_mut().people[who].session.set_token(token);
                true
            }
            Err(fault) => {
                self.world.borrow_mut().complain(format!("sign-in: {fault}"));
                false
            }
        }
    }

    /// The pause before the next try: what the engine asked for, else doubling, and never the same for all.
    fn pause(&self, who: usize, failures: u32) -> Duration {
        let mut world = self.world.borrow_mut();
        let longest = (PAUSE_MS << failures.min(10)).min(PAUSE_MS_MAX);
        let spread = longest / 2 + world.random.below(longest / 2 + 1);
        Duration::from_millis(spread.max(world.people[who].away_ms))
    }
}
