//! Random token requests. Most come near a token, as a request with three faults tells no more than one with its first.

use super::choices::Choices;
use super::model::{Api, CLIENT_CREDENTIALS, Client, Grant, Holder, Model, Party};
use super::sequence::{CLIENTS, NAMES, ORGANIZATIONS, SCOPES, an_audience};
use super::step::{Body, Certificate, Proof, Sent, TokenRequest};

/// Mostly for what some grant allows.
pub fn token_request(choices: &mut Choices<'_>, model: &Model) -> TokenRequest {
    let grant = choices.any_of(&model.grants).filter(|_| !choices.chance(12));
    let third: Vec<&Client> = model.clients.iter().filter(|client| client.party != Party::First).collect();
    let client = match grant.map(|grant| &grant.holder) {
        Some(Holder::Client(id)) => model.client(id),
        Some(Holder::ThirdPartyClients) => choices.any_of(&third).copied(),
        None => choices.any_of(&model.clients),
    };
    let id = client.map_or(CLIENTS[3], |client| &client.id).to_owned();
    let secret = client.map_or("secret-of-nobody", |client| &client.secret).to_owned();
    let audience = grant.map_or_else(|| an_audience(choices, model), |grant| grant.audience.clone());

    let organization = organization_parameter(choices, model, grant);
    let scope = scope_sent(choices, grant);
    let mut request = TokenRequest {
        body: choices.weighted(&[(70, Body::Json), (26, Body::Form), (4, Body::NoType)]),
        basic: None,
        parameters: vec![("grant_type", text(CLIENT_CREDENTIALS))],
        host: choices.one_of(&[None, Some("127.0.0.1:4000"), None]),
        proof: None,
        certificate: None,
    };
    if choices.chance(25) {
        request.basic = Some((id, secret));
    } else {
        request.parameters.extend([("client_id", text(id)), ("client_secret", text(secret))]);
    }
    request.parameters.push(("audience", text(audience)));
    request.parameters.extend(scope.map(|scope| ("scope", scope)));
    request.parameters.extend(organization.map(|organization| ("organization", organization)));
    let binds = model.apis.iter().any(|api| api.possession.is_some());
    request.proof = (binds && choices.chance(40)).then(|| proof(choices, model, request.host));
    let takes_certificates = |api: &Api| api.possession.is_some_and(|possession| possession.mechanism == "mtls");
    if model.apis.iter().any(takes_certificates) && choices.chance(50) {
        request.certificate = Some(choices.weighted(&[(4, Certificate::Valid), (1, Certificate::NotYetValid)]));
    }
    if model.settings.reads_resource && choices.chance(40) {
        name_by_resource(&mut request, choices);
    }
    if choices.chance(15) {
        spoil(&mut request, choices, client);
    }
    if request.body != Body::Json {
        request.parameters.retain(|(_, sent)| matches!(sent, Sent::Text(_)));
    }
    request
}

/// Mostly a valid one.
fn proof(choices: &mut Choices<'_>, model: &Model, host: Option<&str>) -> Proof {
    let (domain, local) = ("https://travel0.localhost/oauth/token", "http://127.0.0.1:4000/oauth/token");
    let own = if host.is_some() { local } else { domain };
    // A single byte, as the tape is short: the id, and at most one fault.
    let number = choices.below(100);
    let (iat, htu, is_forged) = match number % 20 {
        0 => (model.now - 301, own, false),
        1 => (model.now + 31, own, false),
        2 => (model.now, own, true),
        3 => (model.now, "https://travel0.localhost/", false),
        4 => (model.now, "http://127.0.0.1:4001/oauth/token", false),
        5 => (model.now - 300, own, false),
        6 => (model.now + 30, domain, false),
        _ => (model.now, own, false),
    };
    Proof { jti: ["one", "two", "three", "four", "five"][number / 20], iat, htu, is_forged }
}

fn text(text: impl Into<String>) -> Sent {
    Sent::Text(text.into())
}

/// Mostly in place of the audience.
fn name_by_resource(request: &mut TokenRequest, choices: &mut Choices<'_>) {
    let number = choices.below(10);
    if number == 9 {
        request.parameters.push(("resource", text("https://nowhere.example")));
        return;
    }
    for (name, sent) in &mut request.parameters {
        if *name == "audience" {
            *name = "resource";
            match number {
                6 => *sent = text("https://nowhere.example"),
                7 => *sent = choices.one_of(&[text(""), Sent::Null, Sent::Number(1)]),
                _ => {}
            }
        }
    }
    if number == 8 {
        request.parameters.push(("resource", text("urn:fleet")));
    }
}

