//! The token endpoint against a model of the rules: random tenants, random requests, random changes, a clock that moves.
//!
//! Every answer must be the model's ([`model`]), to the last header. The sequences are the same at each run; the long
//! form takes others and more of them: `M2MOCK_SEQUENCES=200000 M2MOCK_SEED=7 cargo test --test it token_model`. A
//! failure is shrunk and told step by step. Seeds of failures are not kept: what a failure teaches becomes a test with a
//! name.

mod asking;
mod bodies;
mod choices;
mod model;
mod sequence;
mod step;
mod tenant;

use std::cell::Cell;
use std::env;
use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use choices::Choices;
use model::Model;
use sequence::{Flavour, Kind, LENGTH, Sequence};
use step::Step;
use tenant::TenantUnderTest;

/// Sequences of each test, unless `M2MOCK_SEQUENCES` says how many there are in all.
const SEQUENCES: u32 = 2_000;
const TESTS: u32 = 6;

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

const USUAL: &[(usize, Kind)] = &[
    (1, Kind::Nothing),
    (50, Kind::Ask),
    (5, Kind::Wait),
    (3, Kind::UseToken),
    (3, Kind::Read),
    (4, Kind::ChangeClient),
    (4, Kind::ChangeOrganization),
    (7, Kind::ChangeGrant),
    (6, Kind::CreateGrant),
    (5, Kind::Associate),
    (4, Kind::Dissociate),
    (2, Kind::CreateOrganization),
    (2, Kind::CreateClient),
    (2, Kind::ChangeAgents),
    (1, Kind::CreateApi),
    (2, Kind::ChangeApi),
    (3, Kind::Settings),
    (1, Kind::CreatePolicy),
    (1, Kind::ChangePolicy),
];

#[test]
fn first_party_clients_and_their_organizations() {
    static FLAVOUR: Flavour =
        Flavour { plan_has_organizations: true, third_parties: 0, quotas: 5, names: 20, kinds: USUAL };
    agrees_with_the_model(&FLAVOUR, 1);
}

#[test]
fn third_party_clients_and_default_grants() {
    static FLAVOUR: Flavour =
        Flavour { plan_has_organizations: true, third_parties: 60, quotas: 5, names: 20, kinds: USUAL };
    agrees_with_the_model(&FLAVOUR, 2);
}

#[test]
fn quotas_from_hour_to_hour() {
    static FLAVOUR: Flavour = Flavour {
        plan_has_organizations: true,
        third_parties: 10,
        quotas: 70,
        names: 20,
        kinds: &[
            (1, Kind::Nothing),
            (60, Kind::Ask),
            (8, Kind::Wait),
            (12, Kind::ChangeClient),
            (10, Kind::ChangeOrganization),
            (2, Kind::CreateClient),
            (2, Kind::CreateOrganization),
            (2, Kind::ChangeGrant),
            (2, Kind::Associate),
            (4, Kind::Settings),
        ],
    };
    agrees_with_the_model(&FLAVOUR, 3);
}

#[test]
fn organizations_by_their_names() {
    static FLAVOUR: Flavour =
        Flavour { plan_has_organizations: true, third_parties: 15, quotas: 10, names: 85, kinds: USUAL };
    agrees_with_the_model(&FLAVOUR, 4);
}

#[test]
fn a_plan_without_organizations() {
    static FLAVOUR: Flavour =
        Flavour { plan_has_organizations: false, third_parties: 15, quotas: 10, names: 30, kinds: USUAL };
    agrees_with_the_model(&FLAVOUR, 5);
}

#[test]
fn rate_limit_policies_from_second_to_second() {
    static FLAVOUR: Flavour = Flavour {
        plan_has_organizations: true,
        third_parties: 50,
        quotas: 10,
        names: 20,
        kinds: &[
            (1, Kind::Nothing),
            (60, Kind::Ask),
            (12, Kind::Wait),
            (10, Kind::CreatePolicy),
            (8, Kind::ChangePolicy),
            (4, Kind::ChangeClient),
            (3, Kind::CreateClient),
            (2, Kind::ChangeGrant),
            (2, Kind::CreateGrant),
        ],
    };
    agrees_with_the_model(&FLAVOUR, 6);
}

