//! What the recorded tenant had before its recording, as far as an answer shows it. A mock gets the same before the
//! replay of that interaction.

use serde_json::{Value, json};

use super::story::Story;
use crate::conformance::recording::cassette::Interaction;

/// The note about an interaction before which the live tenant got a counterpart of earlier data.
pub(super) const EARLIER_LIFE: &str = "with what the recorded tenant had before";

const DEFAULT_DOMAIN: &str = "/api/v2/custom-domains/default";
const DOMAINS: &str = "/api/v2/custom-domains";
const EMAIL_TEMPLATES: &str = "/api/v2/email-templates";

/// The name of a primary domain, which no answer shows.
const PRIMARY_DOMAIN: &str = "earlier.example.com";

/// One entity or setting that the recorded tenant had.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Earlier<'i> {
    /// A default login route.
    LoginRoute(&'i str),
    /// A custom domain, which was the primary one.
    PrimaryDomain,
    /// This custom domain, verified.
    VerifiedDomain(&'i Value),
    /// This email template.
    EmailTemplate(&'i Value),
}

impl<'i> Earlier<'i> {
    /// What an interaction shows of the recorded tenant's earlier life.
    pub(super) fn of(item: &'i Interaction, story: &Story) -> Option<Earlier<'i>> {
        if item.status >= 300 {
            return None;
        }
        let (path, answer) = (item.path.as_str(), &item.response);
        let member = |name: &str| answer.get(name).and_then(Value::as_str);
        match item.method.as_str() {
            // The service refuses invitations to a tenant without such a route (documented: `default_redirection_uri`).
            "POST" if path.ends_with("/invitations") => {
                let is_set =
                    ["default_redirection_uri", "initiate_login_uri"].iter().any(|key| story.sent.has_key(key));
                let route = member("invitation_url")?.split('?').next().unwrap_or_default();
                (!is_set && !story.has_created(route)).then_some(Earlier::LoginRoute(route))
            }
            // The first custom domain of a tenant is the primary one (recorded).
            "POST" if path == DOMAINS => {
                let is_first = !story.has_posted_to(DOMAINS);
                (is_first && answer.get("primary") == Some(&Value::Bool(false))).then_some(Earlier::PrimaryDomain)
            }
            "PATCH" if path == DEFAULT_DOMAIN => {
                let is_foreign = !story.has_created(member("domain")?) && member("custom_domain_id").is_some();
                is_foreign.then_some(Earlier::VerifiedDomain(answer))
            }
            "GET" => {
                let name = path.strip_prefix(EMAIL_TEMPLATES)?.strip_prefix('/')?;
                (!story.has_created(name) && member("template") == Some(name)).then_some(Earlier::EmailTemplate(answer))
            }
            _ => None,
        }
    }

    /// Whether the interaction that shows it is right only on a tenant that has it.
    pub(super) fn is_login_route(self) -> bool {
        matches!(self, Earlier::LoginRoute(_))
    }

    /// The requests that give it to a tenant, each with the recorded answer about the entity.
    pub(super) fn requests(&self) -> Vec<Interaction> {
        let request = |method: &str, path: &str, request: Value, response: Value| Interaction {
            method: method.to_owned(),
            path: path.to_owned(),
            request,
            request_content_type: Some("application/json".to_owned()),
            response,
            ..Interaction::default()
        };
        let domain = |name: &Value, answer: Value| {
            request("POST", DOMAINS, json!({ "domain": name, "type": "auth0_managed_certs" }), answer)
        };
        match self {
            Earlier::LoginRoute(url) => {
                let settings = json!({ "default_redirection_uri": url });
                vec![request("PATCH", "/api/v2/tenants/settings", settings, Value::Null)]
            }
            Earlier::PrimaryDomain => vec![domain(&PRIMARY_DOMAIN.into(), Value::Null)],
            Earlier::VerifiedDomain(answer) => {
                let id = answer["custom_domain_id"].as_str().unwrap_or_default();
                let verify = format!("{DOMAINS}/{id}/verify");
                vec![
                    domain(&answer["domain"], Value::clone(answer)),
                    request("POST", &verify, Value::Null, Value::Null),
                ]
            }
            Earlier::EmailTemplate(answer) => {
                vec![request("POST", EMAIL_TEMPLATES, Value::clone(answer), Value::Null)]
            }
        }
    }

    /// The name by which later interactions refer to it.
    pub(super) fn name(self) -> &'i str {
        match self {
            Earlier::LoginRoute(url) => url,
            Earlier::PrimaryDomain => PRIMARY_DOMAIN,
            Earlier::VerifiedDomain(answer) => answer["domain"].as_str().unwrap_or_default(),
            Earlier::EmailTemplate(answer) => answer["template"].as_str().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Earlier;
    use crate::conformance::recording::cassette::Interaction;
    use crate::conformance::recording::replay::story::Story;

    fn answered(method: &str, path: &str, request: Value, response: Value) -> Interaction {
        let (method, path) = (method.to_owned(), path.to_owned());
        Interaction { method, path, request, status: 201, response, ..Interaction::default() }
    }

    /// A story of one interaction.
    fn after(item: &Interaction) -> Story {
        let mut story = Story::of("caller");
        story.note_request(item);
        story.note_answer(item);
        story.note_sent(item);
        story
    }

    #[test]
    fn an_invitation_shows_the_route_that_the_cassette_did_not_set() {
        let answer = json!({ "invitation_url": "https://shop.example/login?invitation=abc" });
        let item = answered("POST", "/api/v2/organizations/org_1/invitations", json!({}), answer);
        assert_eq!(Earlier::of(&item, &Story::of("caller")), Some(Earlier::LoginRoute("https://shop.example/login")));
        let mut given = Story::of("caller");
        given.note_given("https://shop.example/login");
        assert_eq!(Earlier::of(&item, &given), None, "one request gives the route");
        let route = json!({ "initiate_login_uri": "https://mine.example" });
        assert_eq!(Earlier::of(&item, &after(&answered("POST", "/api/v2/clients", route, Value::Null))), None);
        let elsewhere = Interaction { path: "/api/v2/tickets".to_owned(), ..item };
        assert_eq!(Earlier::of(&elsewhere, &Story::of("caller")), None);
    }

    #[test]
    fn a_first_domain_that_is_not_primary_shows_another_one() {
        let created = |primary: bool| {
            let answer = json!({ "custom_domain_id": "cd_Rec0rdedRec0rded", "primary": primary });
            answered("POST", "/api/v2/custom-domains", json!({ "domain": "login.travel0.example" }), answer)
        };
        let (first, second) = (created(true), created(false));
        assert_eq!(Earlier::of(&second, &Story::of("caller")), Some(Earlier::PrimaryDomain));
        assert_eq!(Earlier::of(&second, &after(&first)), None);
        assert_eq!(Earlier::of(&first, &Story::of("caller")), None);
    }

    #[test]
    fn a_default_domain_that_the_cassette_did_not_create_was_there() {
        let domain = json!({ "custom_domain_id": "cd_Rec0rdedRec0rded", "domain": "login.travel0.example" });
        let item = answered("PATCH", "/api/v2/custom-domains/default", json!({}), domain.clone());
        assert_eq!(Earlier::of(&item, &Story::of("caller")), Some(Earlier::VerifiedDomain(&domain)));
        assert_eq!(
            Earlier::of(&item, &after(&answered("POST", "/api/v2/custom-domains", json!({}), domain.clone()))),
            None
        );
        let of_the_tenant = json!({ "domain": "travel0.localhost" });
        let item = answered("PATCH", "/api/v2/custom-domains/default", json!({}), of_the_tenant);
        assert_eq!(Earlier::of(&item, &Story::of("caller")), None);
    }

    #[test]
    fn an_email_template_that_the_cassette_did_not_create_was_there() {
        let template = json!({ "template": "welcome_email", "subject": "Welcome" });
        let read = answered("GET", "/api/v2/email-templates/welcome_email", Value::Null, template.clone());
        assert_eq!(Earlier::of(&read, &Story::of("caller")), Some(Earlier::EmailTemplate(&template)));
        let create = answered("POST", "/api/v2/email-templates", template.clone(), template.clone());
        assert_eq!(Earlier::of(&read, &after(&create)), None);
        let missing = Interaction { status: 404, ..read };
        assert_eq!(Earlier::of(&missing, &Story::of("caller")), None);
    }
}
