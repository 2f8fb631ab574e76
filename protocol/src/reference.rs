//! `PROTOCOL.md` and the TypeScript codec, generated from the table.
