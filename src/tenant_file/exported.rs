//! Removes or translates the members of an export of the deploy tool that the Management API does not accept.
//!
//! The tool itself strips, renames or translates them before it sends an entry (auth0-deploy-cli, `src/readonly.ts`, the
//! handlers in `src/tools/auth0/handlers`, `src/sessionDurationsToMinutes.ts`).

use serde_json::{Map, Value, json};

use super::error::{Report, SeedProblem, listed};
use super::kinds::Traits;
use super::location::Location;
use super::nearest::nearest;

/// Removes the members that the service sets itself, and gives renamed members their new names. One warning lists all removed
/// members.
pub(crate) fn adapt(body: &mut Map<String, Value>, traits: &Traits, place: &Location, report: &mut Report) {
    for (old, new) in traits.renamed {
        if let Some(value) = body.remove(*old) {
            // If both names are there, the new one counts, as in the tool.
            body.entry(*new).or_insert(value);
        }
    }
    let removed =
        traits.made_by_the_service.iter().filter(|path| remove(body, path)).map(|path| path.replace("[]", ""));
    left_out(removed, "the service makes", place, report);
    if body.get("app_type") == Some(&json!("resource_server")) {
        let removed = ["oidc_backchannel_logout", "oidc_logout", "refresh_token"].into_iter();
        let removed = removed.filter(|key| body.remove(*key).is_some()).map(str::to_owned);
        left_out(removed, "a client of the type resource_server does not take", place, report);
    }
}

fn left_out(names: impl Iterator<Item = String>, reason: &str, place: &Location, report: &mut Report) {
    let names: Vec<String> = names.collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (are, them) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
    if !names.is_empty() {
        let fault = format_args!("{} {are} left out: {reason} {them}", listed(&names));
        report.warn(SeedProblem::no_effect(place, fault));
    }
}

/// Removes the member at a path, and returns whether there was one. `a.b` is in an object, `a[].b` in each object of a list.
pub(crate) fn remove(body: &mut Map<String, Value>, path: &str) -> bool {
    let Some((first, rest)) = path.split_once('.') else { return body.remove(path).is_some() };
    match first.strip_suffix("[]") {
        Some(list) => {
            let items = body.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
            items.filter_map(Value::as_object_mut).filter_map(|item| remove(item, rest).then_some(())).count() > 0
        }
        None => body.get_mut(first).and_then(Value::as_object_mut).is_some_and(|inner| remove(inner, rest)),
    }
}

/// The flags of the tenant that the Management API accepts. A test compares them with the schema of `PATCH /tenants/settings`.
pub(crate) const KNOWN_FLAGS: &[&str] = &[
    "allow_changing_enable_sso",
    "allow_legacy_delegation_grant_types",
    "allow_legacy_ro_grant_types",
    "allow_legacy_tokeninfo_endpoint",
    "change_pwd_flow_v1",
    "custom_domains_provisioning",
    "dashboard_insights_view",
    "dashboard_log_streams_next",
    "disable_clickjack_protection_headers",
    "disable_fields_map_fix",
    "disable_impersonation",
    "disable_management_api_sms_obfuscation",
    "enable_adfs_waad_email_verification",
    "enable_apis_section",
    "enable_client_connections",
    "enable_dynamic_client_registration",
    "enable_idtoken_api2",
    "enable_legacy_profile",
    "enable_pipeline2",
    "enable_public_signup_user_exists_error",
    "enable_sso",
    "enforce_client_authentication_on_passwordless_start",
    "genai_trial",
    "improved_signup_bot_detection_in_classic",
    "mfa_show_factor_list_on_enrollment",
    "no_disclose_enterprise_connections",
    "remove_alg_from_jwks",
    "revoke_refresh_token_grant",
    "trust_azure_adfs_email_verified_connection_property",
    "use_scope_descriptions_for_consent",
];

/// Flags of the tenant that an export leaves out, because no tenant can change them.
const LOCKED_FLAGS: [&str; 4] =
    ["allow_changing_enable_sso", "disable_impersonation", "enable_sso", "remove_stale_idp_attributes"];

