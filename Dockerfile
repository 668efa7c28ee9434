# The one image: operator, proxy and the rest are commands of the same program. `npm run image` builds it.

# Both bases are arguments, so that others with node and npm, and with /nodejs/bin/node, can stand in.
ARG BUILD_BASE=docker.io/library/node:24-slim
ARG RUNTIME_BASE=gcr.io/distroless/nodejs24-debian13:nonroot

# What it builds runs on any processor, so it is built on this one for all of them.
FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
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
COPY --from=build /source/dist /app
COPY LICENSE /app/
# Names are resolved on libuv's threads: with its default of 4, as many names that hang would hold up every gate.
# Without a threshold of its own, glibc raises it (mallopt(3)), and keeps what a delay held when the bytes are gone.
# With an arena for each thread, it keeps what V8's threads needed once: 20 MB of an operator with 1,000 gates.
ENV NODE_ENV=production UV_THREADPOOL_SIZE=64 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_ARENA_MAX=1
# Numeric, so that Kubernetes can tell that it is not root.
USER 65532:65532
# Without --enable-source-maps: Node would keep the parsed map, 44 MB of it, in every process. With a small space for new
# objects: that of V8's default grows by up to 40 MB under load and stays, and saves no processor time here.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "/app/chaosgate.mjs"]
CMD ["--help"]
