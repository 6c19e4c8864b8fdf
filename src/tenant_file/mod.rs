//! A tenant as a file, or a folder of files, in the layout of the vendor's deploy tool (`tenant.yaml` of auth0-deploy-cli), read
//! into an ordered list of requests to the Management API; and the way back, from a tenant to such a file.
//!
//! Seeds and the backgrounds of scenarios are both read here, exports are written. Nothing here knows a tenant. Each stage goes on after a problem
//! and notes it in a [`Report`].

mod actions;
pub(crate) mod content;
mod error;
mod export;
pub(crate) mod exported;
mod files;
mod folder;
mod format;
mod json;
mod keywords;
mod kinds;
mod layout;
mod location;
mod names;
mod nearest;
mod reader;
mod section;
mod sections;
pub(crate) mod service_apis;
mod shape;
mod source;
mod special;
mod special_reads;
mod steps;
mod table;
mod tenant_reader;
pub(crate) mod unread;
#[cfg(feature = "cli")]
mod write;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub(crate) use actions::Declared;
pub(crate) use error::{Report, quoted};
pub use error::{SeedError, SeedProblem, SeedProblemKind};
pub(crate) use export::{Sections, sections_of};
pub(crate) use kinds::{Kind, List, MODULES, text};
pub(crate) use layout::{Layout, SeedEntry};
pub(crate) use location::Location;
pub(crate) use names::{Name, NamedGrant};
pub(crate) use nearest::nearest;
pub(crate) use shape::{list, object};
pub(crate) use source::{Options, Raw, Source};
pub(crate) use steps::{Definition, Step, Steps, Subject};
pub(crate) use tenant_reader::{NOT_SHOWN, Readable};
#[cfg(feature = "cli")]
pub(crate) use write::files_of;

/// Encodes one segment of a path, or one value of a query.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
