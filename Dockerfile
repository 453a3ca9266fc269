# syntax=docker/dockerfile:1

# The program with the web app inside it. `cargo xtask dist` installs what the build needs.
FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
# The caches outlive a build, so only what changed is compiled again; the program is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/root/.cache \
    --mount=type=cache,target=/src/target \
    cargo xtask dist \
    && install -D -m 0755 target/release/mvai-connexx /out/mvai-connexx \
    && install -d -m 0700 /out/data

# No shell, no package manager, not root.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="MVAI Connexx" \
      org.opencontainers.image.vendor="Mind Vault AI" \
      org.opencontainers.image.licenses="LicenseRef-Proprietary"
WORKDIR /app
COPY --from=build /out/mvai-connexx /usr/local/bin/mvai-connexx
COPY --from=build --chown=65532:65532 /out/data /app/data
ENV APP_ENV=production \
    BIND=0.0.0.0 \
    PORT=5000 \
    DATABASE_PATH=/app/data/mvai_connexx.db
USER 65532:65532
# Everything that is written lies here, so the rest may be read-only:
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -e SECRET_KEY -p 5000:5000 -v mvai_data:/app/data mvai-connexx
VOLUME ["/app/data"]
EXPOSE 5000
# Running requests get ten seconds to finish.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/mvai-connexx", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/mvai-connexx"]
CMD ["serve"]
