//! The allowed imports. The table below is the design; this test compares it with `src/`.

mod circles;

use std::fs;
use std::path::Path;

use self::circles::{Imports, circles};
use crate::rules::files;

/// Each layer, and the other layers that it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("multipart", &[]),
    ("atomic_file", &[]),
    // Everything that writes something down passes it through here, on both sides of HTTP.
    ("redaction", &["multipart"]),
    ("schema", &["domain"]),
    ("search", &["domain"]),
    ("store", &["domain"]),
    ("token", &["domain"]),
    ("yaml", &[]),
    // Seeds and the backgrounds of scenarios are read alike.
    ("tenant_file", &["domain", "yaml"]),
    // It runs code, and does not know the tenant.
    ("javascript", &["domain", "redaction"]),
    ("api", &["domain", "javascript", "schema", "search", "store", "token", "multipart", "redaction"]),
    ("seed", &["domain", "schema", "search", "store", "token", "yaml", "tenant_file", "api", "redaction"]),
    ("server", &["domain", "schema", "search", "store", "token", "api", "seed", "redaction"]),
    // It speaks HTTP, so that a real tenant can stand in the mock's place.
    ("conformance", &["redaction", "atomic_file", "yaml", "tenant_file"]),
    (
        "cli",
        &[
            "domain",
            "schema",
            "search",
            "store",
            "token",
            "api",
            "seed",
            "server",
            "conformance",
            "redaction",
            "atomic_file",
            "yaml",
        ],
    ),
    // What the command, the benches and the tests of the package need beyond the public API.
    ("internal", &["domain", "seed", "token", "api", "conformance", "cli"]),
];

/// Each layer of the conformance code and the layers that it may name beside itself.
const CONFORMANCE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("http", &[]),
    ("target", &["error", "http"]),
    ("cleanup", &["error", "http", "target"]),
    ("scenario", &["error", "http", "target", "cleanup"]),
    ("recording", &["http", "target"]),
    ("comparison", &["http", "target", "cleanup", "scenario", "recording"]),
];

/// A crate that only some files may name: its name, and how those files begin.
const FENCED: &[(&str, &[&str])] = &[
    ("hyper", &["server/"]),
    ("hyper_util", &["server/", "conformance/http/client.rs"]),
    ("cucumber", &["conformance/"]),
    ("http_body_util", &["conformance/http/client.rs"]),
    ("hyper_rustls", &["conformance/http/client.rs"]),
    ("ring", &["token/signer.rs", "token/jwe.rs", "conformance/scenario/steps/"]),
    ("maud", &["conformance/scenario/report/page.rs"]),
    ("rcgen", &["server/tls.rs"]),
    ("rustls", &["conformance/http/client.rs", "server/tls.rs", "server/client_certificates.rs"]),
    ("tokio_rustls", &["server/tls.rs"]),
    ("tantivy_query_grammar", &["search/"]),
    ("rquickjs", &["javascript/"]),
    ("wiremock", &["server/wiremock.rs"]),
    ("serde_yaml_ng", &["yaml/"]),
];

/// A line of code and its module: `["api", "management", "clients"]`.
struct Line {
    file: String,
    number: usize,
    module: Vec<String>,
    text: String,
}

impl Line {
    fn place(&self) -> String {
        format!("src/{}:{}: {}", self.file, self.number, self.text.trim())
    }

    /// Whether the line is `use …`, `pub use …` or `pub(super) use …`.
    fn is_import(&self) -> bool {
        let text = self.text.trim_start();
        text.starts_with("use ") || text.starts_with("pub") && text.contains(" use ")
    }

    fn is_unfinished_import(&self) -> bool {
        self.is_import() && !self.text.contains(';')
    }

    /// Whether the line names a crate: `ring::…`, `use ring;`, `use ring as …`.
    fn names(&self, name: &str) -> bool {
        let in_a_word = |c: char| c.is_alphanumeric() || c == '_';
        self.text.match_indices(name).any(|(at, _)| {
            let (before, after) = (&self.text[..at], &self.text[at + name.len()..]);
            // `rustls::crypto::ring` is a module of another crate.
            let within = before.strip_suffix("::").is_some_and(|path| path.ends_with(in_a_word));
            !before.ends_with(in_a_word)
                && !within
                && (after.starts_with("::")
                    || before.trim() == "use" && (after.starts_with(';') || after.starts_with(" as ")))
        })
    }
}

/// The module of a file: `["api", "gate"]` for `api/gate.rs`.
fn module_of(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

fn lines() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for path in files("src", "rs") {
        let file = path.strip_prefix(&root).expect("a file of src").to_string_lossy().replace('\\', "/");
        let mut module = module_of(&file);
        let text = fs::read_to_string(&path).expect("a source file is text");
        // `mod tests {` adds a segment until the brace below it in the same column.
        let mut inline: Vec<usize> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            // Comments may speak of anything. What follows `//` inside a text is no import either.
            let text = line.split("//").next().unwrap_or_default().to_owned();
            let column = text.len() - text.trim_start().len();
            let words = text.trim_start().trim_start_matches("pub ");
            if let Some(name) = words.strip_prefix("mod ").and_then(|rest| rest.trim_end().strip_suffix(" {")) {
                inline.push(column);
                module.push(name.to_owned());
            } else if text.trim_start().starts_with('}') && inline.last() == Some(&column) {
                inline.pop();
                module.pop();
            }
            // An import over several lines reads as one.
            match lines.last_mut().filter(|last: &&mut Line| last.file == file && last.is_unfinished_import()) {
                Some(import) => import.text.push_str(text.trim()),
                None => lines.push(Line { file: file.clone(), number: index + 1, module: module.clone(), text }),
            }
        }
    }
    lines
}

