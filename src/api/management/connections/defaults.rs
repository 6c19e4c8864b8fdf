//! The members and options that the service adds to a connection, by strategy. `defaults.json` has them, from recorded creations
//! and changes, and the members of every connection.
//!
//! A strategy in the file has these parts:
//!
//! - `members`: members of the connection.
//! - `bare`: all options of a connection that is created without options.
//! - `options`: options that a creation adds.
//! - `kept`: options that a creation adds, and that a change of the options does not alter.
//! - `changed`: options that a change of the options adds.
//! - `within`: members that are added to an option of the request.
//! - `instead`: pairs of options. If the request has the first one only, the second one is not added.
//! - `scope`: the scope that follows from options that are true.
//! - `variants`: alternatives to the strategy. The first variant whose `where` matches the options replaces the strategy.
//!
//! Objects are completed member by member. Texts may contain `{name}`, `{domain}`, `{tenant}` and `{ticket}`, a random text.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::identity_provider_certificate::derive;
use super::openid_discovery::discover;
use crate::domain::{IdShape, Names};
use crate::schema::JsonSections;
use crate::store::document::text;

static DEFAULTS: LazyLock<JsonSections> = LazyLock::new(|| JsonSections::of(include_str!("defaults.json")));

/// Completes a new connection.
pub(super) fn complete(connection: &mut Map<String, Value>, names: &Names, random: &mut fastrand::Rng) {
    let strategy = text(connection, "strategy").unwrap_or_default().to_owned();
    let name = text(connection, "name").unwrap_or_default().to_owned();
    let ticket = IdShape::TICKET.draw(random);
    let words =
        [("{name}", name.as_str()), ("{domain}", names.domain()), ("{tenant}", names.tenant()), ("{ticket}", &ticket)];
    let options = connection.get("options").and_then(Value::as_object);
    let table = Table::of(&strategy, options);
    let bare = table.part("bare").filter(|_| options.is_none());
    for part in [table.part("members"), DEFAULTS.get("members", "every")] {
        add(connection, part, &words);
    }
    match (connection.get_mut("options"), bare) {
        (Some(Value::Object(options)), Some(bare)) => add(options, Some(bare), &words),
        (Some(Value::Object(options)), None) => complete_new_options(options, &strategy, table, &words),
        _ => {}
    }
}

fn complete_new_options(options: &mut Map<String, Value>, strategy: &str, table: Table, words: &[(&str, &str)]) {
    let request = options.clone();
    derive(options, strategy, None);
    discover(options, strategy);
    let instead = table.part("instead").and_then(Value::as_object).into_iter().flatten();
    let not_added = instead.filter(|(option, other)| {
        options.contains_key(option.as_str()) && other.as_str().is_some_and(|other| !options.contains_key(other))
    });
    let not_added: Vec<&str> = not_added.filter_map(|(_, other)| other.as_str()).collect();
    table.add_within(options);
    for part in ["options", "kept"] {
        add(options, table.part(part), words);
    }
    for option in not_added {
        options.remove(option);
    }
    table.set_scope(options, &request);
}

/// Completes the new options in a change of a connection.
pub(super) fn complete_options(options: &mut Map<String, Value>, connection: &Map<String, Value>, names: &Names) {
    let strategy = text(connection, "strategy").unwrap_or_default();
    let table = Table::of(strategy, Some(options));
    let stored = connection.get("options");
    let request = options.clone();
    derive(options, strategy, stored);
    discover(options, strategy);
    table.add_within(options);
    for key in table.part("kept").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
        if let Some(value) = stored.and_then(|stored| stored.get(key)).filter(|_| !options.contains_key(key)) {
            options.insert(key.clone(), value.clone());
        }
    }
    for part in ["kept", "changed"] {
        add(options, table.part(part), &[("{domain}", names.domain())]);
    }
    table.set_scope(options, &request);
}

