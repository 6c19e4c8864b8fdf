//! Finds circular imports between the files of a folder.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Line, crate_paths, follow, lines, module_of};

/// Which file of a folder imports which, by the files that define the names. A file that re-exports a name without using it
/// imports nothing.
pub(super) struct Imports {
    /// The file of each module.
    files: BTreeMap<Vec<String>, String>,
    /// The modules that each module declares.
    children: BTreeMap<Vec<String>, Vec<String>>,
    /// The names that each file imports, with their paths.
    names: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    lines: Vec<Line>,
}

impl Imports {
    /// The imports of the files below this folder of `src/`. Tests do not count.
    pub fn below(folder: &str) -> Imports {
        let is_counted = |line: &Line| line.file.starts_with(folder) && !line.module.iter().any(|name| name == "tests");
        let lines: Vec<Line> = lines().into_iter().filter(is_counted).collect();
        assert!(!lines.is_empty(), "src/{folder} has no files");
        let files: BTreeMap<Vec<String>, String> =
            lines.iter().map(|line| (module_of(&line.file), line.file.clone())).collect();
        let mut children: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for (name, parent) in files.keys().filter_map(|module| module.split_last()) {
            children.entry(parent.to_vec()).or_default().push(format!("{name}::"));
        }
        let mut imports = Imports { files, children, names: BTreeMap::new(), lines };
        for line in imports.lines.iter().filter(|line| line.is_import()) {
            let paths = imports.paths(line).into_iter().filter_map(|path| Some((path.last()?.clone(), path)));
            imports.names.entry(line.file.clone()).or_default().extend(paths);
        }
        imports
    }

    /// The paths that a line names, through `crate::`, `super::` or a module that its own file declares.
    fn paths(&self, line: &Line) -> Vec<Vec<String>> {
        let mut paths = crate_paths(line);
        let own = module_of(&line.file);
        for child in self.children.get(&own).into_iter().flatten() {
            for (at, _) in line.text.match_indices(child.as_str()) {
                if !line.text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':')) {
                    follow(&line.text[at..], &own, &mut paths);
                }
            }
        }
        paths
    }

    /// The file that defines the item at a path, through re-exports.
    fn home(&self, path: &[String]) -> Option<&String> {
        let end = (1..=path.len()).rev().find(|end| self.files.contains_key(&path[..*end]))?;
        let file = &self.files[&path[..end]];
        let name = path.get(end).filter(|name| *name != "self")?;
        match self.names.get(file).and_then(|names| names.get(name)) {
            Some(elsewhere) if elsewhere != path => self.home(elsewhere),
            _ => Some(file),
        }
    }

    /// Each file with the other files that it imports.
    pub fn by_file(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut imported: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for line in &self.lines {
            let homes = self.paths(line).into_iter().filter(|path| !self.only_passes_on(line, path));
            let homes: Vec<&str> = homes.filter_map(|path| self.file_at(&path)).collect();
            let others = homes.into_iter().filter(|home| *home != line.file);
            imported.entry(line.file.as_str()).or_default().extend(others);
        }
        imported
    }

    fn file_at(&self, path: &[String]) -> Option<&str> {
        // A module is named as a whole: `use super::content;`
        let module = path.split_last().filter(|(last, _)| *last == "self").map_or(path, |(_, module)| module);
        self.files.get(module).or_else(|| self.home(path)).map(String::as_str)
    }

    /// Whether a line re-exports a name that its file does not use.
    fn only_passes_on(&self, line: &Line, path: &[String]) -> bool {
        let Some(name) = path.last().filter(|_| line.is_import() && line.text.trim_start().starts_with("pub")) else {
            return false;
        };
        let in_a_word = |c: char| c.is_alphanumeric() || c == '_';
        let others = self.lines.iter().filter(|other| other.file == line.file && !other.is_import());
        !others.flat_map(|other| other.text.split(|c| !in_a_word(c))).any(|word| word == name)
    }
}

/// The shortest circle of each group of files that reach one another through imports. It begins and ends with the same file.
pub(super) fn circles<'a>(imported: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let mut shortest: Vec<Vec<&str>> = imported.keys().filter_map(|file| shortest_circle(file, imported)).collect();
    shortest.sort_by_key(Vec::len);
    let mut circles: Vec<Vec<&str>> = Vec::new();
    for circle in shortest {
        let meets = |other: &Vec<&str>| leads(circle[0], other[0], imported) && leads(other[0], circle[0], imported);
        if !circles.iter().any(meets) {
            circles.push(circle);
        }
    }
    circles
}

/// The shortest way through imports from a file back to itself.
fn shortest_circle<'a>(file: &'a str, imported: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut next = VecDeque::from([file]);
    while let Some(at) = next.pop_front() {
        for other in &imported[at] {
            if *other == file {
                let mut way = vec![file, at];
                while let Some(before) = way.last().and_then(|at| before.get(at)) {
                    way.push(before);
                }
                // A file that imports itself is in no list of imports, so `at` is another one.
                way.reverse();
                return Some(way);
            }
            if !before.contains_key(other) {
                before.insert(other, at);
                next.push_back(other);
            }
        }
    }
    None
}

/// Whether a file imports another one, directly or through others.
fn leads<'a>(file: &'a str, wanted: &str, imported: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> bool {
    let mut reached = BTreeSet::new();
    let mut next = vec![file];
    while let Some(at) = next.pop() {
        next.extend(imported[at].iter().filter(|other| reached.insert(**other)));
    }
    reached.contains(wanted)
}

#[test]
fn the_shortest_circle_of_each_group_is_found() {
    let imported = [
        ("a", vec!["b"]),
        ("b", vec!["c", "f"]),
        ("c", vec!["d"]),
        ("d", vec!["b", "c", "e"]),
        ("e", vec![]),
        ("f", vec!["g"]),
        ("g", vec!["h"]),
        ("h", vec!["e", "f"]),
    ];
    let imported = imported.into_iter().map(|(file, others)| (file, others.into_iter().collect())).collect();
    assert_eq!(circles(&imported), [vec!["c", "d", "c"], vec!["f", "g", "h", "f"]]);
}
