//! Refusals about roles and what belongs to them.

use super::{ApiError, repeated};

impl ApiError {
    /// Unknown role (r).
    pub fn role_not_found() -> Self {
        Self::new(404, None, "The role does not exist.")
    }

    /// A role with a name that is taken (d).
    pub fn role_exists() -> Self {
        Self::new(409, None, "The role already exists.")
    }

    /// More roles than a tenant may hold (limit documented, sentence assumed).
    pub fn too_many_roles(limit: usize) -> Self {
        Self::new(403, "too_many_entities", format!("You reached the limit of {limit} roles for this tenant."))
    }

    /// A role of an organization that does not say which (a).
    pub fn role_without_owner() -> Self {
        Self::new(400, "invalid_body", "owner_id is required when type is organization")
    }

    /// A role of the tenant that names an organization (a).
    pub fn owner_of_tenant_role() -> Self {
        Self::new(400, "invalid_body", "owner_id is only allowed when type is organization")
    }

    /// A role of an organization that does not exist (a; the sentence is that of the organization itself).
    pub fn unknown_role_owner() -> Self {
        Self::new(400, "invalid_body", "No organization found by that id or name")
    }

    /// A permission on an API that does not exist (p; the code is missing in the report).
    pub fn api_of_permission_not_found(identifier: &str) -> Self {
        Self::new(404, None, format!("The resource server does not exist: '{}'", repeated(identifier)))
    }

    /// A permission that its API does not define (a).
    pub fn undefined_permission(identifier: &str, scope: &str) -> Self {
        let (scope, identifier) = (repeated(scope), repeated(identifier));
        Self::new(404, None, format!("The permission does not exist: '{scope}' on '{identifier}'"))
    }

    /// More permissions than one owner may hold (limit documented, sentence assumed).
    pub fn too_many_permissions(limit: usize) -> Self {
        Self::new(403, "too_many_entities", format!("You reached the limit of {limit} permissions."))
    }

    /// A role for a user who has all the roles that a user may have (limit documented, sentence assumed: that of members
    /// of organizations).
    pub fn no_more_roles() -> Self {
        Self::new(409, None, "No more roles can be assigned to this user.")
    }
}
