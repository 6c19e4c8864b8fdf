//! The steps for requests that no other step can send: a whole request as text, and a form with a file.

use cucumber::gherkin::Step;
use cucumber::when;
use http::{HeaderName, Method};

use crate::conformance::scenario::steps::answer::rows;
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

/// A request with a `multipart/form-data` body (RFC 7578): each row of the table is a field with its value.
#[when(regex = r#"^I POST the form "([^"]*)" with$"#)]
async fn i_post_the_form(world: &mut World, path: String, step: &Step) {
    const BOUNDARY: &str = "m2mock-form-boundary";
    let path = format!("/api/v2{}", world.fill_path(&path));
    world.session().check_raw(&Method::POST, &path).unwrap_or_else(|mistake| panic!("{mistake}"));
    let token = world.target().management_token().await.unwrap_or_else(|mistake| panic!("{mistake}"));
    let mut body = String::new();
    for [name, value] in rows(step) {
        let value = world.fill(value);
        body += &format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!("--{BOUNDARY}--\r\n");
    let request = world.target().request(Method::POST, &path).bearer(token);
    let request = request.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body);
    let answer = world.send(request).await;
    world.set_last(answer);
}
