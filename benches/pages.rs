//! What a page costs when the tenant is large: 100,000 organizations beside 1,000, in process, bearer token and all.
//!
//! Every organization is associated with one client grant, so that the grant's own list is as long. Offset paging ends
//! at a thousand records, as with the live service, so its last page is the same in both; cursors reach the end. Memory
//! is counted by the allocator: all that is alive, divided by the organizations, associations included.

mod measure;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Method, Request};
use m2mock::api::{Config, Pins, Tenant};
use measure::{Pair, head, milliseconds, rounds, row, short, title};
use serde_json::{Value, json};

const GOAL: f64 = 1.5;

/// Requests in one measurement: one alone is too short for the clock.
const TURN: usize = 20;

fn main() {
    let (few, many) = if short() { (100, 200) } else { (1_000, 100_000) };
    title(&format!("A page of 50 at {many} organizations and at {few}"));
    let large = Filled::with(many);
    let small = Filled::with(few);

    head(&["GET", &format!("at {many}, µs"), &format!("at {few}, µs"), "ratio", "goal"]);
    for &(what, path) in PAGES {
        let (of_large, of_small) = (path(&large), path(&small));
        let pair = Pair::measure(rounds(201, 1), || large.turn(&of_large), || small.turn(&of_small));
        let microseconds = |milliseconds: f64| format!("{:.1}", milliseconds * 1e3 / TURN as f64);
        let ratio = format!("{:.2}", pair.ratio());
        row(&[what, &microseconds(pair.ours()), &microseconds(pair.rival()), &ratio, &format!("<= {GOAL}")]);
    }

    println!("\n{} bytes for each of {many} organizations, association included.", large.bytes_each);
}

type PathOf = fn(&Filled) -> String;

const PAGES: &[(&str, PathOf)] = &[
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
struct Filled {
    tenant: Tenant,
    bearer: String,
    count: usize,
    grant: String,
    /// Cursors of the list and of the grant's list.
    middle: String,
    last: String,
    middle_of_grant: String,
    bytes_each: usize,
}

impl Filled {
    fn with(count: usize) -> Filled {
        let tenant = Tenant::new(Config::default());
        let scopes = ["read:organizations", "read:client_grants", "read:organization_client_grants"];
        let bearer = format!("Bearer {}", tenant.management_token("localhost", &scopes));
        let mut filled = Filled {
            tenant,
            bearer,
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
        self.create("/resource-servers", json!({ "identifier": identifier }));
        let client = self.create("/clients", json!({ "name": "Partner bot", "grant_types": ["client_credentials"] }));
        let grant = json!({
            "client_id": client["client_id"],
            "audience": identifier,
            "scope": [],
            "organization_usage": "allow",
        });
        self.grant = text(&self.create("/client-grants", grant)["id"]);

        let before = ALIVE.load(Ordering::Relaxed);
        for number in 0..self.count {
            let body = json!({ "name": format!("organization-{number}"), "display_name": format!("No. {number}") });
            let organization = text(&self.create("/organizations", body)["id"]);
            let path = format!("/organizations/{organization}/client-grants");
            self.create(&path, json!({ "grant_id": self.grant }));
        }
        self.bytes_each = ALIVE.load(Ordering::Relaxed).saturating_sub(before) / self.count;

        let halves = |path: &str| self.cursor_after(path, self.count / 2);
        let (middle, middle_of_grant) =
            (halves("/organizations"), halves(&format!("/client-grants/{}/organizations", self.grant)));
        self.last = self.cursor_after("/organizations", self.count - 50);
        self.middle = middle;
        self.middle_of_grant = middle_of_grant;
    }

    fn create(&self, path: &str, body: Value) -> Value {
        let created = self.tenant.perform(Method::POST, path, body, Pins::default());
        created.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The cursor that continues a list after so many entities.
    fn cursor_after(&self, path: &str, count: usize) -> String {
        let mut cursor = String::new();
        let mut seen = 0;
        while seen < count {
            let take = (count - seen).min(50);
            let page = self.get(&format!("{path}?take={take}{cursor}"));
            let page: Value = serde_json::from_slice(&page).expect("JSON");
            cursor = format!("&from={}", text(&page["next"]));
            seen += take;
        }
        cursor.trim_start_matches("&from=").to_owned()
    }

    /// Pages of 50 that offset paging reaches.
    fn offset_pages(&self) -> usize {
        self.count.min(1_000) / 50
    }

    fn get(&self, path: &str) -> Bytes {
        let request = Request::get(format!("/api/v2{path}")).header("authorization", &self.bearer);
        let response = self.tenant.answer(request.body(Bytes::new()).expect("a request"));
        assert_eq!(response.status(), 200, "{path}: {}", String::from_utf8_lossy(response.body()));
        response.into_body()
    }

    fn turn(&self, path: &str) -> f64 {
        milliseconds(|| (0..TURN).map(|_| self.get(path)).collect::<Vec<_>>())
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The system's allocator, which also counts what is alive.
struct Counting;

static ALIVE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

// Every call goes on to the system's allocator as it came, so its promises hold here too.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALIVE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        ALIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}
