//! `m2mock replay CASSETTE...`: recorded traffic against a tenant, the mock unless another is named.

use std::path::PathBuf;

use clap::Args;
use tokio::runtime;

use super::Mistake;
use crate::replay::{Cassette, Report, Target, replay};
use crate::server::MockTenant;

#[derive(Args)]
pub(super) struct Options {
    /// Recordings, or folders of them: JSON of its own, HAR, go-vcr, nock or Ruby VCR
    #[arg(value_name = "CASSETTE", required = true)]
    cassettes: Vec<PathBuf>,
    #[command(flatten)]
    target: TargetOptions,
    /// Report these families only, separated by commas; everything is replayed all the same
    #[arg(long, value_name = "FAMILY", value_delimiter = ',')]
    only: Vec<String>,
    /// Print the most frequent kinds of difference, so many
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
    /// Write every verdict to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

// A tenant that is not started here. No doc comment: clap would take it for the description of the command.
#[derive(Args)]
struct TargetOptions {
    /// Address of a tenant, instead of a mock started for the replay
    #[arg(long, value_name = "URL", env = "M2MOCK_TARGET", requires_all = ["client_id", "client_secret", "audience"])]
    target: Option<String>,
    /// Client id of an application there that is granted every scope of its Management API
    #[arg(long, value_name = "ID", env = "M2MOCK_TARGET_CLIENT_ID", requires = "target")]
    client_id: Option<String>,
    /// Its secret
    #[arg(
        long,
        value_name = "SECRET",
        env = "M2MOCK_TARGET_CLIENT_SECRET",
        hide_env_values = true,
        requires = "target"
    )]
    client_secret: Option<String>,
    /// Identifier of its Management API, as https://TENANT/api/v2/
    #[arg(long, value_name = "URI", env = "M2MOCK_TARGET_AUDIENCE", requires = "target")]
    audience: Option<String>,
}

pub(super) fn run(options: &Options) -> Result<(), Mistake> {
    let corpus = Cassette::load(&options.cassettes).map_err(Mistake)?;
    let report = replayed(&corpus, &options.target).map_err(Mistake)?.only(&options.only);
    print!("{report}");
    if options.show > 0 {
        println!("\nThe most frequent kinds of difference:");
        for (count, kind, example) in report.kinds().into_iter().take(options.show) {
            println!("{count:5}  {kind}\n       e.g. {example}");
        }
    }
    let Some(file) = &options.json else { return Ok(()) };
    let text = format!("{:#}\n", report.json());
    std::fs::write(file, text).map_err(|error| Mistake(format!("{} cannot be written: {error}", file.display())))
}

fn replayed(corpus: &[Cassette], options: &TargetOptions) -> Result<Report, String> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let TargetOptions {
        target: Some(base),
        client_id: Some(id),
        client_secret: Some(secret),
        audience: Some(audience),
    } = options
    else {
        let mock = MockTenant::start();
        let (id, secret) = mock.management_client();
        let target = Target::new(&mock.uri(), &id, &secret, &mock.management_audience())?;
        return runtime.block_on(replay(corpus, &target));
    };
    runtime.block_on(replay(corpus, &Target::new(base, id, secret, audience)?))
}
