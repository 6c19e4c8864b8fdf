//! Two tenants of one company, each with its own customers: `cargo run --example many_tenants`.
//!
//! A `MockTenant` costs half a millisecond and shares nothing with another, so a test starts as many as its story needs.

use std::error::Error;
use std::time::Duration;

use m2mock::{Clock, MockTenant, OrganizationUsage};

struct Region {
    tenant: MockTenant,
    api: m2mock::Api,
    bot: m2mock::Application,
}

impl Region {
    /// The tenants keep the same time, because they are given the same clock.
    fn start(domain: &str, customers: &[&str], clock: &Clock) -> Region {
        let tenant = MockTenant::builder().domain(domain).clock(clock.clone()).start();
        let api = tenant.api("https://travel0.example/api").create();
        let bot = tenant.application("Partner bot").create();
        let grant = tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Require).create();
        for customer in customers {
            tenant.associate(&tenant.organization(*customer).create(), &grant);
        }
        tenant.allow_organization_names();
        Region { tenant, api, bot }
    }

    fn serves(&self, customer: &str) -> bool {
        self.tenant.token(&self.bot).audience(&self.api).organization(customer).request().is_ok()
    }

    /// What the Management API answers to this token.
    async fn status(&self, token: &str) -> Result<u16, reqwest::Error> {
        let request = reqwest::Client::new().get(self.tenant.uri() + "/api/v2/organizations").bearer_auth(token);
        Ok(request.send().await?.status().as_u16())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let clock = Clock::system();
    let europe = Region::start("travel0.eu.localhost", &["granite-tours"], &clock);
    let america = Region::start("travel0.us.localhost", &["summit-trips"], &clock);

    for (customer, in_europe, in_america) in [("granite-tours", true, false), ("summit-trips", false, true)] {
        let served = (europe.serves(customer), america.serves(customer));
        println!("{customer}: in Europe {}, in America {}", served.0, served.1);
        assert_eq!(served, (in_europe, in_america));
    }

    // A token opens the tenant that gave it and no other.
    let token = europe.tenant.management_token(&["read:organizations"]);
    let (at_home, abroad) = (europe.status(&token).await?, america.status(&token).await?);
    println!("a European token: {at_home} in Europe, {abroad} in America");
    assert_eq!((at_home, abroad), (200, 401));

    // What happens to one happens to that one, but for the time that they share.
    europe.tenant.faults().on_token().unavailable();
    println!("Europe is down: {}, America is up: {}", !europe.serves("granite-tours"), america.serves("summit-trips"));
    assert!(!europe.serves("granite-tours") && america.serves("summit-trips"));
    europe.tenant.clock().advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(europe.tenant.clock().unix(), america.tenant.clock().unix());
    assert_eq!(europe.status(&token).await?, 401);
    println!("a day later the token is at its end");
    Ok(())
}
