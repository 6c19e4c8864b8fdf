//! Steps about the members of an organization.

use cucumber::{given, when};
use http::Method;
use serde_json::json;

use crate::conformance::scenario::world::World;

#[given(regex = r#"^"([^"]*)" is a member of "([^"]*)"(?: with the role "([^"]*)")?$"#)]
#[when(regex = r#"^"([^"]*)" is a member of "([^"]*)"(?: with the role "([^"]*)")?$"#)]
async fn is_a_member(world: &mut World, user: String, organization: String, role: String) {
    let members = format!("/organizations/{{{organization}.id}}/members");
    let body = json!({ "members": [world.get(&format!("{user}.user_id"))] });
    world.call(Method::POST, &world.fill_path(&members), Some(body)).await;
    assert!(world.last().status == 204, "the membership answered {}", world.last());
    if !role.is_empty() {
        let path = world.fill_path(&format!("{members}/{{{user}.user_id}}/roles"));
        let body = json!({ "roles": [world.get(&format!("{role}.id"))] });
        world.call(Method::POST, &path, Some(body)).await;
        assert!(world.last().status == 204, "the role answered {}", world.last());
    }
}

#[given(regex = r#"^"([^"]*)" is invited to "([^"]*)" by "([^"]*)"$"#)]
async fn is_invited(world: &mut World, invitee: String, organization: String, client: String) {
    let path = world.fill_path(&format!("/organizations/{{{organization}.id}}/invitations"));
    let body = json!({
        "client_id": world.get(&format!("{client}.client_id")),
        "inviter": { "name": "Ada" },
        "invitee": { "email": format!("{invitee}@example.com") },
    });
    world.call(Method::POST, &path, Some(body)).await;
    assert!(world.last().status == 201, "the invitation answered {}", world.last());
}
