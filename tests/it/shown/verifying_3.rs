use m2mock::MockTenant;

#[test]
fn a_snapshot_shows_names_in_place_of_ids() {
    let tenant = MockTenant::builder().deterministic(7).start(); // the same ids, secrets and time in each run
    tenant.organization("granite-tours").create();
    assert!(tenant.snapshot().to_string().contains("<org:granite-tours>"));
}
