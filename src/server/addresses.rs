//! The addresses at which a process or one of its tenants answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address of the process, or of one of its tenants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    /// The address of this machine.
    pub(crate) ip: IpAddr,
    /// The port for plain HTTP.
    pub(crate) http: u16,
    /// The port for HTTPS.
    pub(crate) https: Option<u16>,
}

/// The URL of the address for a client on this machine.
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
