//! The settings of a tenant as the vendor's deploy tool exports and imports them.

use serde_json::{Value, json};

use crate::caller::Caller;

/// What an import sends of what an export has read: flags of the platform and pages stay away, lifetimes come in minutes.
fn imported(settings: &Value) -> Value {
    let mut body = settings.as_object().unwrap().clone();
    for read_only in ["sandbox_versions_available", "change_password", "error_page", "guardian_mfa_page"] {
        body.remove(read_only);
    }
    let flags = body["flags"].as_object_mut().unwrap();
    for flag in ["allow_changing_enable_sso", "disable_impersonation", "enable_sso", "universal_login"] {
        flags.remove(flag);
    }
    for lifetime in ["session_lifetime", "idle_session_lifetime"] {
        let hours = body.remove(lifetime).unwrap().as_f64().unwrap();
        body.insert(format!("{lifetime}_in_minutes"), json!((hours * 60.0).round() as u64));
    }
    body.into()
}

#[test]
fn an_import_of_an_export_changes_nothing() {
    let tenant = Caller::start();
    let (_, exported) = tenant.get("/tenants/settings");
    let (status, answer) = tenant.patch("/tenants/settings", imported(&exported));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(tenant.get("/tenants/settings").1, exported);
}

// Recorded by the deploy tool ("should dump and deploy without throwing an error").
#[test]
fn the_colours_of_the_login_pages_are_stored() {
    let tenant = Caller::start();
    let colors = json!({ "primary": "#F8F8F2", "page_background": "#222221" });
    let change = json!({
        "universal_login": { "colors": colors },
        "session_cookie": { "mode": "non-persistent" },
        "session_lifetime_in_minutes": 181,
        "idle_session_lifetime_in_minutes": 60,
    });
    let (status, settings) = tenant.patch("/tenants/settings", change);
    assert_eq!((status, &settings["universal_login"]["colors"]), (200, &colors), "{settings}");
    assert_eq!(settings["session_lifetime"], 3.0166666666666666);

    let (_, exported) = tenant.get("/tenants/settings");
    assert_eq!(tenant.patch("/tenants/settings", imported(&exported)).0, 200);
    assert_eq!(tenant.get("/tenants/settings").1, exported);
}

#[test]
fn a_colour_that_is_no_text_is_refused() {
    let change = json!({ "universal_login": { "colors": { "primary": 7 } } });
    let (status, refused) = Caller::start().patch("/tenants/settings", change);
    let sentence = "Payload validation error: 'Expected type string but found type integer' on property universal_login.colors.primary.";
    assert_eq!((status, refused["message"].as_str()), (400, Some(sentence)));
}

// proves V5, V6
#[test]
fn a_locked_flag_is_refused_with_any_value() {
    let tenant = Caller::start();
    let (_, settings) = tenant.get("/tenants/settings");
    for value in [true, false] {
        let (status, refused) = tenant.patch("/tenants/settings", json!({ "flags": { "enable_sso": value } }));
        assert_eq!((status, &refused["message"]), (400, &json!("Updating the enable_sso flag is not allowed.")));
        let flag = "enforce_client_authentication_on_passwordless_start";
        let (status, refused) =
            tenant.patch("/tenants/settings", json!({ "flags": { flag: value }, "session_lifetime": 9 }));
        let sentence =
            format!("Updating the {flag} flag is not allowed. Please contact us if you need additional information.");
        assert_eq!((status, &refused["message"]), (400, &json!(sentence)));
    }
    assert_eq!(tenant.get("/tenants/settings").1, settings);
}

// Recorded by the vendor's Terraform provider (TestAccTenant_EnableSSO), whose tenant may change the flag.
#[test]
fn a_tenant_that_may_change_a_flag_changes_it() {
    let tenant = Caller::start();
    assert_eq!(tenant.patch("/tenants/settings", json!({ "flags": { "allow_changing_enable_sso": true } })).0, 200);
    let (status, answer) = tenant.patch("/tenants/settings", json!({ "flags": { "enable_sso": false } }));
    assert_eq!((status, &answer["flags"]["enable_sso"]), (200, &json!(false)));
}

/// Source: the OpenAPI document of June 2026 and the SDKs of August.
#[test]
fn the_newest_settings_are_stored_and_removed_by_null() {
    let tenant = Caller::start();
    let change = json!({
        "include_session_metadata_in_tenant_logs": true,
        "security_headers": {
            "content_security_policy": {
                "enabled": true,
                "policies": [{
                    "mode": "enforcing",
                    "directives": { "default-src": ["'self'"] },
                    "flags": ["upgrade-insecure-requests"],
                    "reporting": { "report_uri": "https://travel0.example/csp" },
                }],
                "reporting_infrastructure": {
                    "report_to": { "group": "csp", "max_age": 600, "endpoints": [{ "url": "https://travel0.example/csp" }] },
                    "reporting_endpoints": { "csp": "https://travel0.example/csp" },
                },
            },
            "x_xss_protection": { "enabled": true, "mode": "block" },
        },
    });
    let (status, answer) = tenant.patch("/tenants/settings", change.clone());
    assert_eq!(status, 200, "{answer}");
    let (_, shown) = tenant.get("/tenants/settings");
    for member in ["include_session_metadata_in_tenant_logs", "security_headers"] {
        assert_eq!(shown[member], change[member]);
    }

    for (fault, place) in [
        (json!({ "x_xss_protection": { "mode": "allow" } }), "security_headers.x_xss_protection.mode"),
        (json!({ "content_security_policy": { "policies": [{ "mode": "off" }] } }), "policies[0].mode"),
    ] {
        let (status, answer) = tenant.patch("/tenants/settings", json!({ "security_headers": fault }));
        assert_eq!(status, 400, "{answer}");
        assert!(answer["message"].as_str().is_some_and(|sentence| sentence.contains(place)), "{answer}");
    }
    tenant.patch("/tenants/settings", json!({ "security_headers": null }));
    assert_eq!(tenant.get("/tenants/settings").1.get("security_headers"), None);
}
