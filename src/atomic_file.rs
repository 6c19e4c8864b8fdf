//! Atomic file writes: a temporary file, then a rename. A file with secrets is readable for its owner only.
//!
//! Every file with secrets or with answers of a tenant is written here.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file. A process that waits for the file sees all of it or nothing.
pub(crate) fn write(file: &Path, content: &str) -> io::Result<()> {
    renamed(file, |unfinished| fs::write(unfinished, content))
}

/// Writes a file that only its owner may read.
pub(crate) fn write_private(file: &Path, content: &str) -> io::Result<()> {
    renamed(file, |unfinished| {
        let mut written = private(unfinished)?;
        written.write_all(content.as_bytes())?;
        // It takes the place of an older one.
        written.sync_all()
    })
}

/// Whether such a file can be written, without touching one that is there.
pub(crate) fn try_to_write(file: &Path) -> io::Result<()> {
    if file.is_dir() || file.file_name().is_none() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let unfinished = beside(file);
    private(&unfinished)?;
    fs::remove_file(unfinished)
}

/// The options for creating a file that grows and that only its owner may read.
pub(crate) fn for_its_owner() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private(file: &Path) -> io::Result<fs::File> {
    let options = for_its_owner();
    match options.open(file) {
        // Left behind by a process that had our number and was killed.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(file).and_then(|()| options.open(file))
        }
        opened => opened,
    }
}

fn renamed(file: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let unfinished = beside(file);
    let written = write(&unfinished).and_then(|()| fs::rename(&unfinished, file));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// A neighbour of the file, because a rename is only atomic within one file system.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.unfinished", std::process::id()));
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unfinished_file_is_a_neighbour() {
        assert_eq!(beside(Path::new("some/ready.json")).parent(), Some(Path::new("some")));
    }
}
