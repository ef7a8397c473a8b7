# The runtime alone: no torch, no compiler, nothing written but the students' store under /data.
ARG BASE=python:3.11-slim-bookworm

# The packages are read from setup.cfg without the code, so that a change of the code leaves their layer as it is.
FROM ${BASE} AS packages
WORKDIR /src
COPY pyproject.toml setup.cfg constraints.txt LICENSE ./
# Two OpenCVs come, one over the other. A server keeps the one without windows, which needs neither X11 nor Mesa.
RUN python3 -m venv /app/.venv \
 && /app/.venv/bin/pip install --no-cache-dir --constraint constraints.txt '.[postgresql,signin]' \
 && /app/.venv/bin/pip uninstall --yes fewshot-emotion opencv-python \
 && /app/.venv/bin/pip install --no-cache-dir --constraint constraints.txt --no-deps --force-reinstall \
      opencv-python-headless

FROM ${BASE}
# Pango draws the PDF of a report.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-lohit-deva \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home fewshot \
 && install -d -o fewshot -m 700 /data
COPY --from=packages /app/.venv /app/.venv
WORKDIR /app
COPY .streamlit .streamlit
COPY conf conf
COPY fewshot fewshot
COPY enroll enroll
COPY app app
COPY streamlit_app.py ./
USER 10001
# Two would call home: Streamlit asks for its public address unless one is given, the ONNX runtime reports its use.
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    FEWSHOT_STORE=/data/students.db \
    ORT_DISABLE_TELEMETRY=1 \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_PORT=8501
VOLUME /data
EXPOSE 8501
# Prints the answer, which says what is wrong, for `docker inspect`.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", "import http.client, os; \
  server = http.client.HTTPConnection('localhost', int(os.environ['STREAMLIT_SERVER_PORT']), timeout=8); \
  server.request('GET', '/healthz'); answer = server.getresponse(); \
  print(answer.read().decode()); exit(answer.status != 200)"]
# A command, not an entry point: `docker run ... fewshot python -m enroll list` works as well.
CMD ["streamlit", "run", "streamlit_app.py"]