/// The paths below the crate's root that a line names, through `crate::` or a chain of `super::`.
fn crate_paths(line: &Line) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, _) in line.text.match_indices("crate::") {
        // `pub(in crate::api)` says who may see a name, and imports nothing.
        if !line.text[..at].ends_with(['$', '_']) && !line.text[..at].ends_with("pub(in ") {
            follow(&line.text[at + "crate::".len()..], &[], &mut paths);
        }
    }
    let chains = line.text.match_indices("super::").filter(|(at, _)| !line.text[..*at].ends_with("super::"));
    for (at, _) in chains {
        let mut rest = &line.text[at..];
        let mut base = line.module.clone();
        while let Some(after) = rest.strip_prefix("super::") {
            base.pop();
            rest = after;
        }
        follow(rest, &base, &mut paths);
    }
    paths
}

/// Adds the path that `text` begins with below `base`, or all of them if it is `a::{b, c::d}`.
fn follow(text: &str, base: &[String], paths: &mut Vec<Vec<String>>) {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(text.len());
    let mut path = base.to_vec();
    path.extend(text[..end].split("::").filter(|part| !part.is_empty()).map(str::to_owned));
    match text[end..].strip_prefix('{') {
        Some(group) => {
            // Groups inside groups are cut at their commas too, which names more and hides nothing.
            for item in group.split(['{', '}', ',', ';']).map(str::trim).filter(|item| !item.is_empty()) {
                follow(item, &path, paths);
            }
        }
        None => paths.push(path),
    }
}

#[test]
fn a_layer_imports_only_the_layers_below_it() {
    let mut faults = Vec::new();
    for line in lines() {
        let Some(own) = line.module.first() else { continue };
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| layer == own) else {
            faults.push(format!("{}: {own} is not in the table of layers", line.place()));
            continue;
        };
        for path in crate_paths(&line) {
            match path.first() {
                // `use super::*` in the tests of a top-level file.
                None => {}
                Some(named) if named == own || allowed.contains(&named.as_str()) => {}
                Some(named) => faults.push(format!("{}: {own} names {named}", line.place())),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_layer_of_the_conformance_code_imports_only_the_layers_below_it() {
    let layer = |file: &str| file.split('/').nth(1).map(|name| name.strip_suffix(".rs").unwrap_or(name).to_owned());
    let mut faults = Vec::new();
    let imports = Imports::below("conformance/");
    for (file, others) in imports.by_file() {
        // The module itself re-exports the items for users.
        let Some(own) = layer(file).filter(|own| own != "mod") else { continue };
        let Some((_, allowed)) = CONFORMANCE.iter().find(|(name, _)| *name == own) else {
            faults.push(format!("src/{file}: {own} is not in the table of layers"));
            continue;
        };
        let is_allowed = |other: &&&str| layer(other).is_some_and(|other| other == own || allowed.contains(&&*other));
        let forbidden = others.iter().filter(|other| !is_allowed(other));
        faults.extend(forbidden.map(|other| format!("src/{file} imports src/{other}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = Imports::below("");
    let circles = circles(&imports.by_file());
    let message: Vec<String> = circles.iter().map(|circle| format!("src/{}", circle.join(" imports src/"))).collect();
    assert!(message.is_empty(), "{}", message.join("\n"));
}

#[test]
fn some_crates_are_used_in_one_file_only() {
    let mut faults = Vec::new();
    for line in lines() {
        for (name, homes) in FENCED {
            if line.names(name) && !homes.iter().any(|home| line.file.starts_with(home)) {
                faults.push(format!("{}: only src/{} names {name}", line.place(), homes.join(" and src/")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_management_family_never_names_another() {
    // A family is a file with a schema file of its name beside it.
    let families: Vec<[String; 2]> = files("src/api/management", "json")
        .iter()
        .filter_map(|path| {
            let area = path.parent()?.file_name()?.to_str()?.to_owned();
            Some([area, path.file_name()?.to_str()?.strip_suffix(".schema.json")?.to_owned()])
        })
        .collect();
    assert!(!families.is_empty(), "no family has a schema file");
    let mut faults = Vec::new();
    for line in lines() {
        let Some(own) = family(&line.module).filter(|own| families.contains(own)) else { continue };
        for path in crate_paths(&line) {
            if let Some(named) = family(&path).filter(|named| *named != own && families.contains(named)) {
                faults.push(format!("{}: {} names {}", line.place(), own.join("/"), named.join("/")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The area and the file of a path below `api::management`.
fn family(path: &[String]) -> Option<[String; 2]> {
    match path {
        [api, management, area, file, ..] if api == "api" && management == "management" => {
            Some([area.clone(), file.clone()])
        }
        _ => None,
    }
}
