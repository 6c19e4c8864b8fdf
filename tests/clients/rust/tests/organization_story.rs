//! The story of an application and its organizations, told by `oauth2` and `openidconnect` to an API that is guarded by
//! `jsonwebtoken`.

use m2mock_rust_clients::{Application, CLIENTS, GuardedApi, Refused, Tenant};

const AUDIENCE: &str = "https://travel0.example/api";
const GRANITE: &str = "org_GraniteTours0001";
const HARBOUR: &str = "org_HarbourTravel001";
const SUMMIT: &str = "org_SummitTrips00001";
const PARTNER_BOT_GRANT: &str = "cgr_PartnerBot000001";

fn partner_bot(organization: &str) -> Application<'_> {
    Application {
        id: "travel0PartnerBot000000000000001",
        secret: "partner-bot-secret",
        audience: AUDIENCE,
        organization: Some(organization),
    }
}

const NIGHTLY_EXPORT: Application<'_> = Application {
    id: "travel0NightlyExport000000000001",
    secret: "nightly-export-secret",
    audience: AUDIENCE,
    organization: None,
};

fn not_for(organization: &str) -> Result<String, Refused> {
    let words = format!("Client is not authorized to access organization \"{organization}\"");
    Err(("access_denied".to_owned(), words))
}

#[test]
fn an_application_that_is_allowed_is_let_in_and_the_api_knows_for_which_organization_it_works() {
    let tenant = Tenant::of_ready_file();
    let api = GuardedApi::new(&tenant, AUDIENCE, GRANITE);
    for (client, ask) in CLIENTS {
        let token = ask(&tenant, &partner_bot(GRANITE)).unwrap();
        assert_eq!(api.trips(&token).as_deref(), Ok(GRANITE), "{client}");
    }
}

#[test]
fn an_application_that_names_no_organization_is_let_in_for_its_default_one() {
    let tenant = Tenant::of_ready_file();
    let api = GuardedApi::new(&tenant, AUDIENCE, HARBOUR);
    for (client, ask) in CLIENTS {
        let token = ask(&tenant, &NIGHTLY_EXPORT).unwrap();
        assert_eq!(api.trips(&token).as_deref(), Ok(HARBOUR), "{client}");
    }
}

#[test]
fn a_token_of_another_organization_is_refused_by_the_api() {
    let tenant = Tenant::of_ready_file();
    let api = GuardedApi::new(&tenant, AUDIENCE, GRANITE);
    for (client, ask) in CLIENTS {
        let token = ask(&tenant, &partner_bot(HARBOUR)).unwrap();
        assert_eq!(api.trips(&token), Err(format!("the token is for {HARBOUR}")), "{client}");
    }
}

#[test]
fn a_token_that_was_tampered_with_is_refused_by_the_api() {
    let tenant = Tenant::of_ready_file();
    let api = GuardedApi::new(&tenant, AUDIENCE, GRANITE);
    for (client, ask) in CLIENTS {
        let (own, other) = (ask(&tenant, &partner_bot(GRANITE)).unwrap(), ask(&tenant, &partner_bot(HARBOUR)).unwrap());
        let (own, other): (Vec<_>, Vec<_>) = (own.split('.').collect(), other.split('.').collect());
        let tampered = [other[0], own[1], other[2]].join(".");
        assert_eq!(api.trips(&tampered), Err("InvalidSignature".to_owned()), "{client}");
    }
}

#[test]
fn an_application_is_refused_for_an_organization_that_it_is_not_associated_with() {
    let tenant = Tenant::of_ready_file();
    for (client, ask) in CLIENTS {
        assert_eq!(ask(&tenant, &partner_bot(SUMMIT)), not_for(SUMMIT), "{client}");
    }
}

#[test]
fn an_application_that_has_to_name_an_organization_is_refused_without_one() {
    let tenant = Tenant::of_ready_file();
    let words = "parameter organization is required for this client";
    for (client, ask) in CLIENTS {
        let refused = ask(&tenant, &Application { organization: None, ..partner_bot(GRANITE) });
        assert_eq!(refused, Err(("invalid_request".to_owned(), words.to_owned())), "{client}");
    }
}

#[test]
fn an_application_is_refused_as_soon_as_its_association_is_revoked() {
    let tenant = Tenant::of_ready_file();
    let management = tenant.management();
    for (client, ask) in CLIENTS {
        let organization = management.create_organization(&format!("revoked-for-{client}"));
        assert_eq!(ask(&tenant, &partner_bot(&organization)), not_for(&organization), "{client}");

        management.associate(&organization, PARTNER_BOT_GRANT);
        let token = ask(&tenant, &partner_bot(&organization)).unwrap();
        assert_eq!(
            GuardedApi::new(&tenant, AUDIENCE, &organization).trips(&token),
            Ok(organization.clone()),
            "{client}"
        );

        management.revoke(&organization, PARTNER_BOT_GRANT);
        assert_eq!(ask(&tenant, &partner_bot(&organization)), not_for(&organization), "{client}");
    }
}

#[test]
fn a_wrong_secret_is_refused_in_words_that_the_client_understands() {
    let tenant = Tenant::of_ready_file();
    for (client, ask) in CLIENTS {
        let refused = ask(&tenant, &Application { secret: "not-the-secret", ..partner_bot(GRANITE) });
        assert_eq!(refused, Err(("access_denied".to_owned(), "Unauthorized".to_owned())), "{client}");
    }
}
