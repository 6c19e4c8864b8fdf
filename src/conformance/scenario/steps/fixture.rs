//! The step that creates the entities of a tenant file.

use cucumber::given;

use crate::conformance::scenario::background;
use crate::conformance::scenario::fixture::Fixture;
use crate::conformance::scenario::world::World;

/// A file `NAME.yaml` or a folder `NAME` beside the feature file, or a fixture of the crate. Tag the scenario @serial if it has
/// tenant settings.
#[given(regex = r#"^(the modelled sections of )?the tenant "([^"]*)"$"#)]
async fn the_tenant(world: &mut World, modelled: String, name: String) {
    let fixture =
        Fixture::named(&name, world.folder(), !modelled.is_empty()).unwrap_or_else(|mistake| panic!("{mistake}"));
    let result = background::send(world, &fixture.layout).await;
    result.unwrap_or_else(|mistake| panic!("{}: {mistake}", fixture.title));
}
