//! The step for requests that no other step can send: it contains the whole request.

use cucumber::gherkin::Step;
use cucumber::when;
use http::{HeaderName, Method};

use crate::conformance::scenario::steps::setup::doc_string;
use crate::conformance::scenario::world::World;

/// Method and path, one line for each header, an empty line, and the body. Only the headers that HTTP needs are added.
#[when(regex = r"^the tenant is sent$")]
async fn the_tenant_is_sent(world: &mut World, step: &Step) {
    let text = doc_string(step);
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let (method, path) =
        first.split_once(' ').unwrap_or_else(|| panic!("{first:?} is not a method and a path, as GET /userinfo"));
    let method: Method = method.parse().unwrap_or_else(|_| panic!("{method:?} is no method"));
    let path = world.fill_path(path.trim());
    world.session().check_raw(&method, &path).unwrap_or_else(|mistake| panic!("{mistake}"));
    let mut request = world.target().request(method, &path);
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("{line:?} is no header"));
        let name: HeaderName = name.trim().parse().unwrap_or_else(|_| panic!("{name:?} is not the name of a header"));
        request = request.header(name, &world.fill(value.trim()));
    }
    if !body.is_empty() {
        request.body = world.fill(body).into();
    }
    let answer = world.send(request).await;
    world.set_last(answer);
}
