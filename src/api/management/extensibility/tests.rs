//! Sequences of requests about Actions that schema, property and replay tests do not cover: versions, deployments and bindings.

use http::Method;
use serde_json::{Value, json};

use crate::api::{Config, Pins, Tenant};

const ACTIONS: &str = "/actions/actions";

struct Api(Tenant);

impl Api {
    fn new() -> Api {
        Api(Tenant::new(Config::default()))
    }

    fn call(&self, method: Method, path: &str, body: Value) -> Result<Value, u16> {
        self.0.perform(method, path, body, Pins::default()).map_err(|refusal| refusal.status)
    }

    fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, Value::Null).expect("it can be read")
    }

    fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, body).expect("it can be done")
    }

    fn action(&self, name: &str, code: &str) -> String {
        let triggers = json!([{ "id": "post-login" }]);
        let body = json!({ "name": name, "code": code, "supported_triggers": triggers });
        format!("{ACTIONS}/{}", self.post(ACTIONS, body)["id"].as_str().expect("an id"))
    }
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[test]
fn a_change_of_the_draft_is_not_deployed() {
    let api = Api::new();
    let action = api.action("a", "1");
    let deployed = api.post(&format!("{action}/deploy"), Value::Null);
    assert_eq!(
        (&deployed["number"], &deployed["deployed"], &deployed["code"]),
        (&json!(1), &json!(false), &json!("1"))
    );
    api.call(Method::PATCH, &action, json!({ "code": "2" })).expect("it can be changed");
    let view = api.get(&action);
    assert_eq!((&view["code"], &view["deployed_version"]["code"]), (&json!("2"), &json!("1")));
    assert_eq!((&view["all_changes_deployed"], &view["status"]), (&json!(false), &json!("built")));
}

#[test]
fn the_deployment_of_an_earlier_version_creates_a_new_version() {
    let api = Api::new();
    let action = api.action("a", "1");
    let first = api.post(&format!("{action}/deploy"), Value::Null);
    api.call(Method::PATCH, &action, json!({ "code": "2" })).expect("it can be changed");
    api.post(&format!("{action}/deploy"), Value::Null);
    let path = format!("{action}/versions/{}/deploy", first["id"].as_str().expect("an id"));
    assert_eq!(api.post(&path, json!({ "update_draft": true }))["number"], 3);
    let view = api.get(&action);
    assert_eq!((&view["code"], &view["deployed_version"]["code"]), (&json!("1"), &json!("1")));
    let versions = api.get(&format!("{action}/versions"));
    let numbers: Vec<&Value> =
        versions["versions"].as_array().expect("a list").iter().map(|version| &version["number"]).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let running = versions["versions"].as_array().expect("a list").iter().filter(|version| version["deployed"] == true);
    assert_eq!(running.count(), 1);
    let other = api.action("b", "1");
    assert_eq!(api.call(Method::POST, &path.replace(id(&action), id(&other)), json!({})), Err(404));
}

#[test]
fn a_new_version_beyond_the_limit_deletes_the_oldest() {
    let api = Api::new();
    let action = api.action("a", "1");
    for _ in 0..51 {
        api.post(&format!("{action}/deploy"), Value::Null);
    }
    let versions = api.get(&format!("{action}/versions?per_page=100"));
    assert_eq!((&versions["total"], &versions["versions"][49]["number"]), (&json!(50), &json!(2)));
}

