//! Who somebody is: staff accounts, passwords, tokens. Above the store, below the actors.
