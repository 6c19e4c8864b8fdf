//! What a row of the table of sections says, for seeds and for exports.

use http::Method;
use serde_json::{Map, Value};

use super::kinds::{Kind, Traits};
use super::location::Location;
use super::names::Use;
use super::tenant_reader::{Complete, Reader};

/// A section of the seed.
pub(crate) struct Section {
    /// Its key in `tenant.yaml`.
    pub name: &'static str,
    /// Whether it is a list of entries, not one object.
    pub is_list: bool,
    /// The folders and files that hold it in the layout of one file for each entry.
    pub files: &'static [(&'static str, Holds)],
    /// What an entry is.
    pub traits: Traits,
    /// What an entry becomes.
    pub writes: Writes,
    /// How an export reads the entries.
    pub reads: Reads,
    /// The members that hold names of other entities.
    pub names: &'static [Named],
    /// The members that hold paths of files.
    pub texts: &'static [Text],
    /// Takes out what an export holds for nothing.
    pub trim: fn(&mut Map<String, Value>),
    /// Changes an entry to what the Management API takes, and tells the names in it that `names` does not cover.
    pub prepare: fn(&mut Map<String, Value>, &Location) -> Vec<Use>,
}

impl Section {
    /// Whether its entries are entities that are told apart by their names alone.
    #[cfg(feature = "conformance")]
    pub(crate) fn has_names(&self) -> bool {
        matches!(self.writes, Writes::Entity(_)) && self.traits.named_by == ["name"]
    }
}

/// The requests that an entry becomes.
pub(crate) enum Writes {
    /// One that creates an entity or changes it, then those for members that other operations take.
    Entity(fn(&mut Map<String, Value>) -> Vec<Request>),
    /// A `PUT` of a document. A member in braces in the path is that of the entry.
    Put(&'static str),
    /// A `PATCH` of a document, likewise.
    Patch(&'static str),
    /// A `POST` of a document, or a `PATCH` if it exists.
    Post(&'static str),
    /// A `PATCH` of a document for each member.
    Members(&'static [(&'static str, &'static str)]),
    /// Those of a function.
    Requests(fn(Map<String, Value>, &Location) -> Vec<Request>),
    /// None: the deploy tool reads nothing from the section.
    Nothing,
}

/// How an export reads a section from a tenant: the inverse of [`Writes`].
#[derive(Clone, Copy)]
pub(crate) enum Reads {
    /// As the section is written: the entities of a collection, or the document at each path.
    AsWritten,
    /// Likewise, and a function adds to each entry what other operations say of its entity.
    Completed(Complete),
    /// With a function.
    Section(fn(&Reader<'_>) -> Value),
}

/// Where the section stands that the folder or file holds, in the layout of one file for each entry.
#[derive(Clone, Copy)]
pub(crate) enum Holds {
    /// The folder has one JSON file for each entry.
    Entries,
    /// The folder has a folder for each entry, with this file in it.
    Folders(&'static str),
    /// The file is the section.
    Section,
    /// The file is this member of the section.
    Member(&'static str),
    /// The folder has one JSON file for each item of this member, which is a list.
    Items(&'static str),
    /// m2mock does not model what is in it.
    Unmodelled,
}

/// A member, at any depth, that holds the name of an entity. The Management API takes its id.
pub(crate) struct Named {
    /// The member.
    pub member: &'static str,
    /// The kind of the entity.
    pub of: Kind,
    /// The member of the entry that the Management API takes in its place.
    pub sent_as: Option<&'static str>,
    /// Whether a name of nothing stays as it is, for the Management API to judge.
    pub is_optional: bool,
}

/// Members that hold the path of a file, in whose place the text of the file belongs.
pub(crate) struct Text {
    /// The way to them: members, `*` for all members of an object or items of a list.
    pub at: &'static str,
    /// The folder to which the path is relative in a seed that is a folder. In a seed that is one file, that is its own folder.
    pub below: &'static str,
    /// Whether the file holds JSON. That of the entry's own member `body` becomes the entry.
    pub is_json: bool,
}

/// A request that follows from an entry.
pub(crate) struct Request {
    pub method: Method,
    /// In which `{id}` is the id of the entity of the entry.
    pub path: String,
    pub body: Value,
    /// The names in the body.
    pub uses: Vec<Use>,
    /// The member of the entry that it carries out; empty for the entry as a whole.
    pub member: String,
    /// The client to which the path belongs, by its name, if not to the entity of the entry.
    pub client: Option<&'static str>,
}

impl Request {
    /// A request for a member.
    pub(super) fn new(method: Method, path: impl Into<String>, body: Value, member: &str) -> Request {
        Request { method, path: path.into(), body, uses: Vec::new(), member: member.to_owned(), client: None }
    }
}

/// The members that a path names in braces.
pub(crate) fn named_in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(member, _)| member)
}
