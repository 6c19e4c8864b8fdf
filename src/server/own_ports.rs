//! The ports of one added tenant, for clients whose resolver does not know the tenant's name: they use `localhost`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::connections;
use super::router::AppState;
use super::tenants::Addresses;
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

/// Ports that are bound: connections wait in line until something serves them.
pub(super) struct Bound {
    pub(super) addresses: Addresses,
    runtime: Handle,
    http: TcpListener,
    #[cfg(feature = "tls")]
    https: Option<(TcpListener, Tls)>,
}

impl Bound {
    /// Binds this port, or any free one for 0, and a free one for HTTPS where the process speaks it. The address is that of
    /// the process, so that nothing is opened to others that was not opened before.
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

    /// Serves what is behind the app.
    pub(super) fn serve(self, app: AppState) -> OwnPorts {
        let mut serving = Vec::new();
        #[cfg(feature = "tls")]
        if let Some((listener, tls)) = self.https {
            let app = app.clone();
            let serve = async move {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    connections::serve_over_tls(listener, app, tls).await;
                }
            };
            serving.push(self.runtime.spawn(serve).abort_handle());
        }
        let http = self.http;
        let serve = async move {
            if let Ok(listener) = tokio::net::TcpListener::from_std(http) {
                connections::serve(listener, app).await;
            }
        };
        serving.push(self.runtime.spawn(serve).abort_handle());
        OwnPorts { addresses: self.addresses, serving }
    }
}

/// What a client on this machine writes to reach the address.
pub(crate) fn authority(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address.to_string()
}

#[cfg(test)]
mod tests {
    use super::authority;

    #[test]
    fn a_server_on_every_address_is_reached_on_loopback() {
        assert_eq!(authority("0.0.0.0:80".parse().unwrap()), "127.0.0.1:80");
        assert_eq!(authority("[::]:80".parse().unwrap()), "[::1]:80");
        assert_eq!(authority("192.0.2.7:80".parse().unwrap()), "192.0.2.7:80");
    }
}