#[test]
fn a_change_replaces_all_bindings_and_a_bound_action_is_not_deleted() {
    let api = Api::new();
    let bindings = "/actions/triggers/post-login/bindings";
    let bind = |actions: &[&str]| {
        let bindings_of = actions.iter().map(|action| json!({ "ref": { "type": "action_name", "value": action } }));
        api.call(Method::PATCH, bindings, json!({ "bindings": bindings_of.collect::<Vec<_>>() }))
    };
    let (a, b) = (api.action("a", "1"), api.action("b", "1"));
    assert_eq!(bind(&["a"]), Err(400), "it was never deployed");
    for action in [&a, &b] {
        api.post(&format!("{action}/deploy"), Value::Null);
    }
    bind(&["a", "b"]).expect("both are deployed");
    bind(&["b", "a"]).expect("the order may change");
    let names: Vec<Value> = api.get(bindings)["bindings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|binding| binding["action"]["name"].clone())
        .collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(bind(&["c"]), Err(404));
    assert_eq!(api.call(Method::DELETE, &a, Value::Null), Err(409));
    api.call(Method::DELETE, &format!("{a}?force=true"), Value::Null).expect("its binding goes with it");
    assert_eq!(api.get(bindings)["total"], 1);
    bind(&[]).expect("no binding is left");
    assert_eq!(api.get(bindings), json!({ "bindings": [], "per_page": 50 }));
}

#[test]
fn secrets_keep_their_order_and_lose_their_values() {
    let api = Api::new();
    let action = api.action("a", "1");
    let secrets = |names: &[&str]| {
        let secrets = names.iter().map(|name| json!({ "name": name, "value": "hidden" })).collect::<Vec<_>>();
        let view = api.call(Method::PATCH, &action, json!({ "secrets": secrets })).expect("it can be changed");
        assert!(!view.to_string().contains("hidden"));
        view["secrets"].as_array().expect("a list").iter().map(|secret| secret["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(secrets(&["b"]), ["b"]);
    assert_eq!(secrets(&["a", "b"]), ["b", "a"]);
    assert_eq!(secrets(&["a"]), ["a"]);
}

#[test]
fn a_module_is_published_and_rolled_back_and_not_deleted_while_an_action_uses_it() {
    let api = Api::new();
    let module = api.post("/actions/modules", json!({ "name": "m", "code": "1", "publish": true }));
    let path = format!("/actions/modules/{}", module["id"].as_str().expect("an id"));
    let versions = format!("{path}/versions");
    assert_eq!(
        (&module["all_changes_published"], &module["latest_version"]["version_number"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(api.call(Method::POST, &versions, Value::Null), Err(409));
    api.call(Method::PATCH, &path, json!({ "code": "2" })).expect("it can be changed");
    assert_eq!(api.post(&versions, Value::Null)["version_number"], 2);
    let roll_back = json!({ "module_version_id": module["latest_version"]["id"] });
    let rolled_back = api.post(&format!("{path}/rollback"), roll_back.clone());
    assert_eq!((&rolled_back["code"], &rolled_back["all_changes_published"]), (&json!("1"), &json!(false)));
    assert_eq!(api.call(Method::POST, &format!("{path}/rollback"), roll_back), Err(409));

    let body = json!({ "name": "a", "supported_triggers": [{ "id": "post-login" }], "modules": [{ "module_id": module["id"] }] });
    let action = api.post(ACTIONS, body);
    assert_eq!(
        (&action["modules"][0]["module_version_number"], &action["supported_triggers"][0]["version"]),
        (&json!(2), &json!("v3"))
    );
    assert_eq!(api.get(&format!("{path}/actions"))["actions"][0]["action_name"], "a");
    assert_eq!(api.call(Method::DELETE, &path, Value::Null), Err(412));
    api.call(Method::DELETE, &format!("{ACTIONS}/{}", action["id"].as_str().expect("an id")), Value::Null)
        .expect("it is not bound");
    api.call(Method::DELETE, &path, Value::Null).expect("nothing uses it");
}

#[test]
fn enabling_a_hook_disables_the_others_of_its_trigger() {
    let api = Api::new();
    let hook = |name: &str| {
        let body = json!({ "name": name, "script": "1", "triggerId": "credentials-exchange", "enabled": true });
        format!("/hooks/{}", api.post("/hooks", body)["id"].as_str().expect("an id"))
    };
    let (first, second) = (hook("a"), hook("b"));
    let enabled = |hook: &str| api.get(hook)["enabled"].clone();
    assert_eq!((enabled(&first), enabled(&second)), (json!(false), json!(true)));
    api.call(Method::PATCH, &first, json!({ "enabled": true })).expect("it can be enabled");
    assert_eq!((enabled(&first), enabled(&second)), (json!(true), json!(false)));
}

#[test]
fn a_rule_without_an_order_comes_last() {
    let api = Api::new();
    let order = |name: &str, order: Value| {
        let mut body = json!({ "name": name, "script": "1" });
        if !order.is_null() {
            body["order"] = order;
        }
        api.call(Method::POST, "/rules", body).map(|rule| rule["order"].clone())
    };
    assert_eq!(order("a", Value::Null), Ok(json!(1)));
    assert_eq!(order("b", json!(7)), Ok(json!(7)));
    assert_eq!(order("c", json!(7)), Err(409));
    assert_eq!(order("d", Value::Null), Ok(json!(8)));
}

#[test]
fn no_answer_has_the_value_of_a_secret() {
    let api = Api::new();
    let secrets = json!([{ "name": "KEY", "value": "TOP-SECRET" }]);
    let module = json!({ "name": "m", "code": "", "secrets": secrets, "publish": true });
    let module = api.post("/actions/modules", module);
    let triggers = json!([{ "id": "post-login" }]);
    let used = json!([{ "module_id": module["id"] }]);
    let action = json!({
        "name": "a", "supported_triggers": triggers, "secrets": secrets, "modules": used, "deploy": true,
    });
    let action = api.post(ACTIONS, action);
    let module_path = format!("/actions/modules/{}", module["id"].as_str().expect("an id"));
    let action_path = format!("{ACTIONS}/{}", action["id"].as_str().expect("an id"));
    let reference = json!({ "type": "action_name", "value": "a" });
    let bindings = "/actions/triggers/post-login/bindings";
    let mut answers = vec![module, action];
    let change = |path: &str, body: Value| api.call(Method::PATCH, path, body).expect("it can be changed");
    answers.push(change(bindings, json!({ "bindings": [{ "ref": reference, "secrets": secrets }] })));
    answers.push(change(&module_path, json!({ "code": "1" })));
    answers.push(change(&action_path, json!({ "code": "1" })));
    answers.push(api.post(&format!("{module_path}/versions"), Value::Null));
    answers.push(api.post(&format!("{action_path}/deploy"), Value::Null));
    for path in [ACTIONS, "/actions/modules", bindings, &module_path, &action_path] {
        answers.push(api.get(path));
    }
    for path in [&module_path, &action_path] {
        let versions = api.get(&format!("{path}/versions"));
        let version = versions["versions"][1]["id"].as_str().expect("two versions");
        answers.push(api.get(&format!("{path}/versions/{version}")));
        if path == &action_path {
            answers.push(api.post(&format!("{path}/versions/{version}/deploy"), json!({ "update_draft": true })));
        } else {
            answers.push(api.post(&format!("{path}/rollback"), json!({ "module_version_id": version })));
        }
        answers.push(versions);
    }
    for answer in answers {
        let text = answer.to_string();
        assert!(text.contains("\"KEY\"") || text.contains("bindings"), "{text}");
        assert!(!text.contains("TOP-SECRET"), "{text}");
    }
    let snapshot = api.0.snapshot("127.0.0.1:4000").to_string();
    assert!(snapshot.contains("KEY") && !snapshot.contains("TOP-SECRET"), "{snapshot}");
}

#[test]
fn a_secret_keeps_its_value_until_a_request_sends_another() {
    let api = Api::new();
    let action = api.action("a", "1");
    let stored = || {
        let state = api.0.state();
        let action = state[crate::store::Kind::Action].get(id(&action)).expect("it exists");
        action["secrets"].as_array().expect("a list").iter().map(|secret| secret["value"].clone()).collect::<Vec<_>>()
    };
    let send = |secrets: Value| {
        api.call(Method::PATCH, &action, json!({ "secrets": secrets })).expect("it can be changed");
    };
    send(json!([{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }]));
    send(json!([{ "name": "B" }, { "name": "A", "value": "3" }]));
    assert_eq!(stored(), ["3", "2"]);
    send(json!([{ "name": "B" }]));
    assert_eq!(stored(), ["2"]);
}

#[test]
fn a_flow_and_its_forms_refer_to_each_other() {
    let api = Api::new();
    let flow = api.post("/flows", json!({ "name": "f" }));
    let id = flow["id"].as_str().expect("an id");
    let node = json!({ "id": "a", "type": "FLOW", "config": { "flow_id": id } });
    let form = api.post("/forms", json!({ "name": "g", "nodes": [node] }));
    let view = api.get(&format!("/flows/{id}?hydrate=form_count&hydrate=forms"));
    assert_eq!((&view["form_count"], &view["forms"][0]["name"]), (&json!(1), &json!("g")));
    let form = format!("/forms/{}", form["id"].as_str().expect("an id"));
    assert_eq!(api.get(&format!("{form}?hydrate=flow_count"))["flow_count"], 1);
    assert_eq!(api.call(Method::DELETE, &format!("/flows/{id}"), Value::Null), Err(409));
    api.call(Method::DELETE, &form, Value::Null).expect("nothing uses it");
    api.call(Method::DELETE, &format!("/flows/{id}"), Value::Null).expect("nothing uses it");
}
