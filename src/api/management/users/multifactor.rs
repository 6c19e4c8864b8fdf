//! Second factors of a user: enrollments, which are the authentication methods by another name, recovery codes, remembered
//! browsers and devices. The last two come from logins, which m2mock does not have.

use std::sync::LazyLock;

use serde_json::json;

use super::enrollment;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::users::{INEXISTENT_USER, NOT_THE_SUBJECT};
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("multifactor.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/users/{id}/enrollments", &["read:users", "read:current_user"], list_enrollments),
        Operation::delete("/users/{id}/authenticators", &["delete:guardian_enrollments"], remove_all),
        Operation::delete("/users/{id}/multifactor/{provider}", &["update:users"], forget_provider)
            .parameters("Provider"),
        Operation::post("/users/{id}/multifactor/actions/invalidate-remember-browser", &["update:users"], forget)
            .success(204),
        Operation::post("/users/{id}/recovery-code-regeneration", &["update:users"], new_recovery_code).success(200),
        Operation::post("/users/{id}/risk-assessments/clear", &["update:users"], forget)
            .body("ClearAssessors")
            .parameters("ClearAssessors")
            .success(204),
    ],
};

fn list_enrollments(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    if !call.caller.has_any(&["read:users"]) {
        return Err(NOT_THE_SUBJECT.into());
    }
    call.entity(Kind::User, INEXISTENT_USER)?;
    let enrollments = enrollment::of_user(call, call.parameter("id")).map(|(id, method)| {
        let mut view = enrollment::shown(id, method);
        view.extend(enrollment::auth_method(method).map(|name| ("auth_method".to_owned(), name.into())));
        view
    });
    Ok(Reply::json(&enrollments.collect::<Vec<_>>()))
}

/// Removes every enrollment of the user. An unknown user is no error, because no 404 is published.
fn remove_all(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    remove(call, |_| true)
}

fn remove(call: &mut Call<'_>, is_removed: impl Fn(&Document) -> bool) -> Result<Reply, ApiError> {
    let enrollments = enrollment::of_user(call, call.parameter("id")).filter(|(_, method)| is_removed(method));
    let ids: Vec<String> = enrollments.map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        call.state.remove(Kind::AuthenticationMethod, &id);
    }
    Ok(Reply::empty())
}

/// Deletes nothing. An unknown user is no error, because no 404 is published.
fn forget(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::empty())
}

/// Removes the one-time passwords of an authenticator app (inferred). m2mock has no enrollments of Duo.
fn forget_provider(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::User, INEXISTENT_USER)?;
    let is_authenticator = call.parameter("provider") == "google-authenticator";
    remove(call, |method| is_authenticator && text(method, "type") == Some("totp"))
}

/// Creates a recovery code. It is not stored, because m2mock has no logins.
fn new_recovery_code(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::User, INEXISTENT_USER)?;
    let code = IdShape::RECOVERY_CODE.draw(&mut call.state.random);
    Ok(Reply::json(&json!({ "recovery_code": code })))
}
