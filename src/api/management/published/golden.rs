//! Reads `fixtures/published_schemas.tsv`, and makes it again if that is asked for.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use super::reference;
use super::schemas::PublishedSchemas;

/// The table of the fixture; made again first if that is asked for.
pub(super) fn published_schemas() -> &'static PublishedSchemas {
    static SCHEMAS: LazyLock<PublishedSchemas> = LazyLock::new(|| {
        if let (Some(_), Some(folder)) = (env::var_os("UPDATE_GOLDEN"), env::var_os("M2MOCK_SHARED")) {
            fs::write(golden(), reference::schemas(Path::new(&folder)).written()).expect("the table can be written");
        }
        PublishedSchemas::read(&fs::read_to_string(golden()).expect("fixtures/published_schemas.tsv can be read"))
    });
    &SCHEMAS
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/published_schemas.tsv")
}