/// The same for the settings of the tenant: flags that the API does not accept are removed, and lifetimes in hours become
/// lifetimes in minutes, because an export has fractions of hours.
pub(crate) fn adapt_settings(settings: &mut Map<String, Value>, place: &Location, report: &mut Report) {
    let removed = ["sandbox_versions_available", "created_at", "updated_at"].into_iter();
    let removed = removed.filter(|key| settings.remove(*key).is_some()).map(str::to_owned);
    left_out(removed, "the service makes", place, report);
    for hours in ["session_lifetime", "idle_session_lifetime"] {
        let minutes = settings.get(hours).and_then(Value::as_f64).map(|hours| (hours * 60.0).round());
        if let Some(minutes) = minutes.filter(|minutes| *minutes >= 1.0 && *minutes < 1e9) {
            settings.remove(hours);
            settings.entry(format!("{hours}_in_minutes")).or_insert_with(|| json!(minutes as u64));
        }
    }
    let Some(Value::Object(flags)) = settings.get_mut("flags") else { return };
    let place = place.at("flags");
    let unknown: Vec<String> = flags.keys().filter(|flag| !KNOWN_FLAGS.contains(&flag.as_str())).cloned().collect();
    for flag in &unknown {
        flags.remove(flag);
        let hint = nearest(flag, KNOWN_FLAGS.iter().copied()).map(|nearest| format!("; did you mean {nearest:?}?"));
        let hint = hint.unwrap_or_default();
        let fault = format_args!("the flag {} is left out: the Management API does not take it{hint}", listed(&[flag]));
        report.warn(SeedProblem::no_effect(&place, fault));
    }
    let locked = LOCKED_FLAGS.into_iter().filter(|flag| flags.remove(*flag).is_some()).map(str::to_owned);
    left_out(locked, "no tenant can change", &place, report);
    if flags.is_empty() {
        settings.remove("flags");
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::kinds::Kind;
    use super::*;

    fn adapted(kind: Kind, body: Value) -> (Value, Vec<String>) {
        let Value::Object(mut body) = body else { panic!("an object") };
        let mut report = Report::default();
        adapt(&mut body, kind.traits(), &Location::file("seed"), &mut report);
        (body.into(), report.warnings().iter().map(ToString::to_string).collect())
    }

    #[rstest]
    #[case::the_old_name(json!({ "cross_origin_auth": true }), json!({ "cross_origin_authentication": true }))]
    #[case::both_names(
        json!({ "cross_origin_auth": true, "cross_origin_authentication": false }),
        json!({ "cross_origin_authentication": false })
    )]
    fn a_renamed_member(#[case] body: Value, #[case] expected: Value) {
        assert_eq!(adapted(Kind::Client, body), (expected, Vec::new()));
    }

    #[test]
    fn one_warning_tells_of_all_that_is_left_out() {
        let (body, warnings) = adapted(Kind::Client, json!({ "name": "a", "global": false, "signing_keys": [] }));
        assert_eq!(body, json!({ "name": "a" }));
        assert_eq!(warnings, [r#"seed: "global" and "signing_keys" are left out: the service makes them"#]);
    }

    #[test]
    fn members_within_lists_are_left_out() {
        let permission = json!({ "permission_name": "a", "resource_server_name": "b" });
        let (body, warnings) = adapted(Kind::Role, json!({ "permissions": [permission.clone(), 1, permission] }));
        let permission = json!({ "permission_name": "a" });
        assert_eq!(body, json!({ "permissions": [permission, 1, permission] }));
        assert_eq!(warnings, [r#"seed: "permissions.resource_server_name" is left out: the service makes it"#]);
    }

    #[rstest]
    #[case::hours(json!({ "session_lifetime": 168 }), json!({ "session_lifetime_in_minutes": 10080 }))]
    #[case::a_part_of_an_hour(json!({ "idle_session_lifetime": 3.016_666_666_666_666_6 }), json!({ "idle_session_lifetime_in_minutes": 181 }))]
    #[case::both(
        json!({ "session_lifetime": 1, "session_lifetime_in_minutes": 7 }),
        json!({ "session_lifetime_in_minutes": 7 })
    )]
    #[case::no_time(json!({ "session_lifetime": 0 }), json!({ "session_lifetime": 0 }))]
    #[case::an_unknown_flag(json!({ "flags": { "universal_login": true } }), json!({}))]
    #[case::a_known_flag(json!({ "flags": { "enable_pipeline2": true, "x": 1 } }), json!({ "flags": { "enable_pipeline2": true } }))]
    #[case::a_locked_flag(json!({ "flags": { "enable_sso": true } }), json!({}))]
    fn settings_are_adapted(#[case] settings: Value, #[case] expected: Value) {
        let Value::Object(mut settings) = settings else { panic!("an object") };
        adapt_settings(&mut settings, &Location::file("seed"), &mut Report::default());
        assert_eq!(Value::from(settings), expected);
    }
}
