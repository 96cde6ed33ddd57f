# An image that serves: not as root, without a need for a shell, and all that it writes lies below /data.
# docker build -t antiphon .

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY packages/media/package.json packages/media/
COPY packages/langgraph/package.json packages/langgraph/
COPY packages/sui/package.json packages/sui/
RUN npm ci
COPY . .
RUN npm pack --pack-destination /tmp
WORKDIR /app
RUN tar -xzf /tmp/antiphon-*.tgz --strip-components=1
RUN cp /build/package-lock.json . && npm ci --omit=dev --ignore-scripts
# this image is no Alpine
RUN rm -rf node_modules/@libsql/linux-*-musl
# optional packages: docker build --build-arg PACKAGES="@ai-sdk/openai@4 pino@10.4.0" -t antiphon .
ARG PACKAGES
WORKDIR /more
RUN mkdir node_modules && npm install --ignore-scripts $PACKAGES

FROM node:24-bookworm-slim
ENV NODE_ENV=production ANTIPHON_DATA=/data
RUN install -d -o node -g node /data /project
COPY --from=build /app /app
# found from /app, as it lies above
COPY --from=build /more/node_modules /node_modules
RUN ln -s /app/bin/antiphon.js /usr/local/bin/antiphon
USER node
# an antiphon.yaml is read from here
WORKDIR /project
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/v1/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/antiphon.js"]
CMD ["serve", "--listen", "0.0.0.0:8080", "--grace", "20"]
