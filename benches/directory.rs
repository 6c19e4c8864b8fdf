//! What the lists of users and roles cost when the tenant is large: 100,000 users with ten roles each, a million
//! associations, beside 1,000 users with the same ten, in process, bearer token and all. Every user is a member of one
//! organization as well, and has one of the roles there.
//!
//! Offset paging ends at a thousand records, so its last page is the same in both; cursors reach the end. Memory is
//! counted by the allocator: what users, associations and memberships add, divided by their number.

mod measure;

use measure::alive::{Counting, alive};
use measure::in_process::{Filled, InProcess, Page, at_two_sizes, text};
use measure::{short, title};
use serde_json::{Value, json};

#[global_allocator]
static COUNTING: Counting = Counting;

const ROLES: usize = 10;

const SCOPES: &[&str] =
    &["read:users", "read:roles", "read:organizations", "read:organization_members", "read:organization_member_roles"];

/// Users that are given a role, or made members, in one request.
const AT_ONCE: usize = 1_000;

fn main() {
    let (few, many) = if short() { (100, 200) } else { (1_000, 100_000) };
    title(&format!("A page of 50 at {many} users with {ROLES} roles each, and at {few}"));
    let large = Directory::with(many);
    let small = Directory::with(few);

    at_two_sizes(&large, &small, PAGES);

    println!("\n{} bytes for each of {many} users,", large.bytes_each_user);
    println!("{} bytes for each of {} associations of a user with a role,", large.bytes_each_role, many * ROLES);
    println!("{} bytes for each of {many} memberships with a role.", large.bytes_each_member);
}

const PAGES: &[Page<Directory>] = &[
    ("first page of users", |_| "/users?per_page=50&page=0".to_owned()),
    ("last page of users that can be reached, with totals", |tenant| {
        format!("/users?per_page=50&page={}&include_totals=true", tenant.offset_pages() - 1)
    }),
    ("one user by email", |tenant| format!("/users-by-email?email=user-{}%40travel0.example", tenant.count / 2)),
    ("first page of a role's users, with totals", |tenant| {
        format!("/roles/{}/users?per_page=50&include_totals=true", tenant.role)
    }),
    ("first cursor page of a role's users", |tenant| format!("/roles/{}/users?take=50", tenant.role)),
    ("cursor page in the middle", |tenant| format!("/roles/{}/users?take=50&from={}", tenant.role, tenant.middle)),
    ("last cursor page", |tenant| format!("/roles/{}/users?take=50&from={}", tenant.role, tenant.last)),
    ("roles of a user, with totals", |tenant| format!("/users/{}/roles?include_totals=true", tenant.user)),
    ("first page of members with their roles, with totals", |tenant| {
        format!("/organizations/{}/members?fields=user_id,roles&include_totals=true", tenant.organization)
    }),
    ("cursor page of members in the middle", |tenant| {
        format!("/organizations/{}/members?take=50&from={}", tenant.organization, tenant.middle_member)
    }),
    ("roles of a member", |tenant| format!("/organizations/{}/members/{}/roles", tenant.organization, tenant.user)),
    ("organizations of a user", |tenant| format!("/users/{}/organizations", tenant.user)),
];

/// A tenant with many users, all of whom have the same roles.
struct Directory {
    tenant: InProcess,
    count: usize,
    role: String,
    /// Cursors of the role's list.
    middle: String,
    last: String,
    organization: String,
    middle_member: String,
    /// A user in the middle, as a path says it.
    user: String,
    bytes_each_user: usize,
    bytes_each_role: usize,
    bytes_each_member: usize,
}

impl Filled for Directory {
    fn count(&self) -> usize {
        self.count
    }

    fn tenant(&self) -> &InProcess {
        &self.tenant
    }
}

impl Directory {
    fn with(count: usize) -> Directory {
        let tenant = InProcess::with(SCOPES);
        let before = alive();
        let users: Vec<Value> = (0..count).map(|number| user(&tenant, number)).collect();
        // What this list itself takes is alive as well.
        let ids: usize = users.iter().map(|id| size_of::<Value>() + id.as_str().map_or(0, str::len)).sum();
        let bytes_each_user = alive().saturating_sub(before + ids) / count;

        let roles: Vec<String> = (0..ROLES)
            .map(|number| text(&tenant.create("/roles", json!({ "name": format!("role-{number}") }))["id"]))
            .collect();
        let before = alive();
        for role in &roles {
            for some in users.chunks(AT_ONCE) {
                tenant.create(&format!("/roles/{role}/users"), json!({ "users": some }));
            }
        }
        let bytes_each_role = alive().saturating_sub(before) / (count * ROLES);

        let organization = text(&tenant.create("/organizations", json!({ "name": "everyone" }))["id"]);
        let members = format!("/organizations/{organization}/members");
        let before = alive();
        for some in users.chunks(AT_ONCE) {
            tenant.create(&members, json!({ "members": some }));
        }
        for (user, role) in users.iter().zip(roles.iter().cycle()) {
            tenant.create(&format!("{members}/{}/roles", in_path(user)), json!({ "roles": [role] }));
        }
        let bytes_each_member = alive().saturating_sub(before) / count;

        let role = roles[0].clone();
        let cursor = |after| tenant.cursor_after(&format!("/roles/{role}/users"), after);
        let (middle, last) = (cursor(count / 2), cursor(count - 50));
        let middle_member = tenant.cursor_after(&members, count / 2);
        let user = in_path(&users[count / 2]);
        Directory {
            tenant,
            count,
            role,
            middle,
            last,
            organization,
            middle_member,
            user,
            bytes_each_user,
            bytes_each_role,
            bytes_each_member,
        }
    }

    /// Pages of 50 that offset paging reaches.
    fn offset_pages(&self) -> usize {
        self.count.min(1_000) / 50
    }
}

/// Makes a user and tells its id.
fn user(tenant: &InProcess, number: usize) -> Value {
    let body = json!({
        "connection": "Username-Password-Authentication",
        "email": format!("user-{number}@travel0.example"),
        "password": "Passengers 1st",
    });
    tenant.create("/users", body)["user_id"].take()
}

/// The id of a user as a path says it.
fn in_path(user: &Value) -> String {
    text(user).replace('|', "%7C")
}
