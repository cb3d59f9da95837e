# The gateway alone: it wants a PostgreSQL at DATABASE_URL, so the embedded one and its own Node stay out.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /gateway
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# the tool that builds the console's pages comes as an optional package for each platform
FROM node:24.21.0-bookworm-slim AS console
WORKDIR /gateway
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
COPY src src
RUN node --disable-warning=ExperimentalWarning src/cli/main.ts console build

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    GATEWAY_DATA_DIR=/var/lib/mission-gateway
WORKDIR /gateway
COPY --from=packages /gateway/node_modules node_modules
COPY package.json ./
COPY terminology terminology
COPY profiles profiles
COPY mappings mappings
COPY src src
COPY --from=console /gateway/dist dist
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/mission-gateway
USER 1000:1000
VOLUME /var/lib/mission-gateway
EXPOSE 8080 2575
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["node", "--eval", "fetch('http://127.0.0.1:' + (process.env.GATEWAY_PORT ?? 8080) + '/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--disable-warning=ExperimentalWarning", "src/main.ts"]
