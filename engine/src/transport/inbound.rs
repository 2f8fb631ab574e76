//! What a client sent, as a frame; and what it is told where it is none.

use deskwire_protocol::kinds::{ClientFrame, PublicFrame, Refused};
use deskwire_protocol::{CloseCode, Malformed, Refusal, TicketId};

use crate::actors::ask::fitting;
use crate::actors::encoded::Form;
use crate::actors::outbox::Outbox;

/// Reads a message in the form of its connection.
pub(super) fn decode(form: Form, bytes: &[u8]) -> Result<ClientFrame, Malformed> {
    match form {
        Form::Binary => ClientFrame::decode(bytes),
        Form::Json => {
            let text = std::str::from_utf8(bytes).map_err(|fault| Malformed::Json(fault.to_string()))?;
            ClientFrame::from_json(text)
        }
    }
}

/// Says what is wrong. Who writes by hand may try again; a program that sends what is not in the table is cut off.
pub(super) fn malformed(outbox: &Outbox, fault: &Malformed) -> Result<(), CloseCode> {
    let refusal = Refusal::Malformed;
    outbox.connections().counts.refused(refusal);
    let detail = fitting(fault.to_string());
    let refused = Refused {
        request: 0,
        ticket: TicketId::default(),
        number: 0,
        code: refusal.number(),
        retry_ms: 0,
        expected: 0,
        detail,
    };
    outbox.send(&PublicFrame::Refused(refused));
    match (outbox.form(), fault) {
        (Form::Json, _) | (Form::Binary, Malformed::TooLong { .. }) => Ok(()),
        (Form::Binary, _) => Err(CloseCode::Malformed),
    }
}
