# The command `m2mock` and nothing else, for those who run it beside their tests. Built by hand for now:
#
#     docker build -t m2mock .
#     docker run --rm -p 127.0.0.1:8080:8080 m2mock
#
# On Alpine the standard library is linked statically, so that the program needs no other file.
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo build --release --locked --features full && strip target/release/m2mock

FROM scratch
COPY --from=build /build/target/release/m2mock /m2mock
USER 65532:65532
# Inside a container, loopback is reached by nobody; who may reach the port is said by `docker run -p`.
ENV M2MOCK_HOST=0.0.0.0 M2MOCK_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --start-period=2s --retries=3 CMD ["/m2mock", "healthcheck"]
ENTRYPOINT ["/m2mock"]
