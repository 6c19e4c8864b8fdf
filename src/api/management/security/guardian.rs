//! `/guardian`: multi-factor authentication: its factors, their providers and messages, policies, and the enrollments of
//! users. m2mock stores the settings and sends no message.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::management::users::enrollment;
use crate::api::operation::{Family, Operation};
use crate::api::resource::Defaults;
use crate::api::setting::{Absent, Setting};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("guardian.schema.json")));

const APNS_PATH: &str = "/guardian/factors/push-notification/providers/apns";
const DUO_PATH: &str = "/guardian/factors/duo/settings";
const ENROLLMENT: &str = "/guardian/enrollments/{id}";
const FCM_PATH: &str = "/guardian/factors/push-notification/providers/fcm";
const FCM_V1_PATH: &str = "/guardian/factors/push-notification/providers/fcmv1";
const MESSAGE_TYPES_PATH: &str = "/guardian/factors/phone/message-types";
const PHONE_PROVIDER_PATH: &str = "/guardian/factors/phone/selected-provider";
const PHONE_TEMPLATES_PATH: &str = "/guardian/factors/phone/templates";
const PHONE_TWILIO_PATH: &str = "/guardian/factors/phone/providers/twilio";
const POLICIES_PATH: &str = "/guardian/policies";
const PUSH_PROVIDER_PATH: &str = "/guardian/factors/push-notification/selected-provider";
const SMS_PROVIDER_PATH: &str = "/guardian/factors/sms/selected-provider";
const SMS_TEMPLATES_PATH: &str = "/guardian/factors/sms/templates";
const SMS_TWILIO_PATH: &str = "/guardian/factors/sms/providers/twilio";
const SNS_PATH: &str = "/guardian/factors/push-notification/providers/sns";
const READ: &[&str] = &["read:guardian_factors"];
const UPDATE: &[&str] = &["update:guardian_factors"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::post("/guardian/enrollments/ticket", &["create:guardian_enrollment_tickets"], create_ticket)
            .body("CreateTicket")
            .success(200),
        Operation::get(ENROLLMENT, &["read:guardian_enrollments"], read_enrollment).parameters("Enrollment"),
        Operation::delete(ENROLLMENT, &["delete:guardian_enrollments"], remove_enrollment).parameters("Enrollment"),
        Operation::get("/guardian/factors", READ, list_factors),
        Operation::read_setting(DUO_PATH, READ, &DUO),
        Operation::replace_setting(DUO_PATH, UPDATE, &DUO).body("Duo"),
        Operation::update_setting(DUO_PATH, UPDATE, &DUO).body("Duo"),
        Operation::read_setting(MESSAGE_TYPES_PATH, READ, &MESSAGE_TYPES),
        Operation::replace_setting(MESSAGE_TYPES_PATH, UPDATE, &MESSAGE_TYPES).body("MessageTypes"),
        Operation::read_setting(PHONE_TWILIO_PATH, READ, &TWILIO),
        Operation::replace_setting(PHONE_TWILIO_PATH, UPDATE, &TWILIO).body("Twilio"),
        Operation::read_setting(SMS_TWILIO_PATH, READ, &TWILIO),
        Operation::replace_setting(SMS_TWILIO_PATH, UPDATE, &TWILIO).body("Twilio"),
        Operation::read_setting(PHONE_PROVIDER_PATH, READ, &PHONE_PROVIDER),
        Operation::replace_setting(PHONE_PROVIDER_PATH, UPDATE, &PHONE_PROVIDER).body("PhoneProvider"),
        Operation::read_setting(SMS_PROVIDER_PATH, READ, &PHONE_PROVIDER),
        Operation::replace_setting(SMS_PROVIDER_PATH, UPDATE, &PHONE_PROVIDER).body("PhoneProvider"),
        Operation::read_setting(PHONE_TEMPLATES_PATH, READ, &PHONE_TEMPLATES),
        Operation::replace_setting(PHONE_TEMPLATES_PATH, UPDATE, &PHONE_TEMPLATES).body("MessageTemplates"),
        Operation::read_setting(SMS_TEMPLATES_PATH, READ, &PHONE_TEMPLATES),
        Operation::replace_setting(SMS_TEMPLATES_PATH, UPDATE, &PHONE_TEMPLATES).body("MessageTemplates"),
        Operation::read_setting(APNS_PATH, READ, &APNS),
        Operation::replace_setting(APNS_PATH, UPDATE, &APNS).body("Apns"),
        Operation::update_setting(APNS_PATH, UPDATE, &APNS).body("Apns"),
        Operation::replace_setting(FCM_PATH, UPDATE, &FCM).body("Fcm"),
        Operation::update_setting(FCM_PATH, UPDATE, &FCM).body("Fcm"),
        Operation::replace_setting(FCM_V1_PATH, UPDATE, &FCM_V1).body("FcmV1"),
        Operation::update_setting(FCM_V1_PATH, UPDATE, &FCM_V1).body("FcmV1"),
        Operation::read_setting(SNS_PATH, READ, &SNS),
        Operation::replace_setting(SNS_PATH, UPDATE, &SNS).body("Sns"),
        Operation::update_setting(SNS_PATH, UPDATE, &SNS).body("Sns"),
        Operation::read_setting(PUSH_PROVIDER_PATH, READ, &PUSH_PROVIDER),
        Operation::replace_setting(PUSH_PROVIDER_PATH, UPDATE, &PUSH_PROVIDER).body("PushProvider"),
        Operation::replace_setting("/guardian/factors/{name}", UPDATE, &FACTOR).body("Factor").parameters("Factor"),
        Operation::get(POLICIES_PATH, &["read:mfa_policies"], list_policies),
        Operation::put(POLICIES_PATH, &["update:mfa_policies"], replace_policies).body("Policies"),
    ],
};

