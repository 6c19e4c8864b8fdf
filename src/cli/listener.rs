//! Opens a listener on a port, with a sentence for each kind of failure.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use super::mistake::Mistake;

pub(super) fn bind(host: &str, port: u16) -> Result<TcpListener, Mistake> {
    bind_with(host, port, "--port")
}

/// The same for a port that another option chooses.
pub(super) fn bind_with(host: &str, port: u16, option: &str) -> Result<TcpListener, Mistake> {
    let refused = |error: io::Error| {
        Mistake(match error.kind() {
            ErrorKind::AddrInUse => format!(
                "port {port} on {host} is in use; choose another with {option} (0 takes any free one) or stop what listens there"
            ),
            ErrorKind::PermissionDenied => {
                format!("port {port} on {host} is not open to this user; choose another with {option}")
            }
            _ => format!("cannot listen on host {host}, port {port}: {error}"),
        })
    };
    // Brackets belong to a URL, but who pastes `[::1]` means the address.
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(refused)?.collect();
    let listener = TcpListener::bind(addresses.as_slice()).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    Ok(listener)
}

#[expect(clippy::needless_pass_by_value, reason = "the argument of `map_err`")]
pub(super) fn no_runtime(error: io::Error) -> Mistake {
    Mistake(format!("the machine gives no thread or no socket: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_another_machine_is_a_mistake_that_names_it() {
        // Reserved for documentation: no machine has it.
        let mistake = bind("192.0.2.7", 0).unwrap_err();
        assert!(mistake.to_string().contains("host 192.0.2.7, port 0"), "{mistake}");
    }
}
