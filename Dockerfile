# syntax=docker/dockerfile:1
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app
# Behind the image's own: the dependencies hold a node of theirs, which is not installed here.
ENV PATH=$PATH:/app/node_modules/.bin NODE_NO_WARNINGS=1

FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY collectors ./collectors
COPY src ./src
RUN node scripts/build.ts

FROM base AS dependencies
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev

FROM base
ENV NODE_ENV=production
RUN groupadd --gid 10001 plimsoll \
  && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin plimsoll \
  && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/plimsoll
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
USER 10001:10001
VOLUME /var/lib/plimsoll
EXPOSE 4317 4318 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/plimsoll.mjs"]
CMD ["serve", "--config", "/etc/plimsoll/plimsoll.yaml"]