static DUO: Setting = Setting::new(Absent::Empty);

static FACTOR: Setting = Setting::new(Absent::Empty);

static MESSAGE_TYPES: Setting = Setting::new(Absent::Defaults(&MESSAGE_TYPES_DEFAULTS));

static TWILIO: Setting = Setting { path: Some(PHONE_TWILIO_PATH), ..Setting::new(Absent::Empty) };

static PHONE_PROVIDER: Setting =
    Setting { path: Some(PHONE_PROVIDER_PATH), ..Setting::new(Absent::Defaults(&PHONE_PROVIDER_DEFAULTS)) };

static PHONE_TEMPLATES: Setting =
    Setting { path: Some(PHONE_TEMPLATES_PATH), ..Setting::new(Absent::Defaults(&TEMPLATE_DEFAULTS)) };

static APNS: Setting = Setting {
    hidden: &["p12"],
    prepare: Some(check_certificate),
    show: Some(|settings| {
        let is_configured = text(settings, "p12").is_some();
        settings.insert("enabled".to_owned(), is_configured.into());
    }),
    ..Setting::new(Absent::Defaults(&APNS_DEFAULTS))
};

static FCM: Setting = Setting { hidden: &["server_key"], ..Setting::new(Absent::Empty) };

static FCM_V1: Setting =
    Setting { hidden: &["server_credentials"], prepare: Some(check_server_credentials), ..Setting::new(Absent::Empty) };

static SNS: Setting = Setting {
    // Only the answer to a change shows the key (recorded).
    show: Some(|settings| drop(settings.remove("aws_secret_access_key"))),
    ..Setting::new(Absent::Empty)
};

static PUSH_PROVIDER: Setting = Setting::new(Absent::Defaults(&PUSH_PROVIDER_DEFAULTS));

static APNS_DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "sandbox": false })));
static MESSAGE_TYPES_DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "message_types": [] })));
static PHONE_PROVIDER_DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "provider": "auth0" })));
static PUSH_PROVIDER_DEFAULTS: Defaults = LazyLock::new(|| object(json!({ "provider": "guardian" })));

/// The default templates, from the published schema.
static TEMPLATE_DEFAULTS: Defaults = LazyLock::new(|| {
    let verification = "{{code}} is your verification code for {{tenant.friendly_name}}";
    object(json!({
        "enrollment_message": format!("{verification}. Please enter this code to verify your enrollment."),
        "verification_message": verification,
    }))
});

/// The factors in the recorded order.
const FACTORS: [&str; 8] =
    ["sms", "push-notification", "otp", "email", "duo", "webauthn-roaming", "webauthn-platform", "recovery-code"];

/// A ticket for a user that does not exist (d).
const USER_NOT_FOUND: Refusal = Refusal::plain(404, "User not found.");

/// An enrollment that does not exist (recorded).
const ENROLLMENT_NOT_FOUND: Refusal = Refusal::new(404, "enrollment_not_found", "Enrollment not found");

/// A certificate that Apple's service would not accept (d).
const INVALID_CERTIFICATE: Refusal = Refusal::plain(
    400,
    "The PKCS #12 file is invalid. Please ensure the client certificate is not expired, the environment matches, and the \
     key and certificate are not encrypted with a deprecated algorithm.",
);

/// Credentials that Google's service would not accept (d).
const INVALID_SERVER_CREDENTIALS: Refusal = Refusal::plain(400, "Invalid server credentials");

