//! The service as those see it who call it, with a tenant of its own for each test.

mod fares;
mod keys;
mod organizations;
mod stage;
mod story;