fn organization_parameter(choices: &mut Choices<'_>, model: &Model, grant: Option<&Grant>) -> Option<Sent> {
    let associated = |grant: &&Grant| model.associations.iter().find(|pair| pair.grant == grant.id);
    let some = choices.any_of(&model.organizations);
    let linked = grant.as_ref().and_then(associated).map(|pair| pair.organization.clone());
    let or_unknown = |id: Option<String>| text(id.unwrap_or_else(|| ORGANIZATIONS[0].to_owned()));
    Some(match choices.below(20) {
        0..=5 => return None,
        6..=9 => or_unknown(linked.or_else(|| some.map(|found| found.id.clone()))),
        10..=12 => or_unknown(some.map(|found| found.id.clone())),
        13..=15 => or_unknown(some.map(|found| found.name.clone())),
        16 => or_unknown(some.map(|found| found.display_name.clone())),
        17 => text(choices.one_of(&ORGANIZATIONS)),
        18 => choices.one_of(&[text(""), Sent::Null, Sent::Number(7)]),
        _ => {
            let known = some.map_or(ORGANIZATIONS[0], |found| &found.id);
            let name = some.map_or(NAMES[0], |found| &found.name);
            choices.one_of(&[
                text("org_Nowhere000000001"),
                text("nowhere"),
                text(known.to_uppercase()),
                text(name.to_uppercase()),
                text(known.to_lowercase()),
                text(format!(" {name}")),
                text(format!("{known}0")),
                text("org_"),
            ])
        }
    })
}

fn scope_sent(choices: &mut Choices<'_>, grant: Option<&Grant>) -> Option<Sent> {
    let granted = grant.map(|grant| grant.scope.clone()).unwrap_or_default();
    Some(text(match choices.below(20) {
        0..=9 => return None,
        10..=12 => choices.any_of(&granted).cloned().unwrap_or_default(),
        13 => granted.into_iter().rev().collect::<Vec<_>>().join(" "),
        14 => granted.iter().map(|scope| format!("{scope} {scope}")).collect::<Vec<_>>().join(" "),
        15 => format!(" {} ", granted.join("  ")),
        16 => choices.some_of(&SCOPES).join(" "),
        17 => choices.one_of(&["openid", "READ:TRIPS", "read:trips nothing", "nothing anything"]).to_owned(),
        18 => String::new(),
        _ => SCOPES[choices.below(SCOPES.len())].to_owned(),
    }))
}

/// Makes one mistake.
fn spoil(request: &mut TokenRequest, choices: &mut Choices<'_>, client: Option<&Client>) {
    let old = client.and_then(|client| client.old_secrets.last());
    let mistake = choices.below(16);
    let replace = |request: &mut TokenRequest, name: &'static str, sent: Option<Sent>| {
        request.parameters.retain(|(other, _)| *other != name);
        request.parameters.extend(sent.map(|sent| (name, sent)));
    };
    match mistake {
        0 => replace(request, "audience", None),
        1 => replace(request, "audience", Some(choices.one_of(&[text(""), Sent::Null, Sent::Number(1)]))),
        2 => {
            let audiences =
                ["https://nowhere.example", "https://booking.example", "URN:FLEET", "https://travel0.example/api/"];
            replace(request, "audience", Some(text(choices.one_of(&audiences))));
        }
        3 => replace(request, "client_secret", Some(text("wrong"))),
        4 => replace(request, "client_secret", old.map(text)),
        5 => replace(request, "client_secret", Some(choices.one_of(&[text(""), Sent::Null, Sent::Number(1)]))),
        6 => replace(
            request,
            "client_id",
            Some(choices.one_of(&[text("NoBot"), text(""), text("partnerbot"), Sent::Null])),
        ),
        7 => {
            request.basic = None;
            replace(request, "client_id", None);
        }
        8 => replace(request, "client_id", client.map(|client| text(client.id.to_lowercase()))),
        9 => replace(
            request,
            "grant_type",
            choices.one_of(&[None, Some(text("")), Some(Sent::Null), Some(Sent::Number(0))]),
        ),
        10 => {
            let others = ["password", "CLIENT_CREDENTIALS", "authorization_code", "client-credentials"];
            replace(request, "grant_type", Some(text(choices.one_of(&others))));
        }
        // The value is sent twice: in a place that is read and in a place that is ignored.
        11 => {
            let twice = request.parameters[choices.below(request.parameters.len())].clone();
            request.parameters.push(twice);
        }
        12 => request.parameters.extend([("resource", text("a")), ("resource", text("b"))]),
        13 => request.body = choices.one_of(&[Body::OtherType, Body::BrokenJson]),
        14 => {
            let (id, secret) = client.map_or(("NoBot", "wrong"), |client| (&client.id, &client.secret));
            request.basic = Some(choices.one_of(&[
                (id.to_owned(), secret.to_owned()),
                (id.to_owned(), "wrong".to_owned()),
                ("NoBot".to_owned(), secret.to_owned()),
            ]));
        }
        _ => replace(request, "client_id", Some(text(choices.one_of(&CLIENTS)))),
    }
}
