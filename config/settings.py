"""Wiring only: everything that differs between places comes from the environment."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env("ENV_FILE", default=BASE_DIR / ".env"), overwrite=False)

ENVIRONMENT = env("ENVIRONMENT", default="production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Keys: "id:base64,id:base64", the first is the one that signs.
CONTEXT_SIGNING_KEYS = env("CONTEXT_SIGNING_KEYS")
CONTEXT_LIFETIME_SECONDS = 300
# The same form; the first one wraps the keys of clinics. See clinic/encryption.
FIELD_ENCRYPTION_KEYS = env("FIELD_ENCRYPTION_KEYS", default="")
# What signs the anchors of the audit trail, "id:secret,id:secret"; without, SECRET_KEY does.
AUDIT_ANCHOR_KEYS = env("AUDIT_ANCHOR_KEYS", default="")
# A file that an hourly job appends anchors to; "" for none.
AUDIT_ANCHOR_FILE = env("AUDIT_ANCHOR_FILE", default="")
# Sealed months older than this many years are pruned, 6 at least; 0 keeps everything.
AUDIT_KEEP_YEARS = env.int("AUDIT_KEEP_YEARS", default=0)
# The second half of the UIDs in calendars. Changing it doubles every entry that people have.
CALENDAR_DOMAIN = env("CALENDAR_DOMAIN", default="rowan.invalid")
# Addresses whose X-Forwarded-For is believed.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

INSTALLED_APPS = [
    "clinic",
    "booking",
    "messaging",
    "webhooks",
    "audit",
    "jobs",
    "demo",
    "config.admin.RowanAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_rls",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.tenancy.middleware.RequestIdMiddleware",
    "clinic.problems.ProblemMiddleware",
    "clinic.tenancy.middleware.Utf8Middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.tenancy.middleware.TenantMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
            ],
        },
    }
]


def database(name: str, **options: Any) -> dict[str, Any]:
    """A DATABASES entry read from the variable called name."""
    config: dict[str, Any] = {**env.db_url(name)}
    if "postgres" not in config["ENGINE"]:
        raise ImproperlyConfigured(f"{name} must be a postgres:// address")
    config["ENGINE"] = "clinic.tenancy.backend"
    # Bound on the server, so that patients' data never stands in statement text.
    config["OPTIONS"] = {**config.get("OPTIONS", {}), "server_side_binding": True, **options}
    return config


DATABASES = {
    "default": database("DATABASE_URL"),
    "owner": database("MIGRATION_DATABASE_URL", assume_role="clinic_owner"),
}
DATABASES["default"]["ATOMIC_REQUESTS"] = True
if env.bool("DATABASE_POOL", default=True):
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL_SIZE", default=8),
        "timeout": 10,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
# A database that was started again costs nobody a page.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

DJANGO_RLS = {"AUTO_ENABLE_RLS": False, "RESET_CONTEXT_ON_CONNECT": False}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["clinic.auth.LoginBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail is unique per clinic: clinic.auth
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/clinics/"
LOGOUT_REDIRECT_URL = "/login/"

SESSION_ENGINE = "clinic.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "clinic.admin.pages.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# TLS is what production has; the demo serves plain HTTP on the loopback.
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
