//! [`Stream`]: a stream of bytes over a TCP connection, with or without TLS. [`Opened`]: a stream after its handshake.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::api::ConnectionCertificate;

/// A connection that is ready for HTTP.
pub(super) struct Opened<S> {
    pub(super) stream: S,
    /// The certificate of the client.
    pub(super) certificate: Option<ConnectionCertificate>,
}

/// A stream of bytes over a TCP connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// The connection itself.
    fn tcp(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}
