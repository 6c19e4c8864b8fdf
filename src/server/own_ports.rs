//! The ports of one added tenant, for clients whose resolver does not know the tenant's name: they use `localhost`.

use std::io;
use std::net::{IpAddr, TcpListener};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::addresses::Addresses;
#[cfg(feature = "tls")]
use super::tls::Tls;

/// The ports of a tenant. They are closed when this is dropped.
pub(super) struct OwnPorts {
    pub(super) addresses: Addresses,
    serving: Vec<AbortHandle>,
}

impl OwnPorts {
    /// Ports that something else serves and closes.
    pub(super) fn served_elsewhere(addresses: Addresses) -> Self {
        OwnPorts { addresses, serving: Vec::new() }
    }

    /// Ports that these tasks serve.
    pub(super) fn served_by(addresses: Addresses, serving: Vec<AbortHandle>) -> Self {
        OwnPorts { addresses, serving }
    }

    /// Whether they are served here.
    pub(super) fn are_served(&self) -> bool {
        !self.serving.is_empty()
    }
}

impl Drop for OwnPorts {
    fn drop(&mut self) {
        self.serving.iter().for_each(AbortHandle::abort);
    }
}

/// Bound ports. Connections wait in the queue until a task serves them.
pub(super) struct Bound {
    pub(super) addresses: Addresses,
    pub(super) runtime: Handle,
    pub(super) http: TcpListener,
    #[cfg(feature = "tls")]
    pub(super) https: Option<(TcpListener, Tls)>,
}

impl Bound {
    /// Binds this port, or any free one for 0, and a free one for HTTPS if the process has TLS. The address is that of the
    /// process, so the ports are open to the same machines.
    pub(super) fn bind(ip: IpAddr, port: u16, #[cfg(feature = "tls")] tls: Option<Tls>) -> io::Result<Bound> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listen = |port: u16| {
            let listener = TcpListener::bind((ip, port))?;
            listener.set_nonblocking(true)?;
            Ok::<_, io::Error>((listener.local_addr()?.port(), listener))
        };
        let (http_port, http) = listen(port)?;
        let mut addresses = Addresses { ip, http: http_port, https: None };
        #[cfg(feature = "tls")]
        let https = match tls {
            Some(tls) => {
                let (port, listener) = listen(0)?;
                addresses.https = Some(port);
                Some((listener, tls))
            }
            None => None,
        };
        #[cfg(not(feature = "tls"))]
        let _ = &mut addresses;
        Ok(Bound {
            addresses,
            runtime,
            http,
            #[cfg(feature = "tls")]
            https,
        })
    }
}
