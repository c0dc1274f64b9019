"""All settings, in chapters. A missing or malformed value stops the program with one sentence (see ikbt/env.py)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from string import Template

import dj_database_url
import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from ikbt import engines, logs
from ikbt.env import SettingError, env
from messaging.vapid import BadKey, new_private_key, public_key

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where we are -----------------------------------------------------------------------------------------------------
ENVIRONMENT = env.text("IKBT_ENV", default="local")
if ENVIRONMENT not in {"local", "production"}:
    raise SettingError('IKBT_ENV must be "local" or "production".')
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("IKBT_DEMO", default=False)
SECRET_KEY = env.secret("SECRET_KEY") if PRODUCTION else env.kept_secret("SECRET_KEY")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
BEHIND_TLS = env.flag("IKBT_TLS", default=PRODUCTION)
PUBLIC_URL = env.text("IKBT_URL", default=f"http://127.0.0.1:{env.number('PORT', default=8000)}")
METRICS_KEY = env.secret("METRICS_KEY", default="")
if PRODUCTION and (DEBUG or DEMO or not BEHIND_TLS or not METRICS_KEY):
    raise SettingError("IKBT_ENV=production needs DEBUG=0, IKBT_DEMO=0, IKBT_TLS=1 and a METRICS_KEY.")
VERSION = env.text("IKBT_VERSION", default="dev")

# --- Apps -------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "ikbt",
    "followup",
    "riskmonitor",
    "messaging",
    "programs",
    "clinics",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "ikbt.middleware.PrivateHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ikbt.middleware.SessionLimits",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "ikbt.middleware.OwnLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "ikbt.middleware.BackFromSilence",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "ikbt.urls"
WSGI_APPLICATION = "ikbt.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ikbt.context.page",
            ],
        },
    },
]

# --- Engines: given ones, else the project's own (architecture, "Embedded engines") -----------------------------------
DATABASE_URL, REDIS_URL = engines.urls()
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
DATABASES["default"]["ATOMIC_REQUESTS"] = True  # no audit row, no data: both stand or fall together
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5
DATABASES["default"]["OPTIONS"]["options"] = (
    "-c statement_timeout=20s -c idle_in_transaction_session_timeout=30s "
    # Pages join up to nine tables, nearly all to carry rows along: weighing every order costs more than the answer.
    # Django writes the tables that are filtered first, and the planner still orders four at a time.
    "-c join_collapse_limit=4"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "ikbt.cache.OptionalRedisCache",  # every error is a miss: no page needs it
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
        "KEY_PREFIX": "ikbt",
    },
}

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "clinics.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "clinics.adapters.InvitationOnly"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds: how long a password counts for what great power asks again

# --- Sessions and cookies ---------------------------------------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # words of patients stay out of cookies
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_LIMITS = {  # (idle, at most): architecture §5
    "patient": (timedelta(minutes=30), timedelta(hours=4)),
    "staff": (timedelta(minutes=15), timedelta(hours=10)),
}
SESSION_COOKIE_NAME = "__Host-session" if BEHIND_TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if BEHIND_TLS else "csrf"
LANGUAGE_COOKIE_NAME = "language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- Headers ----------------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REDIRECT_EXEMPT = [r"^alive/$", r"^ready/$", r"^metrics/$"]
SECURE_HSTS_SECONDS = 63_072_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

# --- Language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Stockholm"
FORMAT_MODULE_PATH = ["ikbt.formats"]

# --- Pages ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.data_folder() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or env.flag("IKBT_PLAIN_STATIC", default=False)
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = DEBUG or env.flag("IKBT_PLAIN_STATIC", default=False)
CRISPY_ALLOWED_TEMPLATE_PACKS = ["ikbt"]
CRISPY_TEMPLATE_PACK = "ikbt"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # a million characters, six bytes each in a form, are accepted

# --- Mail -------------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", default="127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", default=8025)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", default="Min behandling <svara-inte@ikbt.example>")

# --- Other ways out: notices in browsers (web push), and SMS by one gateway -------------------------------------------
VAPID_PRIVATE_KEY = (
    env.secret("VAPID_PRIVATE_KEY", default="")  # all processes must have the same one, so that it is given or missing
    if PRODUCTION
    else env.kept_secret("VAPID_PRIVATE_KEY", make=new_private_key)
)
try:
    VAPID_PUBLIC_KEY = public_key(VAPID_PRIVATE_KEY) if VAPID_PRIVATE_KEY else ""
except BadKey as problem:
    raise SettingError(f"VAPID_PRIVATE_KEY is {problem}: make one with manage.py new_vapid_key.") from problem
PUSH_ALLOWED = env.listing("PUSH_ALLOWED", default=[])  # origins inside the house, for trying out alone
SMS_URL = env.text("SMS_URL", default="")
SMS_METHOD = env.text("SMS_METHOD", default="POST")
SMS_HEADER = env.secret("SMS_HEADER", default="")
SMS_CONTENT_TYPE = env.text("SMS_CONTENT_TYPE", default="application/json")
SMS_BODY = env.text("SMS_BODY", default='{"to": "$number", "text": "$text", "reference": "$key"}')
if PRODUCTION and (PUSH_ALLOWED or (SMS_URL and not SMS_URL.startswith("https://"))):
    raise SettingError("IKBT_ENV=production needs an empty PUSH_ALLOWED, and https in SMS_URL.")
try:
    for _template in (SMS_URL, SMS_BODY):
        Template(_template).substitute(number="", text="", key="")
except (KeyError, ValueError) as problem:
    raise SettingError(f"SMS_URL and SMS_BODY know $number, $text and $key, not {problem}.") from problem

# --- Background work: the broker only wakes, the rows are the truth (architecture §4) ---------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 60, 50
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "riskmonitor.tasks.*": {"queue": "safety"},  # its own worker: a report can never delay it
    "riskmonitor.tasks.try_rules": {"queue": "reports"},  # may take minutes, and nobody's safety waits for it
    "messaging.tasks.*": {"queue": "notices"},
    "followup.tasks.*": {"queue": "reports"},
    "programs.tasks.*": {"queue": "default"},
}
_EVERY_SWEEP = {"schedule": 5.0, "options": {"expires": 5}}
CELERY_BEAT_SCHEDULE = {
    "screen": {"task": "riskmonitor.tasks.screen_due", **_EVERY_SWEEP},
    "escalate": {"task": "riskmonitor.tasks.escalate_due", **_EVERY_SWEEP},
    "remind": {"task": "riskmonitor.tasks.remind_due", **_EVERY_SWEEP},
    "missing": {"task": "riskmonitor.tasks.miss_flags", **_EVERY_SWEEP},
    "notices-email": {"task": "messaging.tasks.send_due_email", **_EVERY_SWEEP},
    "notices-push": {"task": "messaging.tasks.send_due_push", **_EVERY_SWEEP},
    "notices-sms": {"task": "messaging.tasks.send_due_sms", **_EVERY_SWEEP},
    "reports": {"task": "followup.tasks.make_due_reports", **_EVERY_SWEEP},
    "dry-runs": {"task": "riskmonitor.tasks.try_rules", **_EVERY_SWEEP},
    "marked-not-sent": {"task": "riskmonitor.tasks.flag_marked_drafts", "schedule": 60.0, "options": {"expires": 60}},
    "old-drafts": {"task": "programs.tasks.delete_old_drafts", "schedule": 3600.0, "options": {"expires": 3600}},
    "memberships": {"task": "riskmonitor.tasks.end_memberships", **_EVERY_SWEEP},
    "left-access": {"task": "riskmonitor.tasks.end_left_access", "schedule": 60.0, "options": {"expires": 60}},
    "silence": {"task": "riskmonitor.tasks.notice_silence", "schedule": 300.0, "options": {"expires": 300}},
    "cover": {"task": "riskmonitor.tasks.check_cover", "schedule": 300.0, "options": {"expires": 300}},
    "break-off": {"task": "riskmonitor.tasks.check_break_off", "schedule": 300.0, "options": {"expires": 300}},
}
GUARD_SECONDS = 3
CANARY_SECONDS = env.number("CANARY_SECONDS", default=300)  # 0: no canaries
CANARY_URL = env.text("CANARY_URL", default=PUBLIC_URL).rstrip("/")  # where the guard reaches the web
PING_URL = env.secret("PING_URL", default="")  # an address outside that alarms when the guard stops knocking
if PRODUCTION and PING_URL and not PING_URL.startswith("https://"):
    raise SettingError("IKBT_ENV=production needs https in PING_URL.")

# --- Logs: event names and ids, never a name, a text or an answer -----------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer()
            if PRODUCTION
            else structlog.processors.LogfmtRenderer(bool_as_flag=False),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                logs.errors_without_words,
            ],
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", default="INFO")},
    "loggers": {
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},
        "django_structlog": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        logs.errors_without_words,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "code"
SILENCED_SYSTEM_CHECKS: list[str] = []