/// Checks that a PKCS #12 file is a DER sequence in base64, with or without line breaks (recorded). Its content is not checked.
fn check_certificate(_: &Call<'_>, settings: &mut Map<String, Value>) -> Result<(), ApiError> {
    let Some(p12) = text(settings, "p12") else { return Ok(()) };
    let base64: String = p12.split_ascii_whitespace().collect();
    let is_sequence = STANDARD.decode(base64).is_ok_and(|der| der.first() == Some(&0x30));
    if is_sequence { Ok(()) } else { Err(INVALID_CERTIFICATE.into()) }
}

/// Checks that the credentials are the text of a JSON object.
fn check_server_credentials(_: &Call<'_>, settings: &mut Map<String, Value>) -> Result<(), ApiError> {
    let Some(credentials) = text(settings, "server_credentials") else { return Ok(()) };
    let is_object = serde_json::from_str::<Value>(credentials).is_ok_and(|value| value.is_object());
    if is_object { Ok(()) } else { Err(INVALID_SERVER_CREDENTIALS.into()) }
}

fn list_factors(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let is_enabled = |name: &str| {
        let factor = call.state.settings.get(&format!("/guardian/factors/{name}"));
        factor.is_some_and(|factor| factor.get("enabled") == Some(&Value::Bool(true)))
    };
    let factor = |name| json!({ "name": name, "enabled": is_enabled(name), "trial_expired": false });
    Ok(Reply::of(FACTORS.map(factor)))
}

fn list_policies(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let policies = call.state.settings.get(POLICIES_PATH).and_then(|stored| stored.get("policies"));
    Ok(Reply::of(policies.cloned().unwrap_or_else(|| json!([]))))
}

/// Replaces the policies. The list is the only member of their settings document.
fn replace_policies(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let policies = object(json!({ "policies": std::mem::take(&mut call.items) }));
    call.state.settings.set(POLICIES_PATH, Document::new(policies));
    list_policies(call)
}

/// Answers a link to the enrollment page of a user. m2mock has no such page, so the ticket is not stored.
fn create_ticket(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = text(&call.body, "user_id").unwrap_or_default();
    if !call.state[Kind::User].contains(user) {
        return Err(USER_NOT_FOUND.into());
    }
    let ticket = IdShape::TICKET.draw(&mut call.state.random);
    let url = format!("{}mfa/enrollment?ticket={ticket}", call.base_url);
    Ok(Reply::of(json!({ "ticket_id": ticket, "ticket_url": url })))
}

fn read_enrollment(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (id, method) = enrollment::find(call, call.parameter("id")).ok_or(ENROLLMENT_NOT_FOUND)?;
    Ok(Reply::of(enrollment::shown(id, method)))
}

