//! The start: nothing is paired before the stage index was read and every live room was heard.

use std::collections::BTreeSet;

use deskwire_protocol::{TicketId, Time};

use super::{Dispatch, Output};
use crate::domain::facts::Facts;

/// Rooms that have not reported are woken again after this long, in milliseconds.
pub const GATHER_REPEAT_MS: u64 = 1_000;

/// Whether pairing may begin.
#[derive(Debug)]
pub(super) enum Gate {
    /// Nothing has been read yet.
    Closed,
    /// The index was read; these live rooms have yet to report.
    Gathering { awaited: BTreeSet<TicketId>, asked: Time },
    /// Everything is known.
    Open,
}

impl Gate {
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Gate::Open)
    }
}

impl<A> Dispatch<A> {
    pub(super) fn begin(&mut self, era: u64, stages: Vec<Facts>, live: Vec<TicketId>, out: &mut Vec<Output<A>>) {
        self.era = era;
        self.began = self.now;
        self.floor.begin(self.now);
        for facts in stages {
            self.learn(facts, out);
        }
        let live = live.into_iter().filter(|ticket| !self.aside.contains(ticket));
        self.gate = Gate::Gathering { awaited: live.collect(), asked: self.now };
        self.wake_awaited(out);
        self.open_if_all_heard();
    }

    /// A room has said where its ticket is. Only word of this era counts: see the module's argument.
    pub(super) fn heard(&mut self, ticket: TicketId, era: u64) {
        if let Gate::Gathering { awaited, .. } = &mut self.gate
            && era >= self.era
        {
            awaited.remove(&ticket);
            self.open_if_all_heard();
        }
    }

    pub(super) fn room_gone(&self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        if let Gate::Gathering { awaited, .. } = &self.gate
            && awaited.contains(&ticket)
        {
            out.push(Output::Wake { ticket });
        }
    }

    pub(super) fn room_fell(&self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        if !self.aside.contains(&ticket) {
            out.push(Output::Wake { ticket });
        }
    }

    pub(super) fn gather_again(&mut self, out: &mut Vec<Output<A>>) {
        if let Gate::Gathering { asked, .. } = &mut self.gate
            && self.now.ms() >= asked.ms() + GATHER_REPEAT_MS
        {
            *asked = self.now;
            self.wake_awaited(out);
        }
    }

    fn wake_awaited(&self, out: &mut Vec<Output<A>>) {
        if let Gate::Gathering { awaited, .. } = &self.gate {
            out.extend(awaited.iter().map(|ticket| Output::Wake { ticket: *ticket }));
        }
    }

    fn open_if_all_heard(&mut self) {
        if matches!(&self.gate, Gate::Gathering { awaited, .. } if awaited.is_empty()) {
            self.gate = Gate::Open;
        }
    }
}
