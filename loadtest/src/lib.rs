//! Drives a Deskwire engine with real chats, measures it, and checks that it keeps its promises.
