//! `/branding/themes`: the theme of the login pages. A tenant has at most one theme. m2mock stores it and serves no page.

use std::sync::LazyLock;

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, Limit, Resource};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("themes.schema.json")));

const BY_ID: &str = "/branding/themes/{themeId}";
const READ: &[&str] = &["read:branding"];
const UPDATE: &[&str] = &["update:branding"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::create("/branding/themes", UPDATE, &THEME).body("Theme").success(200), // recorded
        Operation::get("/branding/themes/default", READ, read_default),
        Operation::read(BY_ID, READ, &THEME),
        Operation::update(BY_ID, UPDATE, &THEME).body("Theme"),
        Operation::remove(BY_ID, &["delete:branding"], &THEME),
    ],
};

static THEME: Resource = Resource {
    limit: Some(Limit { most: 1, refusal: THEME_EXISTS }),
    missing: THEME_NOT_FOUND,
    missing_on_update: Some(THEME_NOT_UPDATED),
    missing_on_removal: Some(THEME_NOT_DELETED),
    ..Resource::new(Kind::Theme, Identity::new(IdShape::THEME).member("themeId").parameter("themeId"))
};

/// A second theme (d).
const THEME_EXISTS: Refusal =
    Refusal::plain(409, "There was an error updating branding settings: The theme already exists");

/// A theme that does not exist (recorded).
const THEME_NOT_FOUND: Refusal =
    Refusal::new(404, "theme_not_found", "There was an error retrieving branding settings: invalid theme ID");

/// The update of a theme that does not exist (d; the code is recorded for the other operations).
const THEME_NOT_UPDATED: Refusal =
    Refusal::new(404, "theme_not_found", "There was an error updating branding settings: invalid theme ID");

/// The deletion of a theme that does not exist (recorded).
const THEME_NOT_DELETED: Refusal =
    Refusal::new(404, "theme_not_found", "There was an error deleting branding settings: invalid theme ID");

/// Answers the only theme, which is the default.
fn read_default(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let themes = &call.state[Kind::Theme];
    let theme = themes.order().iter().next().and_then(|seq| themes.at(seq));
    THEME.reply(call, theme, THEME_NOT_FOUND)
}
