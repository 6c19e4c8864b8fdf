//! The integration tests: one binary, whose modules mirror the API.

mod schema_oracle;
