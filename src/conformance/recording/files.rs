//! The files of cassettes.

use std::fs;
use std::path::{Path, PathBuf};

use super::cassette::Cassette;
use super::formats;

impl Cassette {
    /// Reads the cassettes in files and folders, in the order of their names. A file may have any supported format.
    ///
    /// # Errors
    /// A file cannot be read or has an unknown format.
    pub fn load(paths: &[PathBuf]) -> Result<Vec<Cassette>, String> {
        let mut files = Vec::new();
        for path in paths {
            collect(path, &mut files)?;
        }
        let mut cassettes = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let cassette = formats::read(&name, &text).map_err(|mistake| format!("{}: {mistake}", file.display()))?;
            cassettes.push(cassette);
        }
        if cassettes.is_empty() {
            return Err("there is no cassette at the given path".to_owned());
        }
        Ok(cassettes)
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let with_path = |error: std::io::Error| format!("{}: {error}", path.display());
    if !fs::metadata(path).map_err(with_path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut children: Vec<PathBuf> = fs::read_dir(path)
        .map_err(with_path)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(with_path))
        .collect::<Result<_, _>>()?;
    children.sort();
    for path in children {
        let known = path
            .extension()
            .is_some_and(|extension| ["json", "har", "yaml", "yml"].iter().any(|known| extension == *known));
        if path.is_dir() || known {
            collect(&path, files)?;
        }
    }
    Ok(())
}