/// The part of the file about a strategy.
#[derive(Clone, Copy)]
struct Table(Option<&'static Value>);

impl Table {
    fn of(strategy: &str, options: Option<&Map<String, Value>>) -> Table {
        let strategy = DEFAULTS.get("strategies", strategy);
        let variants = strategy.and_then(|strategy| strategy.get("variants")).and_then(Value::as_array);
        let matches = |variant: &&Value| {
            let condition = variant.get("where").and_then(Value::as_object).into_iter().flatten();
            condition.into_iter().all(|(option, value)| options.and_then(|options| options.get(option)) == Some(value))
        };
        Table(variants.into_iter().flatten().find(matches).or(strategy))
    }

    fn part(self, name: &str) -> Option<&'static Value> {
        self.0?.get(name)
    }

    fn add_within(self, options: &mut Map<String, Value>) {
        for (path, defaults) in self.part("within").and_then(Value::as_object).into_iter().flatten() {
            let mut names = path.split('.');
            let first = names.next().and_then(|name| options.get_mut(name));
            let member = names.fold(first, |member, name| member?.get_mut(name));
            if let Some(Value::Object(member)) = member {
                add(member, Some(defaults), &[]);
            }
        }
    }

    /// Sets the scope. It has the scopes of options that are true, first those in the request, then the others, each in the order of
    /// the table. The other scopes of the request follow, unless the table says that they are `ignored`. With a `separator` the
    /// scope is a text, else a list. `none` is the value of an empty scope.
    fn set_scope(self, options: &mut Map<String, Value>, request: &Map<String, Value>) {
        let Some(table) = self.part("scope") else { return };
        let separator = table.get("separator").and_then(Value::as_str);
        let others: Vec<&str> = match (request.get("scope"), separator) {
            (None, _) => Vec::new(),
            (Some(_), _) if table.get("sent").is_some_and(|rule| rule == "ignored") => Vec::new(),
            (Some(Value::Array(scopes)), None) => scopes.iter().filter_map(Value::as_str).collect(),
            (Some(Value::String(scopes)), Some(separator)) => scopes.split(separator).collect(),
            (Some(_), _) => return, // a scope of another type stays as it is
        };
        let rows = || table.get("of").and_then(Value::as_array).into_iter().flatten();
        let applies = |row: &&Value, in_request: bool| match &row[0] {
            Value::String(option) => {
                options.get(option) == Some(&Value::Bool(true)) && request.contains_key(option) == in_request
            }
            always => in_request && always == &Value::Bool(true),
        };
        let first = rows().filter(|row| applies(row, true));
        let rows = first.chain(rows().filter(|row| applies(row, false)));
        let mut scope: Vec<&str> = rows.filter_map(|row| row[1].as_str()).collect();
        for other in others {
            if !other.is_empty() && !scope.contains(&other) {
                scope.push(other);
            }
        }
        let scope = match (scope.is_empty(), separator) {
            (true, _) => table.get("none").cloned(),
            (false, Some(separator)) => Some(scope.join(separator).into()),
            (false, None) => Some(scope.into()),
        };
        options.extend(scope.map(|scope| ("scope".to_owned(), scope)));
    }
}

/// Adds missing members; an object that exists on both sides is completed.
fn add(target: &mut Map<String, Value>, defaults: Option<&Value>, words: &[(&str, &str)]) {
    for (key, default) in defaults.and_then(Value::as_object).into_iter().flatten() {
        match (target.get_mut(key), default) {
            (None, default) => {
                target.insert(key.clone(), filled(default, words));
            }
            (Some(Value::Object(target)), Value::Object(_)) => add(target, Some(default), words),
            (Some(_), _) => {}
        }
    }
}

