//! A partner's bot, from its first refusal to its last token: `cargo run --example partner_bot`.
//!
//! What the wire says and what the tenant knows stand side by side.

use m2mock::{MockTenant, OrganizationUsage, Token, TokenRefused};

fn main() {
    let tenant = MockTenant::start();
    println!("a tenant answers at {}, and its tokens name {} as their issuer\n", tenant.uri(), tenant.issuer());

    let api = tenant.api("https://travel0.example/api").scopes(["read:trips", "book:trips"]).create();
    let bot = tenant.application("Partner bot").create();
    let granite = tenant.organization("granite-tours").create();
    let summit = tenant.organization("summit-trips").create();

    tell("without a grant", "R70", &tenant.token(&bot).audience(&api).request());

    let grant =
        tenant.client_grant(&bot, &api).scopes(["read:trips"]).organization_usage(OrganizationUsage::Require).create();
    tell("with a grant that requires an organization", "R16", &tenant.token(&bot).audience(&api).request());

    tenant.associate(&granite, &grant);
    tell("for its own organization", "R18", &tenant.token(&bot).audience(&api).organization(&granite).request());
    tell("for somebody else's", "R19", &tenant.token(&bot).audience(&api).organization(&summit).request());

    tenant.set_default_organization(&bot, &granite);
    tell("with a default organization, naming none", "R17", &tenant.token(&bot).audience(&api).request());
}

fn tell(what: &str, rule: &str, answer: &Result<Token, TokenRefused>) {
    println!("{what}:");
    match answer {
        Ok(token) => println!("  the wire: a token for {} with {}", token.claims["org_id"], token.scopes.join(" ")),
        Err(refused) => println!("  the wire: {} {}: {}", refused.status, refused.error, refused.description),
    }
    let (Ok(Token { rules, why, .. }) | Err(TokenRefused { rules, why, .. })) = answer;
    println!("  the journal: {}: {why}\n", rules.join(", "));
    assert!(rules.contains(&rule), "{what}: {rule} decides");
}