/// The bytes of a sequence: the initial state of the tenant, then the steps.
#[derive(Clone, Debug)]
struct Tapes {
    founding: Vec<(Kind, Vec<[u8; LENGTH]>)>,
    steps: Vec<[u8; LENGTH]>,
}

fn tapes() -> impl Strategy<Value = Tapes> {
    let tape = || proptest::array::uniform16(any::<u8>());
    let founding = (vec(tape(), 1..=3), vec(tape(), 1..=4), vec(tape(), 0..=3), vec(tape(), 1..=7), vec(tape(), 0..=6));
    (founding, vec(tape(), 0..=2), vec(tape(), 0..=2), vec(tape(), 5..=40)).prop_map(
        |((apis, clients, organizations, grants, pairs), agents, settings, steps)| {
            let founding = vec![
                (Kind::CreateApi, apis),
                (Kind::CreateClient, clients),
                (Kind::ChangeAgents, agents),
                (Kind::CreateOrganization, organizations),
                (Kind::CreateGrant, grants),
                (Kind::Associate, pairs),
                (Kind::Settings, settings),
            ];
            Tapes { founding, steps }
        },
    )
}

fn agrees_with_the_model(flavour: &'static Flavour, number: u8) {
    let sequences = variable("M2MOCK_SEQUENCES").map_or(SEQUENCES, |all| (all as u32).div_ceil(TESTS));
    let mut seed = [number; 16];
    seed[..8].copy_from_slice(&variable("M2MOCK_SEED").unwrap_or(0).to_le_bytes());
    let config = Config { cases: sequences, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::XorShift, &seed));
    let tried = Cell::new(0);
    let failed = Cell::new(None);
    let result = runner.run(&tapes(), |tapes| {
        tried.set(tried.get() + 1);
        play(flavour, &tapes, None).map_err(|difference| {
            failed.set(failed.get().or(Some(tried.get())));
            TestCaseError::fail(difference)
        })
    });
    match result {
        Ok(()) => {}
        Err(TestError::Abort(reason)) => panic!("{reason}"),
        Err(TestError::Fail(_, tapes)) => {
            // Repeats the sequence, because a passing run records no steps.
            let mut story = String::new();
            let difference = play(flavour, &tapes, Some(&mut story)).err().unwrap_or_default();
            let failed = failed.get().unwrap_or_default();
            panic!("sequence {failed} of {sequences}, at its shortest:\n{story}{difference}");
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number: {value}")))
}

/// Plays a sequence up to the first answer that is not the model's, which is the error.
fn play(flavour: &'static Flavour, tapes: &Tapes, mut story: Option<&mut String>) -> Result<(), String> {
    let mut model = Model::new(flavour.plan_has_organizations, NOON);
    let mut tenant = TenantUnderTest::start(flavour.plan_has_organizations, NOON);
    let mut sequence = Sequence::new(flavour);
    let mut take = |step: Step, model: &mut Model| {
        if let Some(story) = &mut story {
            let _ = writeln!(story, "  {step}");
        }
        let outcome = tenant.play(&step, model)?;
        if let Some(story) = &mut story {
            let _ = writeln!(story, "    {:.150}", outcome.to_string());
        }
        Ok::<_, String>(tenant.tokens_given())
    };
    for (kind, tapes) in &tapes.founding {
        for tape in tapes {
            let step = sequence.step_of(*kind, &mut Choices::from(tape), &model);
            sequence.tokens_given = take(step, &mut model)?;
        }
    }
    for tape in &tapes.steps {
        if let Some(step) = sequence.step(tape, &model) {
            sequence.tokens_given = take(step, &mut model)?;
        }
    }
    // At last, whether both hold the same.
    for read in sequence::everything(&model) {
        take(Step::Read(read), &mut model)?;
    }
    Ok(())
}
