//! The titles of operations in the log: those of the published reference.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// `METHOD /path`, the parameters of the path without their names, and the title.
static TITLES: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| include_str!("log_titles.tsv").lines().filter_map(|line| line.split_once('\t')).collect());

/// The title of a row. For an operation that is newer than the list, the title follows from the path in the same form.
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
    let what = segments.iter().rev().find(|segment| **segment != "{}").copied().unwrap_or_default();
    Cow::Owned(format!("{verb} {}", what.replace(['-', '_'], " ")))
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
    fn titles_are_those_of_published_operations() {
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
