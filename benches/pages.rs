//! The cost of a page in a large tenant: 100,000 organizations beside 1,000, in process, with bearer token.
//!
//! Every organization is associated with one client grant, so that the grant's own list is as long. Offset paging ends
//! at a thousand records, as with the live service, so its last page is the same in both; cursors reach the end. Memory
//! is counted by the allocator: all that is alive, divided by the organizations, associations included.

mod measure;

use measure::alive::{Counting, alive};
use measure::in_process::{Filled, InProcess, Page, at_two_sizes, text};
use measure::{short, title};
use serde_json::json;

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() {
    let (few, many) = if short() { (100, 200) } else { (1_000, 100_000) };
    title(&format!("A page of 50 at {many} organizations and at {few}"));
    let large = Organizations::with(many);
    let small = Organizations::with(few);

    at_two_sizes(&large, &small, PAGES);

    println!("\n{} bytes for each of {many} organizations, association included.", large.bytes_each);
}

const PAGES: &[Page<Organizations>] = &[
    ("first offset page", |_| "/organizations?per_page=50&page=0".to_owned()),
    ("middle offset page, with totals", |tenant| {
        format!("/organizations?per_page=50&page={}&include_totals=true", tenant.offset_pages() / 2)
    }),
    ("last offset page that can be reached", |tenant| {
        format!("/organizations?per_page=50&page={}", tenant.offset_pages() - 1)
    }),
    ("first cursor page", |_| "/organizations?take=50".to_owned()),
    ("cursor page in the middle", |tenant| format!("/organizations?take=50&from={}", tenant.middle)),
    ("last cursor page", |tenant| format!("/organizations?take=50&from={}", tenant.last)),
    ("sorted by name, last page that can be reached", |tenant| {
        format!("/organizations?sort=name:1&per_page=50&page={}", tenant.offset_pages() - 1)
    }),
    ("sorted by name downwards", |_| "/organizations?sort=name:-1&per_page=50".to_owned()),
    ("organizations of a grant, first", |tenant| format!("/client-grants/{}/organizations?take=50", tenant.grant)),
    ("organizations of a grant, middle", |tenant| {
        format!("/client-grants/{}/organizations?take=50&from={}", tenant.grant, tenant.middle_of_grant)
    }),
    ("one organization by name", |tenant| format!("/organizations/name/organization-{}", tenant.count / 2)),
];

/// A tenant with many organizations.
struct Organizations {
    tenant: InProcess,
    count: usize,
    grant: String,
    /// Cursors of the list and of the grant's list.
    middle: String,
    last: String,
    middle_of_grant: String,
    bytes_each: usize,
}

impl Filled for Organizations {
    fn count(&self) -> usize {
        self.count
    }

    fn tenant(&self) -> &InProcess {
        &self.tenant
    }
}

impl Organizations {
    fn with(count: usize) -> Organizations {
        let scopes = ["read:organizations", "read:client_grants", "read:organization_client_grants"];
        let mut filled = Organizations {
            tenant: InProcess::with(&scopes),
            count,
            grant: String::new(),
            middle: String::new(),
            last: String::new(),
            middle_of_grant: String::new(),
            bytes_each: 0,
        };
        filled.fill();
        filled
    }

    fn fill(&mut self) {
        let identifier = "https://travel0.example/api";
        self.tenant.create("/resource-servers", json!({ "identifier": identifier }));
        let client =
            self.tenant.create("/clients", json!({ "name": "Partner bot", "grant_types": ["client_credentials"] }));
        let grant = json!({
            "client_id": client["client_id"],
            "audience": identifier,
            "scope": [],
            "organization_usage": "allow",
        });
        self.grant = text(&self.tenant.create("/client-grants", grant)["id"]);

        let before = alive();
        for number in 0..self.count {
            let body = json!({ "name": format!("organization-{number}"), "display_name": format!("No. {number}") });
            let organization = text(&self.tenant.create("/organizations", body)["id"]);
            let path = format!("/organizations/{organization}/client-grants");
            self.tenant.create(&path, json!({ "grant_id": self.grant }));
        }
        self.bytes_each = alive().saturating_sub(before) / self.count;

        let halves = |path: &str| self.tenant.cursor_after(path, self.count / 2);
        let (middle, middle_of_grant) =
            (halves("/organizations"), halves(&format!("/client-grants/{}/organizations", self.grant)));
        self.last = self.tenant.cursor_after("/organizations", self.count - 50);
        self.middle = middle;
        self.middle_of_grant = middle_of_grant;
    }

    /// Pages of 50 that offset paging reaches.
    fn offset_pages(&self) -> usize {
        self.count.min(1_000) / 50
    }
}