fn remove_enrollment(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = enrollment::find(call, call.parameter("id")).ok_or(ENROLLMENT_NOT_FOUND)?.0.to_owned();
    call.state.remove(Kind::AuthenticationMethod, &id);
    Ok(Reply::empty())
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    fn perform(tenant: &Tenant, method: Method, path: &str, body: Value) -> Result<Value, u16> {
        tenant.perform(method, path, body, Pins::default()).map_err(|error| error.status)
    }

    fn get(tenant: &Tenant, path: &str) -> Value {
        perform(tenant, Method::GET, path, Value::Null).expect("a document")
    }

    #[test]
    fn the_paths_of_sms_and_phone_share_their_documents() {
        let tenant = Tenant::new(Config::default());
        let templates = json!({ "enrollment_message": "enroll", "verification_message": "verify" });
        for (path, twin, document) in [
            ("sms/templates", "phone/templates", templates),
            ("phone/providers/twilio", "sms/providers/twilio", json!({ "from": "+1", "sid": null })),
            ("sms/selected-provider", "phone/selected-provider", json!({ "provider": "twilio" })),
        ] {
            let path = format!("/guardian/factors/{path}");
            assert_eq!(perform(&tenant, Method::PUT, &path, document.clone()), Ok(document.clone()));
            assert_eq!(get(&tenant, &format!("/guardian/factors/{twin}")), document);
        }
    }

    #[test]
    fn factors_and_policies_have_the_written_values() {
        let tenant = Tenant::new(Config::default());
        assert_eq!(get(&tenant, "/guardian/policies"), json!([]));
        perform(&tenant, Method::PUT, "/guardian/policies", json!(["all-applications"])).expect("policies");
        assert_eq!(get(&tenant, "/guardian/policies"), json!(["all-applications"]));
        perform(&tenant, Method::PUT, "/guardian/factors/otp", json!({ "enabled": true })).expect("a factor");
        let factors = get(&tenant, "/guardian/factors");
        let enabled = factors.as_array().into_iter().flatten().filter(|factor| factor["enabled"] == true);
        assert_eq!(enabled.map(|factor| &factor["name"]).collect::<Vec<_>>(), ["otp"]);
    }

    #[test]
    fn credentials_of_push_providers_are_checked_and_hidden() {
        let tenant = Tenant::new(Config::default());
        let apns = "/guardian/factors/push-notification/providers/apns";
        let fcm = "/guardian/factors/push-notification/providers/fcmv1";
        assert_eq!(perform(&tenant, Method::PUT, apns, json!({ "p12": "AAAA" })), Err(400));
        assert_eq!(get(&tenant, apns), json!({ "sandbox": false, "enabled": false }));
        let view = json!({ "bundle_id": "a" });
        assert_eq!(perform(&tenant, Method::PUT, apns, json!({ "bundle_id": "a", "p12": "MIIP\nWQIB" })), Ok(view));
        assert_eq!(get(&tenant, apns), json!({ "bundle_id": "a", "enabled": true }));
        assert_eq!(perform(&tenant, Method::PUT, fcm, json!({ "server_credentials": "a" })), Err(400));
        assert_eq!(perform(&tenant, Method::PUT, fcm, json!({ "server_credentials": "{}" })), Ok(json!({})));
    }

    #[test]
    fn an_authentication_method_of_a_user_is_an_enrollment() {
        let tenant = Tenant::new(Config::default());
        let ticket =
            |user: &str| perform(&tenant, Method::POST, "/guardian/enrollments/ticket", json!({ "user_id": user }));
        let user = json!({
            "connection": "Username-Password-Authentication", "password": "Passengers 1st", "email": "a@travel0.example",
        });
        let user = perform(&tenant, Method::POST, "/users", user).expect("a user")["user_id"].clone();
        let user = user.as_str().expect("an id");
        assert_eq!(ticket("auth0|nobody"), Err(404));
        assert!(ticket(user).expect("a ticket")["ticket_url"].is_string());

        let methods = format!("/users/{}/authentication-methods", user.replace('|', "%7C"));
        let method = json!({ "type": "phone", "phone_number": "+15550100", "name": "phone" });
        let method = perform(&tenant, Method::POST, &methods, method).expect("a method");
        let id = method["id"].as_str().expect("an id").replace("phone|", "");
        let of_user = format!("/users/{}/enrollments", user.replace('|', "%7C"));
        let listed = get(&tenant, &of_user);
        assert_eq!(
            (&listed[0]["id"], &listed[0]["auth_method"], &listed[1]),
            (&json!(id), &json!("sms"), &Value::Null)
        );
        for path in [format!("/guardian/enrollments/sms%7C{id}"), format!("/guardian/enrollments/{id}")] {
            let enrollment = get(&tenant, &path);
            assert_eq!((&enrollment["id"], &enrollment["phone_number"]), (&json!(id), &json!("+15550100")));
        }
        let of_another_type = format!("/guardian/enrollments/totp%7C{id}");
        assert_eq!(perform(&tenant, Method::GET, &of_another_type, Value::Null), Err(404));
        let path = format!("/guardian/enrollments/{id}");
        perform(&tenant, Method::DELETE, &path, Value::Null).expect("it is deleted");
        assert_eq!(perform(&tenant, Method::GET, &path, Value::Null), Err(404));
        assert_eq!(get(&tenant, &methods), json!([]));
        assert_eq!(get(&tenant, &of_user), json!([]));
    }

    #[test]
    fn a_user_loses_all_enrollments_at_once_or_those_of_one_provider() {
        let tenant = Tenant::new(Config::default());
        let user = json!({
            "connection": "Username-Password-Authentication", "password": "Passengers 1st", "email": "a@travel0.example",
        });
        let user = perform(&tenant, Method::POST, "/users", user).expect("a user")["user_id"].clone();
        let user = format!("/users/{}", user.as_str().expect("an id").replace('|', "%7C"));
        let enrol = || {
            let methods = json!([
                { "type": "phone", "phone_number": "+15550100" }, { "type": "totp", "totp_secret": "JBSWY3DPEHPK3PXP" },
            ]);
            perform(&tenant, Method::PUT, &format!("{user}/authentication-methods"), methods).expect("two methods");
        };
        let enrolled = || {
            let list = get(&tenant, &format!("{user}/enrollments"));
            list.as_array().into_iter().flatten().map(|one| one["auth_method"].clone()).collect::<Vec<_>>()
        };
        enrol();
        assert_eq!(enrolled(), ["sms", "authenticator"]);
        let remove = |below: &str| perform(&tenant, Method::DELETE, &format!("{user}/{below}"), Value::Null);
        remove("multifactor/duo").expect("nothing is removed");
        assert_eq!(enrolled(), ["sms", "authenticator"]);
        remove("multifactor/google-authenticator").expect("it is removed");
        assert_eq!(enrolled(), ["sms"]);
        enrol();
        remove("authenticators").expect("they are removed");
        assert_eq!(get(&tenant, &format!("{user}/authentication-methods")), json!([]));
    }
}
