//! Refusals below `/__admin`, and of the name of a removed tenant. The live service has neither, so all texts are own
//! ones.

use std::fmt::Display;

use super::{ApiError, repeated};
use crate::domain::BoundedText;

impl ApiError {
    /// The body is no state of a tenant. The problem is a clause without a full stop.
    pub(crate) fn unreadable_state(mistake: impl Display) -> Self {
        // The problem may repeat a long text of the state.
        let mistake = BoundedText::<512>::of(mistake);
        Self::new(400, None, format!("This is not a state of a tenant: {mistake}."))
    }

    /// The state is that of another tenant.
    pub(crate) fn state_of_another_tenant(exported: &str, own: &str) -> Self {
        let exported = &*repeated(exported);
        Self::new(
            409,
            None,
            format!(
                "The state is that of the tenant {exported:?}. Only a tenant with this domain takes it in, and this is {own}."
            ),
        )
    }

    /// The body is wrong. The problem is a clause without a full stop.
    pub(crate) fn invalid_body_of(mistake: impl Display) -> Self {
        let mistake = BoundedText::<1024>::of(mistake);
        Self::new(400, "invalid_body", format!("This cannot be: {mistake}."))
    }

    /// Another tenant has the domain.
    pub(crate) fn tenant_exists(domain: &str) -> Self {
        Self::new(409, None, format!("There is a tenant {} already.", repeated(domain)))
    }

    /// The maximum number of tenants is reached.
    pub(crate) fn too_many_tenants(most: usize) -> Self {
        Self::new(409, None, format!("There are {most} added tenants already; remove some of them first."))
    }

    /// The maximum number of tenants with own ports is reached.
    pub(crate) fn too_many_tenants_with_ports(most: usize) -> Self {
        let sentence = format!("{most} added tenants have a port of their own already; remove some of them first.");
        Self::new(409, None, sentence)
    }

    /// A port cannot be opened, for this reason.
    pub(crate) fn port_stays_closed(port: u16, why: impl Display) -> Self {
        Self::new(409, None, format!("Port {port} cannot be opened: {why}."))
    }

    /// No added tenant has this domain.
    pub(crate) fn no_such_tenant(domain: &str) -> Self {
        Self::new(404, None, format!("There is no tenant {:?}.", repeated(domain)))
    }

    /// The tenant at this name was removed.
    pub(crate) fn tenant_is_removed() -> Self {
        Self::new(404, None, "The tenant of this name was removed.")
    }

    /// The tenant that the process began with cannot be removed.
    pub(crate) fn first_tenant_stays() -> Self {
        Self::new(409, None, "The tenant that the process began with stays until the process ends.")
    }

    /// Only this machine may use what is below `/__admin`.
    pub(crate) fn admin_is_for_this_machine() -> Self {
        let sentence =
            "What is below /__admin answers to this machine only; `--admin-from-anywhere` opens it to everybody.";
        Self::new(403, None, sentence)
    }

    /// The request has a host name that a web page may have pointed at this machine.
    pub(crate) fn admin_at_unknown_name() -> Self {
        let sentence = "What is below /__admin answers at an address, at a name of this machine or of a tenant, and at a name \
                        without a dot: any other may be a web page that reaches for this machine.";
        Self::new(403, None, sentence)
    }

    /// A web page of another origin requests a change.
    pub(crate) fn admin_is_not_for_web_pages() -> Self {
        Self::new(403, None, "What is below /__admin takes no changes from a web page of another origin.")
    }

    /// The body is not declared as JSON.
    pub(crate) fn admin_wants_json() -> Self {
        Self::new(415, None, "A body is JSON here: send it with `content-type: application/json`.")
    }

    /// There is no operation below `/__admin` with this path and method.
    pub(crate) fn no_such_admin_operation() -> Self {
        Self::new(404, None, "There is no such operation below /__admin; /__admin/openapi.json has those that are.")
    }

    /// The port serves only `/__admin`.
    pub(crate) fn only_admin_here() -> Self {
        Self::new(404, None, "At this port there is only what is below /__admin/.")
    }
}
