# The images of GeMS, made by the script that makes every worker's machine (docs/operations.md).
#   worker   what a worker needs, and nothing of a job: bundle, typer and library come from the control bucket. AWS Batch
#            runs it with the command `bash /usr/local/share/gems/bootstrap.sh` (docs/deploy.md)
#   develop  the same, and what it takes to change GeMS: `make worker-shell`
#   local    the local cloud, as `gems local up` starts it: `docker compose up`
ARG BASE=debian:12-slim

FROM ${BASE} AS worker
ARG VERSION=0.1.0
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="GeMS worker" \
      org.opencontainers.image.description="Java, Python and curl for a worker of GeMS, an open HLA typing service" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
COPY userdata/provision.sh userdata/bootstrap.sh /usr/local/share/gems/
RUN bash /usr/local/share/gems/provision.sh image
# The container ends with the worker, and nothing is installed in it.
ENV GEMS_ROOT=/opt/gems GEMS_ON_END=exit GEMS_INSTALL=no
WORKDIR /opt/gems
USER 10001:10001
CMD ["bash"]

FROM worker AS develop
USER 0:0
RUN GEMS_INSTALL=yes bash /usr/local/share/gems/provision.sh develop \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
USER 10001:10001

FROM develop AS local
USER 0:0
COPY --chown=10001:10001 . /src
RUN mkdir -p /cache && chown 10001:10001 /src /cache
USER 10001:10001
ENV GEMS_CACHE=/cache PATH=/src/.venv/bin:/usr/local/bin:/usr/bin:/bin
RUN tools/make-venv.sh .venv requirements-dev.txt && rm -rf /opt/gems/.cache
# The typer was built before (`make jar`); the library is built into the volume at the first start.
CMD ["gems", "local", "up", "--port", "8080"]
