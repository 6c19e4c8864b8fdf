//! A state in a file: `serve --import FILE --export-on-exit FILE`, a tenant that continues from the state of another process, and
//! `export --from FILE`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::mistake::Mistake;
use crate::api::{Tenant, exported_domain};
use crate::atomic_file;
use crate::server::MAX_STATE;

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct StateOptions {
    /// Start with an exported state instead of a seed
    #[arg(
        long, value_name = "FILE", env = "M2MOCK_IMPORT",
        conflicts_with_all = ["seed", "management_client_id", "management_client_secret", "deterministic"]
    )]
    import: Option<PathBuf>,
    /// Write the tenant's state, with its secrets, to this file on Ctrl-C and SIGTERM
    #[arg(long, value_name = "FILE", env = "M2MOCK_EXPORT_ON_EXIT")]
    export_on_exit: Option<PathBuf>,
}

/// A state in a file, and the domain of its tenant.
pub(super) struct State {
    file: PathBuf,
    text: Vec<u8>,
    pub(super) domain: String,
}

impl StateOptions {
    /// The initial state, if there is one.
    pub(super) fn read(&self) -> Result<Option<State>, Mistake> {
        self.import.as_deref().map(State::read).transpose()
    }

    /// Checks at the start that the state can be written at the end.
    pub(super) fn prepare(&self) -> Result<(), Mistake> {
        let Some(file) = &self.export_on_exit else { return Ok(()) };
        atomic_file::try_to_write(file).map_err(|error| unwritable(file, &error))
    }

    /// Writes the state at the end.
    pub(super) fn export(&self, tenant: &Tenant) -> Result<(), Mistake> {
        let Some(file) = &self.export_on_exit else { return Ok(()) };
        atomic_file::write_private(file, &tenant.export()).map_err(|error| unwritable(file, &error))
    }
}

impl State {
    /// The state in a file.
    pub(super) fn read(file: &Path) -> Result<State, Mistake> {
        let mut text = Vec::new();
        // One byte more than allowed is enough to refuse it, however long the file is.
        let read = File::open(file).and_then(|opened| opened.take(MAX_STATE as u64 + 1).read_to_end(&mut text));
        read.map_err(|error| Mistake(format!("the state {} cannot be read: {error}", file.display())))?;
        if text.len() > MAX_STATE {
            let most = MAX_STATE / (1024 * 1024);
            return Err(Mistake(format!("the state {} is too large; the limit is {most} MiB", file.display())));
        }
        State::of(file.to_owned(), text)
    }

    /// A state as a text; errors name it by `file`.
    pub(super) fn of(file: PathBuf, text: Vec<u8>) -> Result<State, Mistake> {
        let domain = exported_domain(&text).map_err(|refusal| Mistake(format!("{}: {refusal}", file.display())))?;
        Ok(State { file, text, domain })
    }

    /// Replaces the state of a new tenant with it.
    pub(super) fn import(&self, tenant: &Tenant) -> Result<(), Mistake> {
        tenant.import(&self.text).map_err(|refusal| Mistake(format!("{}: {refusal}", self.file.display())))
    }
}

fn unwritable(file: &Path, error: &std::io::Error) -> Mistake {
    Mistake(format!("the state cannot be written to {}: {error}", file.display()))
}
