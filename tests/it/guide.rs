//! The guide in `docs/` and the other documents: links, commands, variables and code paths in them exist. `shown/` compiles and
//! runs their Rust code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::manual;
use crate::rules::files;

/// The longest page, in lines.
const LONGEST: usize = 80;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Path below the root, and text.
type Page = (String, String);

/// The pages of the guide.
fn pages() -> Vec<Page> {
    let pages: Vec<PathBuf> = files("docs", "md");
    assert!(!pages.is_empty());
    let name = |path: &PathBuf| path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    pages.iter().map(|path| (name(path), read(&name(path)))).collect()
}

/// Everything that users and contributors read.
fn documents() -> Vec<Page> {
    let others = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "examples/downstream/README.md"];
    others.map(|name| (name.to_owned(), read(name))).into_iter().chain(pages()).collect()
}

/// The blocks of code in one language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    blocks.filter(|(first, _)| first.split(',').next() == Some(language)).map(|(_, code)| code).collect()
}

/// What is between the blocks of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The files that a page links to, as paths below the root.
fn links((name, text): &Page) -> Vec<String> {
    let folder = Path::new(name).parent().unwrap();
    let prose = prose(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let files =
        targets.filter(|target| !target.contains("://")).map(|target| target.split('#').next().unwrap_or(target));
    let mut links = Vec::new();
    for file in files.filter(|file| !file.is_empty()) {
        let mut path: Vec<&str> = folder.to_str().unwrap().split('/').filter(|part| !part.is_empty()).collect();
        for part in file.trim_end_matches('/').split('/') {
            match part {
                ".." => _ = path.pop(),
                _ => path.push(part),
            }
        }
        links.push(path.join("/"));
    }
    links
}

/// The text after `m2mock` in each command of a page, in shell blocks and in sentences.
fn commands(text: &str) -> Vec<Vec<String>> {
    let lines = blocks(text, "sh").concat().replace("\\\n", " ");
    let lines = lines.lines().map(|line| line.split(" #").next().unwrap_or_default());
    let prose = prose(text);
    let spans = prose.split('`').skip(1).step_by(2).map(str::to_owned);
    let mut commands = Vec::new();
    for line in lines.map(str::to_owned).chain(spans) {
        for part in line.split([';', '|', '&']) {
            let mut words = part.split_whitespace();
            let is_ours = match words.next() {
                Some("m2mock") => true,
                Some("docker") => part.contains(" run ") && words.any(|word| word == "m2mock"),
                _ => false,
            };
            if is_ours {
                let arguments = words.take_while(|word| !word.starts_with(['>', '<']));
                commands.push(arguments.map(|word| word.trim_matches('"').to_owned()).collect());
            }
        }
    }
    commands
}

#[test]
fn links_lead_somewhere() {
    for page in documents() {
        let (name, links) = (&page.0, links(&page));
        for link in links {
            assert!(root().join(&link).exists(), "{name} links to {link}, which is not there");
        }
    }
}

/// The last column of ASSUMPTIONS.md names the code that holds the choice, as a path below `src/`.
#[test]
fn each_assumption_names_code_that_exists() {
    let assumptions = read("ASSUMPTIONS.md");
    let (choices, _) = assumptions.split_once("\n## Intentional differences\n").unwrap();
    let rows: Vec<&str> =
        choices.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rule |")).collect();
    assert!(rows.len() > 100, "only {} assumptions were found", rows.len());
    for row in rows {
        let code = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let paths: Vec<&str> = code.split('`').skip(1).step_by(2).collect();
        assert!(!paths.is_empty(), "no code holds the assumption {row}");
        for path in paths {
            assert!(root().join("src").join(path).exists(), "ASSUMPTIONS.md: src/{path} does not exist");
        }
    }
}

#[test]
fn the_index_names_every_page_and_every_example() {
    let index = links(&("docs/README.md".to_owned(), read("docs/README.md")));
    for (page, _) in pages() {
        assert!(page == "docs/README.md" || index.contains(&page), "the index of the guide lacks {page}");
    }
    for path in fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = format!("examples/{}", path.file_name().unwrap().to_string_lossy());
        let is_named = |link: &String| *link == name || path.is_dir() && link.starts_with(&format!("{name}/"));
        assert!(index.iter().any(is_named), "the index of the guide lacks {name}");
    }
}

#[test]
fn pages_are_short() {
    let is_generated = |text: &str| text.contains("UPDATE_GOLDEN=1 rewrites it");
    for (page, text) in pages().into_iter().filter(|(_, text)| !is_generated(text)) {
        assert!(text.lines().count() <= LONGEST, "{page} is longer than {LONGEST} lines");
    }
}

#[test]
fn the_commands_exist_with_their_options() {
    let subcommands = manual::subcommands();
    let mut checked = 0;
    for (name, text) in documents() {
        for command in commands(&text) {
            let subcommand = command.first().filter(|word| !word.starts_with('-')).map(String::as_str);
            if let Some(subcommand) = subcommand {
                assert!(
                    subcommands.iter().any(|known| known == subcommand),
                    "{name}: m2mock has no command {subcommand}"
                );
            }
            let known = manual::options(&manual::help(subcommand));
            for option in manual::options(&command.join(" ")) {
                assert!(known.contains(&option), "{name}: m2mock {} has no {option}", subcommand.unwrap_or_default());
            }
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} commands were found");
}

#[test]
fn the_variables_exist() {
    let helps: String = manual::subcommands().iter().map(|subcommand| manual::help(Some(subcommand))).collect();
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let variables = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c| !word(c)).filter(|word| word.starts_with("M2MOCK_"));
        words.map(str::to_owned).collect()
    };
    let known = variables(&helps);
    for (name, text) in pages().into_iter().chain([("README.md".to_owned(), read("README.md"))]) {
        for variable in variables(&text) {
            assert!(known.contains(&variable), "{name}: nothing goes by the variable {variable}");
        }
    }
}

#[test]
fn the_examples_and_features_in_cargo_commands_exist() {
    let manifest = read("Cargo.toml");
    let (_, features) = manifest.split_once("\n[features]\n").unwrap();
    let (features, _) = features.split_once("\n[dependencies]\n").unwrap();
    for (name, text) in documents() {
        let prose = prose(&text);
        let spans = prose.split('`').skip(1).step_by(2);
        for line in blocks(&text, "sh").concat().lines().chain(spans).filter(|line| line.starts_with("cargo ")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            for pair in words.windows(2) {
                match pair {
                    ["--example", example] => {
                        assert!(root().join(format!("examples/{example}.rs")).exists(), "{name}: {line}")
                    }
                    ["--features", wanted] => {
                        for feature in wanted.split(',') {
                            assert!(features.contains(&format!("\n{feature} = ")), "{name}: no feature {feature}");
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
