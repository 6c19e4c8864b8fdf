//! Bytes that are not HTTP, or HTTP of a kind that strict servers refuse, and requests that come in an unusual way.

use fastrand::Rng;

use super::ends::Ends;

const BODY: &str = r#"{"grant_type":"client_credentials","client_id":"nobody","client_secret":"x","audience":"y"}"#;

/// One of them for a tenant at this name.
pub fn request(rng: &mut Rng, host: &str) -> (Vec<u8>, Ends) {
    match rng.u8(..10) {
        0 => return (pipelined(rng, host), Ends::AnsweredOrClosed),
        1 => {
            let count = rng.usize(2..20);
            return (in_one_piece(host, count), Ends::AnsweredTimes(count));
        }
        _ => {}
    }
    let bytes = match rng.u8(..9) {
        0 => request_line(rng, host),
        1 => host_headers(rng, host),
        2 => lengths(rng, host),
        3 => chunks(rng, host),
        4 => headers(rng, host),
        5 => line_ends(rng, host),
        6 => broken_off(rng, host),
        7 => (0..rng.usize(1..3_000)).map(|_| rng.u8(..)).collect(),
        _ => flipped(rng, host),
    };
    (bytes, Ends::AnsweredOrClosed)
}

fn post(host: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("POST /oauth/token HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n{headers}\r\n{body}")
        .into_bytes()
}

fn right(host: &str) -> Vec<u8> {
    post(host, &format!("content-length: {}\r\n", BODY.len()), BODY)
}

/// One of these texts.
fn any<'t>(rng: &mut Rng, texts: &[&'t str]) -> &'t str {
    texts[rng.usize(..texts.len())]
}

fn request_line(rng: &mut Rng, host: &str) -> Vec<u8> {
    let lines = [
        "GET /",
        "GET / HTTP/0.9",
        "GET / HTTP/1.0",
        "GET / HTTP/2.0",
        "GET / HTTP/9.9",
        "GET / http/1.1",
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "get / HTTP/1.1",
        "G\0T / HTTP/1.1",
        "GET /\0 HTTP/1.1",
        "GET /\u{e9} HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET * HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "GET http://elsewhere.example/api/v2/clients HTTP/1.1",
        "GET http://[::1]:99999/ HTTP/1.1",
        "GET http:// HTTP/1.1",
        "GET //api/v2/clients HTTP/1.1",
        "GET /api/v2/../../etc/passwd HTTP/1.1",
        "GET ?a=b HTTP/1.1",
        "GET #a HTTP/1.1",
        "CONNECT elsewhere.example:443 HTTP/1.1",
        "CONNECT / HTTP/1.1",
        "PRI * HTTP/2.0\r\n\r\nSM",
        "\r\n\r\nGET / HTTP/1.1",
        "",
    ];
    format!("{}\r\nhost: {host}\r\n\r\n", any(rng, &lines)).into_bytes()
}

fn host_headers(rng: &mut Rng, host: &str) -> Vec<u8> {
    let two = format!("host: {host}\r\nhost: {host}\r\n");
    let different = format!("host: {host}\r\nhost: elsewhere.example\r\n");
    let hosts = [
        "",
        two.as_str(),
        different.as_str(),
        "host:\r\n",
        "host: \u{ff}:::\r\n",
        "host: [\r\n",
        "host: a b\r\n",
        "host: user:secret@localhost\r\n",
        "host: localhost:99999999\r\n",
        "host: %00\r\n",
    ];
    format!("GET /.well-known/jwks.json HTTP/1.1\r\n{}\r\n", any(rng, &hosts)).into_bytes()
}

fn lengths(rng: &mut Rng, host: &str) -> Vec<u8> {
    let lengths = [
        "content-length: 99999999999999999999999\r\n",
        "content-length: 18446744073709551615\r\n",
        "content-length: 1048576\r\n",
        "content-length: 1048577\r\n",
        "content-length: -1\r\n",
        "content-length: +5\r\n",
        "content-length: 0x10\r\n",
        "content-length: 5, 6\r\n",
        "content-length:\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: identity\r\ncontent-length: 5\r\n",
        "expect: 100-continue\r\ncontent-length: 5\r\n",
        "expect: a miracle\r\ncontent-length: 5\r\n",
        "content-length: 3\r\n",
    ];
    post(host, any(rng, &lengths), BODY)
}

