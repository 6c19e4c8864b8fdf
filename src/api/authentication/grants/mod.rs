//! The grants of the token endpoint as one table. A grant is its name, the parameters that it reads, and a function.

mod client_credentials;
mod grant_type;

use grant_type::GrantType;

/// Every grant that is modelled.
pub(super) static GRANTS: [GrantType; 1] = [client_credentials::GRANT];

/// The grant with this name.
pub(super) fn find(name: &str) -> Option<&'static GrantType> {
    GRANTS.iter().find(|grant| grant.name == name)
}
