# Two stages: the first builds a virtual environment, the second holds only that and runs as nobody special.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/hcc-cds
COPY requirements ./requirements
RUN /opt/hcc-cds/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
 && /opt/hcc-cds/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY models ./models
COPY fhir_mapping ./fhir_mapping
COPY cds_service ./cds_service
RUN /opt/hcc-cds/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/hcc-cds/bin/pip uninstall --yes hatchling editables

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/hcc-cds hcc-cds
COPY --from=build /opt/hcc-cds /opt/hcc-cds
USER hcc-cds
WORKDIR /var/lib/hcc-cds
ENV PATH=/opt/hcc-cds/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/cds-services', timeout=4)"]
ENTRYPOINT ["hcc-cds"]
CMD ["demo"]
