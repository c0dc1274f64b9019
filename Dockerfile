# One image for every process; docker-compose.yml says which one a container runs.
FROM python:3.13-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-liberation \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 ikbt \
    && install -d -o ikbt -g ikbt /data

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .
RUN python -m ikbt.catalogues locale/*/LC_MESSAGES/*.po && python -m compileall -q .

ENV PYTHONUNBUFFERED=1 IKBT_DATA=/data
USER ikbt
VOLUME /data
EXPOSE 8000
