//! The titles of operations in the log, from the published reference.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The title by `METHOD /path`, with `{}` for each parameter.
static TITLES: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| include_str!("log_titles.tsv").lines().filter_map(|line| line.split_once('\t')).collect());

/// The title of an operation. If the list does not have it, the title is derived from the method and the path.
pub(super) fn title(method: &str, path: &str) -> Cow<'static, str> {
    let segments: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
    if let Some(title) = TITLES.get(format!("{method} {}", segments.join("/")).as_str()) {
        return Cow::Borrowed(title);
    }
    let verb = match method {
        "POST" => "Create",
        "DELETE" => "Delete",
        _ => "Update",
    };
    let noun = segments.iter().rev().find(|segment| **segment != "{}").copied().unwrap_or_default();
    Cow::Owned(format!("{verb} {}", noun.replace(['-', '_'], " ")))
}

#[cfg(test)]
mod tests {
    use super::{TITLES, title};

    #[test]
    fn an_operation_has_its_title() {
        assert_eq!(title("POST", "/clients"), "Create a client");
        assert_eq!(
            title("DELETE", "/organizations/{id}/client-grants/{grant_id}"),
            "Remove a client grant from an organization"
        );
        assert_eq!(title("DELETE", "/organizations/{id}/discovery-domains/{id}"), "Delete discovery domains");
    }

    #[test]
    fn every_title_belongs_to_a_published_operation() {
        let published = include_str!("../../../../fixtures/operations.tsv");
        let known: Vec<String> = published
            .lines()
            .map(|line| {
                let mut columns = line.split('\t');
                let (method, path) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
                let path: Vec<&str> =
                    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
                format!("{method} {}", path.join("/"))
            })
            .collect();
        for operation in TITLES.keys() {
            assert!(known.iter().any(|known| known == operation), "{operation}");
        }
    }
}
