# The one image: operator, proxy and the rest are commands of the same file. `npm run image` builds it.

# Both bases are arguments, so that others with node and npm, and with /nodejs/bin/node, can stand in.
ARG BUILD_BASE=docker.io/library/node:24-slim
ARG RUNTIME_BASE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD_BASE} AS build
WORKDIR /source
COPY package.json package-lock.json ./
# Both secrets are optional: an npm configuration, and the certificate authorities of a proxy that intercepts.
# Scripts stay out: the only ones that this build could want fetch another Node.js than the base's.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=ca,target=/run/secrets/ca \
    npm ci --ignore-scripts
COPY scripts ./scripts
COPY src ./src
RUN npm run build -- --command

FROM ${RUNTIME_BASE}
# The name says that it is an ES module, which in dist/ is told by package.json.
COPY --from=build /source/dist/chaosgate.js /app/chaosgate.mjs
COPY --from=build /source/dist/chaosgate.js.map /app/chaosgate.js.map
# Names are resolved on libuv's threads: with its default of 4, as many names that hang would hold up every gate.
ENV NODE_ENV=production UV_THREADPOOL_SIZE=64
# Numeric, so that Kubernetes can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "--enable-source-maps", "/app/chaosgate.mjs"]
CMD ["--help"]