fn filled(default: &Value, words: &[(&str, &str)]) -> Value {
    match default {
        Value::String(text) => {
            words.iter().fold(text.clone(), |text, (word, meaning)| text.replace(word, meaning)).into()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, words)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{DEFAULTS, complete, complete_options};
    use crate::domain::Names;

    fn names() -> Names {
        Names::new("travel0.localhost".to_owned())
    }

    fn completed(connection: Value) -> Value {
        let Value::Object(mut connection) = connection else { unreachable!("written as an object") };
        complete(&mut connection, &names(), &mut fastrand::Rng::with_seed(7));
        Value::Object(connection)
    }

    #[test]
    fn the_schema_has_every_strategy_of_the_table() {
        let schema: Value = serde_json::from_str(include_str!("connection.schema.json")).expect("it is JSON");
        let known = schema["bodies"]["Create"]["properties"]["strategy"]["enum"].as_array().expect("a list");
        for strategy in DEFAULTS.whole()["strategies"].as_object().expect("an object").keys() {
            assert!(known.iter().any(|known| known == strategy), "{strategy}");
        }
    }

    #[test]
    fn the_options_of_a_request_stay_and_are_completed() {
        let methods = json!({ "password": { "enabled": false } });
        let connection = completed(
            json!({ "name": "staff", "strategy": "auth0", "options": { "authentication_methods": methods } }),
        );
        assert_eq!(
            connection["options"]["authentication_methods"],
            json!({
                "email_otp": { "enabled": false },
                "passkey": { "enabled": false },
                "password": { "api_behavior": "required", "enabled": false, "signup_behavior": "allow" },
                "phone_otp": { "enabled": false },
            })
        );
        assert_eq!(connection["realms"], json!(["staff"]));
    }

    #[test]
    fn a_change_of_the_options_adds_less_than_a_creation() {
        let created = completed(json!({ "name": "staff", "strategy": "okta", "options": { "type": "front_channel" } }));
        assert_eq!(created["options"]["connection_settings"], json!({ "pkce": "auto" }));

        let mut options = Map::new();
        complete_options(&mut options, created.as_object().expect("an object"), &names());
        assert_eq!(options["connection_settings"], json!({ "pkce": "disabled" }));
        assert_eq!(options["type"], "front_channel");
        assert_eq!(created["display_name"], "staff");
    }

    #[test]
    fn the_scope_of_a_social_connection_follows_from_its_options() {
        // TestAccConnectionGitHub, TestAccConnectionFacebook, TestAccConnectionLine.
        let scope = |strategy: &str, options: Value| {
            completed(json!({ "name": "social", "strategy": strategy, "options": options }))["options"]["scope"].take()
        };
        let flags = json!({ "repo_status": true, "email": true, "gist": false });
        assert_eq!(scope("github", flags), json!(["user:email", "repo:status"]));
        assert_eq!(scope("github", json!({})), json!([]));
        assert_eq!(scope("facebook", json!({ "public_profile": true, "email": true })), "email,public_profile");
        assert_eq!(scope("facebook", json!({})), "");
        let options = json!({ "email": true, "scope": ["email", "openid", "profile"] });
        assert_eq!(scope("line", options), json!(["openid", "email", "profile"]));
        assert_eq!(scope("apple", json!({})), Value::Null);
        // The scopes of the request come first; WordPress ignores them (recorded by another suite).
        assert_eq!(
            scope("google-oauth2", json!({ "calendar": true, "profile": true })),
            json!(["profile", "https://www.googleapis.com/auth/calendar", "email"])
        );
        assert_eq!(scope("wordpress", json!({ "scope": ["email", "profile", "openid"] })), json!(["profile"]));
        let flags = json!({ "strategy_version": 2, "email": true, "profile": true, "basic_profile": true });
        assert_eq!(scope("linkedin", flags), json!(["r_emailaddress", "r_liteprofile", "r_basicprofile"]));
    }

    #[test]
    fn a_connection_without_options_may_have_other_defaults() {
        let options = |strategy: &str| completed(json!({ "name": "bare", "strategy": strategy }))["options"].take();
        assert_eq!(options("linkedin"), json!({ "profile": true, "scope": ["r_basicprofile"] }));
        assert_eq!(options("windowslive"), json!({ "signin": true, "scope": ["wl.signin"] }));
        assert_eq!(options("email"), json!({ "brute_force_protection": true }));
    }

    #[test]
    fn a_strategy_without_an_entry_gets_the_defaults_of_every_connection() {
        assert_eq!(completed(json!({ "name": "bird", "strategy": "twitter" }))["options"], json!({}));
    }
}
