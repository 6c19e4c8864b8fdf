//! A tenant as a file, by its name: what a scenario begins with, in the layout of the deploy tool's `tenant.yaml`.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// The fixtures of this crate.
const OWN: [(&str, &str); 1] = [("travel0", include_str!("../../../fixtures/tenants/travel0.yaml"))];

/// What stands in a fixture, by its sections.
#[derive(Debug)]
pub(crate) struct Fixture {
    /// How to call it in a message.
    pub title: String,
    pub sections: Map<String, Value>,
}

impl Fixture {
    /// The fixture of this name: a file beside the feature file, or one of this crate's own.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn named(name: &str, beside: Option<&Path>) -> Result<Fixture, String> {
        for ending in ["yaml", "yml", "json"] {
            let Some(file) = beside.map(|folder| folder.join(format!("{name}.{ending}"))) else { break };
            if file.is_file() {
                let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                return Fixture::read(file.display().to_string(), &text);
            }
        }
        match OWN.iter().find(|(own, _)| *own == name) {
            Some((own, text)) => Fixture::read(format!("the fixture {own}"), text),
            None => {
                let own: Vec<&str> = OWN.iter().map(|(own, _)| *own).collect();
                let file = beside.unwrap_or(Path::new("")).join(format!("{name}.yaml"));
                Err(format!("there is no fixture {name:?}: neither {} nor one of {}", file.display(), own.join(", ")))
            }
        }
    }

    fn read(title: String, text: &str) -> Result<Fixture, String> {
        // JSON is YAML as well.
        match crate::yaml::parse(text) {
            Ok(Value::Object(sections)) => Ok(Fixture { title, sections }),
            Ok(_) => Err(format!("{title} has no sections")),
            Err(error) => Err(format!("{title} is no YAML: {error}")),
        }
    }

    /// The entries of a section, taken out.
    ///
    /// # Errors
    /// It is no list of objects.
    pub fn take(&mut self, section: &str) -> Result<Vec<Map<String, Value>>, String> {
        let wrong = || format!("{}: {section} is no list of objects", self.title);
        entries(self.sections.remove(section)).ok_or_else(wrong)
    }
}

/// A list of objects; nothing is an empty one.
pub(crate) fn entries(value: Option<Value>) -> Option<Vec<Map<String, Value>>> {
    let items = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => return None,
    };
    let object = |item| if let Value::Object(members) = item { Some(members) } else { None };
    items.into_iter().map(object).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::{Fixture, OWN};

    #[test]
    fn every_fixture_of_the_crate_has_its_name() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files: BTreeSet<String> =
            files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        assert_eq!(files, OWN.iter().map(|(name, _)| (*name).to_owned()).collect());
    }

    #[test]
    fn a_fixture_that_is_not_there_is_told_with_where_it_would_be() {
        let told = Fixture::named("agency", Some(Path::new("features"))).unwrap_err();
        let file = Path::new("features").join("agency.yaml");
        assert_eq!(told, format!("there is no fixture \"agency\": neither {} nor one of travel0", file.display()));
    }

    #[test]
    fn what_is_no_fixture_is_refused_with_its_name() {
        assert_eq!(Fixture::read("a.yaml".to_owned(), "- 1").unwrap_err(), "a.yaml has no sections");
        let told = Fixture::read("a.yaml".to_owned(), "clients: bot").unwrap().take("clients").unwrap_err();
        assert_eq!(told, "a.yaml: clients is no list of objects");
    }
}
