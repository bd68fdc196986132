"""Every setting, in one file. What differs between two installations comes from the environment and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment, claimed_groups, mail_settings, provider_key, provider_settings

HERE = Path(__file__).resolve().parent.parent
environment = Environment(os.environ)

# Where this installation lives
DATA_DIR = Path(environment.text("DATA_DIR", str(HERE / "data"))).absolute()
PORT = environment.whole("PORT", 8000, least=1, most=65535)
PUBLIC_URL = environment.origin("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").geturl().rstrip("/")
_public = environment.origin("PUBLIC_URL", default=PUBLIC_URL)
_https = _public.scheme == "https"
_loopback = _public.hostname in {"localhost", "127.0.0.1", "::1"}
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS") or (
    ["127.0.0.1", "localhost", "[::1]"] if _loopback else [str(_public.hostname)]
)
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")

# Safety
DEBUG = environment.flag("DEBUG")
DEMO = environment.flag("DEMO")  # set by `manage.py up` for the embedded default, and by the tests
DEMO_PASSWORD = environment.text("DEMO_PASSWORD")
CLOCK_SHIFT = environment.whole("CLOCK_SHIFT", 0)  # seconds; portal.E001 refuses it outside the demo
_key_file = DATA_DIR / "secret_key"  # made by `manage.py up`
SECRET_KEY = environment.secret("SECRET_KEY") or (_key_file.read_text().strip() if _key_file.is_file() else "")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked on the loopback address, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The seal: what shows that the record was changed has to be kept where the database's owner does not write
SEAL_KEY = environment.secret("SEAL_KEY")  # without one a key is made in SEAL_DIR
SEAL_DIR = DATA_DIR / "seal"
WITNESS_FILE = environment.text("WITNESS_FILE")

# What it is made of
INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "guardian",
    "simple_history",
    "csp",
    "approvals.apps.ApprovalsConfig",
    "audits.apps.AuditsConfig",
    "portal.apps.PortalConfig",
]
MIDDLEWARE = [
    "portal.proxies.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.shell.RequestIdMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.requirement.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.shell.shell",
            ]
        },
    }
]

# People
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "portal.accounts.backend.AccountBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
ANONYMOUS_USER_NAME = None  # guardian makes no account of its own
GUARDIAN_MONKEY_PATCH_USER = False  # only approvals.access speaks to guardian
GUARDIAN_MONKEY_PATCH_GROUP = False
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True

# Signing in: the library does the protocols; pages, limits and record are ours
CACHES = {
    "default": {  # remembers used one-time codes, so it has to be one for all processes
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_remembered",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
PASSWORD_RESET_TIMEOUT = 60 * 60
ACCOUNT_ADAPTER = "portal.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is written to who has no account
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_SESSION_REMEMBER = True  # twelve hours, as every session here
ACCOUNT_RATE_LIMITS = False  # portal.accounts.limits counts in the database and answers 429
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "reauthenticate": "portal.accounts.forms.PasswordAgainForm",
    "change_password": "portal.accounts.forms.ChangedPasswordForm",
    "reset_password": "portal.accounts.forms.LostPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.NewPasswordForm",
}
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
MFA_ADAPTER = "portal.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Agent Approvals"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off
MFA_RATE_LIMITS = False
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.CodeForm",
    "reauthenticate": "portal.accounts.forms.CodeAgainForm",
    "activate_totp": "portal.accounts.forms.FirstCodeForm",
    "add_webauthn": "portal.accounts.forms.PasskeyForm",
    "login_webauthn": "portal.accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "portal.accounts.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "portal.accounts.forms.PasskeyAgainForm",
}
OIDC_ISSUER = environment.url("OIDC_ISSUER", "https", "http").rstrip("/")
OIDC_CLIENT_ID = environment.file_or_text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = environment.secret("OIDC_CLIENT_SECRET")
OIDC_CLAIM, OIDC_GROUPS = claimed_groups(environment.file_or_text("OIDC_GROUPS"))
OIDC_PROVIDER = provider_key(OIDC_ISSUER)
SOCIALACCOUNT_ADAPTER = "portal.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = provider_settings(OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET)
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link, because form-action 'self' would stop a form on its way to the provider
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # ProviderAdapter decides who is linked
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""

# The database
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # deferred transactions lose writes with "database is locked" even in WAL mode
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
DATABASE_URL = environment.url("DATABASE_URL", "sqlite", "postgres", "postgresql")
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(DATABASE_URL or f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if not DATABASE_URL:
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # so that every command works on a fresh folder
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # each verb is one transaction of its own
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Words and time
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "static/"
STATIC_ROOT = Path(environment.text("STATIC_DIR", str(DATA_DIR / "static"))).absolute()
STATICFILES_DIRS = [HERE / "static"] if (HERE / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# Letters
MAIL_DIR = DATA_DIR / "mail"
EMAIL_URL = environment.url("EMAIL_URL", "smtp", "smtps", "smtp+tls")
if EMAIL_URL and not environment.text("MAIL_FROM"):
    raise ImproperlyConfigured("EMAIL_URL is set and MAIL_FROM is not. Say which address the letters come from.")
globals().update(mail_settings(EMAIL_URL, MAIL_DIR))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("MAIL_FROM", "Agent Approvals <approvals@localhost>")

# Tasks: Redis carries pokes only, so everything here may be lost without owing anybody anything
REDIS_URL = environment.url("REDIS_URL", "redis", "rediss", "redis+socket")
CELERY_BROKER_URL = REDIS_URL or "memory://"  # without one nobody is poked, least of all a Redis of somebody else
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # longer than any task may run, or the task is run twice at once
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_PUBLISH_RETRY = False  # a broker that is down must not keep a request waiting
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
DUE = {  # seconds between two pokes
    "flag_expiring": 60,
    "flag_overdue": 60,
    "flag_unrenewed": 60,
    "warn_idle": 60,
    "expire_due": 60,
    "suspend_unfilled": 60,
    "close_idle": 60,
    "send_letters": 10,
    "forget_working_copies": 60,
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    name: {"task": f"approvals.tasks.{name}", "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in DUE.items()
}
CELERY_BEAT_SCHEDULE["end_access"] = {
    "task": "portal.tasks.end_access",
    "schedule": 60,
    "options": {"expires": 60},
}
CELERY_BEAT_SCHEDULE["seal_record"] = {
    "task": "audits.tasks.seal_record",
    "schedule": 60,
    "options": {"expires": 60},
}
CELERY_BEAT_SCHEDULE["look_around"] = {
    "task": "portal.tasks.look_around",
    "schedule": 60,
    "options": {"expires": 60},
}
CELERY_BEAT_SCHEDULE["tidy_sign_in"] = {
    "task": "portal.tasks.tidy_sign_in",
    "schedule": 3600,
    "options": {"expires": 3600},
}

# Webhooks go to public addresses over https; these networks of the operator's own are allowed too
WEBHOOK_ALLOWED_NETWORKS = environment.networks("WEBHOOK_ALLOWED_NETWORKS")

# Whom /metrics answers: whoever shows this token, a monitor on this machine, or (without either) nobody
METRICS_TOKEN = environment.secret("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN needs at least 20 characters; `openssl rand -hex 20` makes some.")
METRICS_ON_LOOPBACK = environment.flag("METRICS_ON_LOOPBACK")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"one_line": {"()": "portal.logs.OneLine", "secrets": [*environment.secrets, SECRET_KEY]}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "one_line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
