# The portal as one image for every role: docker build -t agent-approvals .
FROM python:3.12-slim AS build
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock
WORKDIR /opt/portal
COPY manage.py LICENSE ./
COPY approvals approvals
COPY audits audits
COPY portal portal
COPY templates templates
COPY deploy deploy
RUN DATA_DIR=/tmp/data STATIC_DIR=/opt/portal/collected SECRET_KEY=only-while-the-image-is-made-0123456789 /opt/venv/bin/python manage.py collectstatic --no-input
RUN /opt/venv/bin/python -m compileall -q approvals audits portal

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
    && install -d -o portal -m 0700 /data /backups
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/portal /opt/portal
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DATA_DIR=/data STATIC_DIR=/opt/portal/collected PORT=8000
WORKDIR /opt/portal
USER portal
VOLUME ["/data", "/backups"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "deploy/answers.py"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve", "--host", "0.0.0.0"]
