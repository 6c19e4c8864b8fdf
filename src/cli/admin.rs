//! `serve --admin-port`, `--no-admin`, `--admin-from-anywhere`: the port of the control API `/__admin`, and who may use it.

use std::net::TcpListener;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::listener::bind_with;
use super::mistake::Mistake;
use crate::server::{Admin, Reach};

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct AdminOptions {
    /// Serve /__admin on this port, on loopback; 0 uses any free port
    #[arg(long, value_name = "PORT", env = "M2MOCK_ADMIN_PORT")]
    admin_port: Option<u16>,
    /// Turn /__admin off
    #[arg(long, env = "M2MOCK_NO_ADMIN", value_parser = FalseyValueParser::new())]
    no_admin: bool,
    /// Serve /__admin to every client that can reach the port, not only to this machine
    #[arg(long, env = "M2MOCK_ADMIN_FROM_ANYWHERE", value_parser = FalseyValueParser::new())]
    admin_from_anywhere: bool,
}

impl AdminOptions {
    /// The listener of the control API, if it has its own port.
    pub(super) fn bind(&self, host: &str) -> Result<Option<TcpListener>, Mistake> {
        match self.admin_port {
            Some(_) if self.no_admin => Err(Mistake("--admin-port and --no-admin exclude each other".to_owned())),
            Some(port) => {
                let host = if self.admin_from_anywhere { host } else { "127.0.0.1" };
                bind_with(host, port, "--admin-port").map(Some)
            }
            None => Ok(None),
        }
    }

    /// The clients that may use the control API on the tenant's own ports.
    pub(super) fn beside_the_tenant(&self) -> Admin {
        match self.no_admin || self.admin_port.is_some() {
            true => Admin::Off,
            false => Admin::Beside(self.reach()),
        }
    }

    /// The clients that may use the control API on its own port.
    pub(super) fn alone(&self) -> Admin {
        Admin::Alone(self.reach())
    }

    fn reach(&self) -> Reach {
        if self.admin_from_anywhere { Reach::Anywhere } else { Reach::Loopback }
    }
}
