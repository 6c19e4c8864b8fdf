//! Steps that send token requests and check the tokens.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use http::Method;
use serde_json::{Map, Value, json};

use crate::conformance::http::Request;
use crate::conformance::scenario::steps::answer::{assert_envelope_of_oauth, check_table, rows};
use crate::conformance::scenario::steps::setup::doc_string;
use crate::conformance::scenario::variables::member;
use crate::conformance::scenario::world::World;

pub(super) fn token_endpoint(world: &World) -> Request {
    world.target().request(Method::POST, "/oauth/token")
}

/// A request as documented: form encoded, credentials in the body. A table below the step adds and replaces parameters; "(left out)"
/// removes a parameter.
#[given(
    regex = r#"^"([^"]*)" asks for a token(?: for (?:"([^"]*)"|(the Management API)))?(?: in organization "([^"]*)")?(?: in the organization named "([^"]*)")?(?: with scope "([^"]*)")?( as JSON| with Basic credentials)?(?: with)? ?$"#
)]
#[when(
    regex = r#"^"([^"]*)" asks for a token(?: for (?:"([^"]*)"|(the Management API)))?(?: in organization "([^"]*)")?(?: in the organization named "([^"]*)")?(?: with scope "([^"]*)")?( as JSON| with Basic credentials)?(?: with)? ?$"#
)]
#[allow(clippy::too_many_arguments, reason = "one argument for each optional part of the sentence")]
async fn asks_for_a_token(
    world: &mut World,
    client: String,
    api: String,
    management: String,
    organization: String,
    organization_name: String,
    scope: String,
    encoding: String,
    step: &Step,
) {
    let client_id = world.get(&format!("{client}.client_id"));
    let secret = world.get(&format!("{client}.client_secret"));
    let with_basic = encoding == " with Basic credentials";

    let mut parameters = vec![("grant_type", "client_credentials".to_owned())];
    if !with_basic {
        parameters.push(("client_id", client_id.clone()));
        parameters.push(("client_secret", secret.clone()));
    }
    if !api.is_empty() {
        parameters.push(("audience", world.get(&format!("{api}.identifier"))));
    } else if !management.is_empty() {
        parameters.push(("audience", world.get("management.audience")));
    }
    if !organization.is_empty() {
        parameters.push(("organization", world.get(&format!("{organization}.id"))));
    }
    if !organization_name.is_empty() {
        parameters.push(("organization", world.get(&format!("{organization_name}.name"))));
    }
    if !scope.is_empty() {
        parameters.push(("scope", scope));
    }
    for [name, value] in rows(step) {
        parameters.retain(|(known, _)| *known != name);
        if value != "(left out)" {
            parameters.push((name, world.fill(value)));
        }
    }

    let mut request = if encoding == " as JSON" {
        let body: Map<String, Value> =
            parameters.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        token_endpoint(world).json(&body)
    } else {
        token_endpoint(world).form(parameters.iter().map(|(name, value)| (*name, value.as_str())))
    };
    if with_basic {
        request = request.basic(&client_id, &secret);
    }
    ask(world, request).await;
}

pub(super) async fn ask(world: &mut World, request: Request) {
    let answer = world.send(request).await;
    world.set_last(answer);
}

#[when(regex = r"^the token endpoint is sent the form$")]
async fn is_sent_the_form(world: &mut World, step: &Step) {
    // One parameter a line reads better than one long line.
    let body = world.fill_path(doc_string(step)).replace('\n', "&");
    let request = token_endpoint(world).body("application/x-www-form-urlencoded", body);
    ask(world, request).await;
}

#[when(regex = r"^the token endpoint is sent the JSON$")]
async fn is_sent_the_json(world: &mut World, step: &Step) {
    let body = world.json(doc_string(step));
    let request = token_endpoint(world).json(&body);
    ask(world, request).await;
}

/// A body of any media type.
#[when(regex = r#"^the token endpoint is sent as "([^"]*)"$"#)]
async fn is_sent_as(world: &mut World, media_type: String, step: &Step) {
    let body = world.fill(doc_string(step));
    let request = token_endpoint(world).body(&media_type, body);
    ask(world, request).await;
}

// The answer.

#[given(regex = r"^a token is granted$")]
#[then(regex = r"^a token is granted$")]
async fn a_token_is_granted(world: &mut World) {
    let answer = world.last();
    assert!(answer.status == 200, "no token but {answer}");
    assert!(answer.body["access_token"].is_string(), "no access_token in {answer}");
    assert!(answer.body["token_type"] == "Bearer", "token_type is not Bearer in {answer}");
    assert!(answer.body["expires_in"].is_u64(), "expires_in is not a number of seconds in {answer}");
}