fn chunks(rng: &mut Rng, host: &str) -> Vec<u8> {
    let long_extension = format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(rng.usize(..40_000)));
    let many_trailers = format!("2\r\n{{}}\r\n0\r\n{}\r\n", "t: 1\r\n".repeat(rng.usize(..2_000)));
    let tiny = "1\r\n \r\n".repeat(rng.usize(..5_000));
    let bodies = [
        "zz\r\n\r\n",
        "ffffffffffffffff\r\n{}",
        "fffffffffffffffff\r\n{}",
        "-1\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}0\r\n\r\n",
        "2\n{}\n0\n\n",
        "5\r\n{}\r\n0\r\n\r\n",
        "0\r\n",
        "2\r\n{}\r\n0\r\nbroken trailer\r\n\r\n",
        "",
        long_extension.as_str(),
        many_trailers.as_str(),
        tiny.as_str(),
    ];
    post(host, "transfer-encoding: chunked\r\n", any(rng, &bodies))
}

fn headers(rng: &mut Rng, host: &str) -> Vec<u8> {
    let many = "x: 1\r\n".repeat(rng.usize(1..5_000));
    let long = format!("x: {}\r\n", "y".repeat(rng.usize(90_000..120_000)));
    let headers = [
        "x : 1\r\n",
        ": 1\r\n",
        "x\r\n",
        "x: a\0b\r\n",
        "x: a\r\n folded\r\n",
        "x: \u{ff}\r\n",
        "x\u{e9}: 1\r\n",
        "x: a\rb\r\n",
        "authorization: Bearer \u{ff}\r\n",
        "connection: upgrade\r\nupgrade: websocket\r\n",
        "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
        "connection: close, keep-alive\r\n",
        "content-type: \0\r\n",
        many.as_str(),
        long.as_str(),
    ];
    format!("GET /api/v2/clients HTTP/1.1\r\nhost: {host}\r\n{}\r\n", any(rng, &headers)).into_bytes()
}

/// A right request with line ends that are none.
fn line_ends(rng: &mut Rng, host: &str) -> Vec<u8> {
    let end = any(rng, &["\n", "\r", "\r\r\n", "\n\r", "\0\r\n", "\u{85}"]);
    let request = String::from_utf8(right(host)).unwrap_or_default();
    let count = if rng.bool() { usize::MAX } else { rng.usize(1..4) };
    request.replacen("\r\n", end, count).into_bytes()
}

/// The beginning of a right request.
fn broken_off(rng: &mut Rng, host: &str) -> Vec<u8> {
    let mut request = right(host);
    request.truncate(rng.usize(..request.len()));
    request
}

/// A right request with some bits turned over.
fn flipped(rng: &mut Rng, host: &str) -> Vec<u8> {
    let mut request = right(host);
    for _ in 0..rng.u8(1..8) {
        let at = rng.usize(..request.len());
        request[at] ^= 1 << rng.u8(..8);
    }
    request
}

/// Several requests at once, of which some may be wrong.
fn pipelined(rng: &mut Rng, host: &str) -> Vec<u8> {
    (0..rng.u8(2..20))
        .flat_map(|_| match rng.u8(..8) {
            0 => flipped(rng, host),
            1 => chunks(rng, host),
            2 => lengths(rng, host),
            _ => right(host),
        })
        .collect()
}

/// So many right requests at once. The last one asks for the end of the connection.
fn in_one_piece(host: &str, count: usize) -> Vec<u8> {
    let last = post(host, &format!("connection: close\r\ncontent-length: {}\r\n", BODY.len()), BODY);
    (1..count).flat_map(|_| right(host)).chain(last).collect()
}
