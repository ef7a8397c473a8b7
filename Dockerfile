# The runtime alone: no torch, no compilers in the final image, nothing written but the students' store under /data.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /app/.venv
COPY pyproject.toml setup.cfg constraints.txt README.md LICENSE streamlit_app.py ./
COPY fewshot fewshot
COPY enroll enroll
COPY app app
COPY conf conf
RUN /app/.venv/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM ${BASE}
# what OpenCV's wheel links against
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home fewshot \
 && install -d -o fewshot /data
COPY --from=build /app/.venv /app/.venv
WORKDIR /app
COPY streamlit_app.py ./
COPY .streamlit .streamlit
COPY app app
USER 10001
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FEWSHOT_STORE=/data/students.db \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8501/healthz', timeout=8)"]
ENTRYPOINT ["streamlit", "run", "streamlit_app.py"]