#[then(regex = r#"^a token for organization "([^"]*)" is granted$"#)]
async fn a_token_for_organization_is_granted(world: &mut World, organization: String) {
    a_token_is_granted(world).await;
    let organization = world.get(&format!("{organization}.id"));
    let claims = token_part(&world.token(), 1);
    assert!(claims["org_id"] == *organization, "org_id is not {organization} in {claims}");
}

#[then(regex = r"^a token without an organization is granted$")]
async fn a_token_without_an_organization_is_granted(world: &mut World) {
    a_token_is_granted(world).await;
    let claims = token_part(&world.token(), 1);
    for claim in ["org_id", "org_name"] {
        assert!(claims.get(claim).is_none(), "the token carries {claim}: {claims}");
    }
}

#[then(regex = r"^the token carries$")]
async fn the_token_carries(world: &mut World, step: &Step) {
    a_token_is_granted(world).await;
    check_table(world, &token_part(&world.token(), 1), step).unwrap_or_else(|mistake| panic!("{mistake}"));
}

#[then(regex = r"^the token's header carries$")]
async fn the_header_carries(world: &mut World, step: &Step) {
    a_token_is_granted(world).await;
    check_table(world, &token_part(&world.token(), 0), step).unwrap_or_else(|mistake| panic!("{mistake}"));
}

#[then(regex = r#"^the token's header carries no "([^"]*)"$"#)]
async fn the_header_carries_no(world: &mut World, name: String) {
    let header = token_part(&world.token(), 0);
    assert!(header.get(&name).is_none(), "the token's header carries {name}: {header}");
}

#[then(regex = r#"^the token carries an? "([^"]*)" of (\d+) characters$"#)]
async fn the_token_carries_a_text(world: &mut World, claim: String, length: usize) {
    let claims = token_part(&world.token(), 1);
    let actual = claims[&claim].as_str().map(|text| text.chars().count());
    assert!(actual == Some(length), "{claim} is no text of {length} characters in {claims}");
}

#[then(regex = r#"^the token carries no "([^"]*)"$"#)]
async fn the_token_carries_no(world: &mut World, claim: String) {
    let claims = token_part(&world.token(), 1);
    assert!(claims.get(&claim).is_none(), "the token carries {claim}: {claims}");
}

#[then(regex = r#"^the token carries the scopes "([^"]*)"$"#)]
async fn the_token_carries_the_scopes(world: &mut World, scopes: String) {
    a_token_is_granted(world).await;
    let claims = token_part(&world.token(), 1);
    let sorted = |text: &str| {
        let mut scopes: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        scopes.sort();
        scopes
    };
    let granted = member(&claims, "scope").and_then(Value::as_str).unwrap_or_default();
    assert_eq!(sorted(granted), sorted(&scopes), "in {claims}");
}

#[then(regex = r"^the token is good for (\d+) seconds$")]
async fn the_token_is_good_for(world: &mut World, seconds: u64) {
    a_token_is_granted(world).await;
    let answer = world.last();
    assert!(answer.body["expires_in"] == seconds, "expires_in is not {seconds} in {answer}");
    let claims = token_part(&world.token(), 1);
    let lifetime = claims["exp"].as_u64().zip(claims["iat"].as_u64()).map(|(exp, iat)| exp - iat);
    assert_eq!(lifetime, Some(seconds), "in {claims}");
}

#[then(regex = r"^the token's key is among the published keys$")]
async fn the_key_is_published(world: &mut World) {
    let header = token_part(&world.token(), 0);
    let request = world.target().request(Method::GET, "/.well-known/jwks.json");
    let published = world.send(request).await;
    let keys = published.body["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(
        keys.iter().any(|key| key["kid"] == header["kid"] && key["kty"] == "RSA" && key["use"] == "sig"),
        "{} is not among {published}",
        header["kid"]
    );
}

#[then(regex = r#"^the token is refused with (\d+) "([^"]*)" "([^"]*)"$"#)]
async fn the_token_is_refused_with(world: &mut World, status: u16, error: String, description: String) {
    assert_envelope_of_oauth(world, status, &error, &description);
}

/// The same for a description that contains quotation marks.
#[then(regex = r#"^the token is refused with (\d+) "([^"]*)" and says$"#)]
async fn the_token_is_refused_and_says(world: &mut World, status: u16, error: String, step: &Step) {
    assert_envelope_of_oauth(world, status, &error, doc_string(step));
}

#[then(regex = r#"^the token is refused with (\d+) "([^"]*)"$"#)]
async fn the_token_is_refused(world: &mut World, status: u16, error: String) {
    let answer = world.last();
    assert!(answer.status == status && answer.body["error"] == *error, "not {status} {error} but {answer}");
}

/// One part of a token: 0 is its header, 1 are its claims.
pub(super) fn token_part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_else(|| panic!("the token has no part {index}"));
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .unwrap_or_else(|error| panic!("part {index} of the token is not base64url: {error}"));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("part {index} of the token is not JSON: {error}"))
}
