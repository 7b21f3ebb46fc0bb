"""Settings: one flat file for every installation, all of it from the environment (.env.example lists the variables)."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONCE, NONE, SELF

from coordination import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# Where it runs
DEMO = env.flag("DEMO", False)
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
if urlsplit(BASE_URL).scheme not in ("http", "https") or not urlsplit(BASE_URL).hostname:
    env.stop("BASE_URL", f"must be an address such as https://raccordo.example.org, not “{BASE_URL}”")
HTTPS = BASE_URL.startswith("https://")
LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [*LOCAL_HOSTS, str(urlsplit(BASE_URL).hostname)]
DEBUG = False
SECRET_KEY = env.text("SECRET_KEY") or env.generated_secret(VAR / "secret_key")
if len(SECRET_KEY) < 32:
    env.stop("SECRET_KEY", "must be at least 32 characters long")
REDIS_URL = env.text("REDIS_URL")
if REDIS_URL and urlsplit(REDIS_URL).scheme not in ("redis", "rediss", "unix"):
    env.stop("REDIS_URL", f"must be an address such as redis://127.0.0.1:6379/0, not “{REDIS_URL}”")
_redis_host = {"address": REDIS_URL, "socket_timeout": 5, "socket_connect_timeout": 2}
_channel_layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [_redis_host], "prefix": "raccordo."}}
CHANNEL_LAYERS = {"default": _channel_layer} if REDIS_URL else {}

# Data
DATABASES = {
    "default": env.parsed(
        "DATABASE_URL", f"sqlite:///{VAR / 'raccordo.sqlite3'}", dj_database_url.parse, "an address such as postgres://user@host/name"
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
elif DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    env.stop("DATABASE_URL", "must name SQLite or PostgreSQL")
VAR.mkdir(parents=True, exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = env.text("MEDIA_ROOT", str(VAR / "media"))
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
ATTACHMENT_MAX_BYTES = 20_000_000
FILE_UPLOAD_HANDLERS = [
    "coordination.limits.Cut",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Mail: files under var/mail unless a server is named
_email = env.parsed("EMAIL_URL", f"file://{VAR / 'mail'}", dj_email_url.parse, "an address such as smtp://user:password@host:587")
if not _email["EMAIL_BACKEND"]:
    env.stop("EMAIL_URL", "names an unknown kind of mail")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = _email["EMAIL_FILE_PATH"] if str(_email["EMAIL_FILE_PATH"]).startswith("/") else "/" + str(_email["EMAIL_FILE_PATH"])
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Raccordo <raccordo@{urlsplit(BASE_URL).hostname}>")

# Video: where the rooms are that a meeting may have beside its join link (no address: none)
JITSI_URL = env.address("JITSI_URL")
BBB_URL = env.address("BBB_URL").removesuffix("/api")
BBB_SECRET = env.text("BBB_SECRET")
if BBB_URL and not BBB_SECRET:
    env.stop("BBB_SECRET", "is needed with BBB_URL (`bbb-conf --secret` on the server shows both)")

# Another server that people may sign in with (none: mailed codes and passkeys alone)
OIDC = env.openid_connect()

# The application
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "frontend",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "api",
    "meetings",
]
MIDDLEWARE = [
    "frontend.middleware.DemoGuard",
    "frontend.middleware.FormsInUtf8",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "frontend.compression.CompressedPages",
    "frontend.offline.Kept",
    "frontend.critical.FirstStyles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "frontend.middleware.BareAnswers",
    "frontend.outbox.OutboxAnswers",
    "frontend.middleware.DomainErrors",
]
ROOT_URLCONF = "coordination.urls"
ASGI_APPLICATION = "coordination.asgi.application"
WSGI_APPLICATION = "coordination.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "frontend.context.page",
            ],
        },
    },
]
FORM_RENDERER = "frontend.rendering.FormRenderer"

# People
AUTH_USER_MODEL = "meetings.User"
AUTHENTICATION_BACKENDS = ["frontend.backends.Backend", "allauth.account.auth_backends.AuthenticationBackend"]  # that of older sessions
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
ACCOUNT_ADAPTER = "frontend.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.parsed("TRUSTED_PROXY_COUNT", "0", int, "a number")
MFA_ADAPTER = "frontend.accounts.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_question": "60/m/ip", "webauthn_login": "10/m/ip"}  # each question is a row among the sessions
SOCIALACCOUNT_ADAPTER = "frontend.oidc.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC.app] if OIDC else []}}
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 30 * 24 * 3600

# Languages and time: every page says in which network's zone its times are
LANGUAGE_CODE = "it"
LANGUAGES = [("it", "Italiano"), ("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "meetings" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
CRITICAL_CSS = BASE_DIR / "frontend" / "static" / "raccordo" / "critical.json"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security
SECURE_SSL_REDIRECT = HTTPS and env.flag("SSL_REDIRECT", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "frontend.views.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF, *(OIDC.origins if OIDC else ())],  # the form that begins a sign-in there is sent on there
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# REST
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.Token", "api.authentication.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Raccordo",
    "DESCRIPTION": "The weekly online coordination meeting of a local-authority network.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # labels depend on the reader's language
    "ENUM_NAME_OVERRIDES": {
        "MeetingState": "api.enums.MEETING_STATE",
        "AgendaItemState": "api.enums.AGENDA_ITEM_STATE",
        "AgendaItemKind": "api.enums.AGENDA_ITEM_KIND",
        "MinutesState": "api.enums.MINUTES_STATE",
        "ActionItemState": "api.enums.ACTION_ITEM_STATE",
        "PollState": "api.enums.POLL_STATE",
        "SpeakerState": "api.enums.SPEAKER_STATE",
        "QuestionState": "api.enums.QUESTION_STATE",
        "QuestionWay": "api.enums.QUESTION_WAY",
        "ResponseSource": "api.enums.RESPONSE_SOURCE",
        "SourceEnum": "api.enums.ATTENDANCE_SOURCE",
        "DelegationState": "api.enums.DELEGATION_STATE",
        "SpeakerRequestKind": "api.enums.SPEAKER_REQUEST_KIND",
        "MailState": "api.enums.MAIL_STATE",
        "InvitationState": "api.enums.INVITATION_STATE",
    },
}

# Watching it
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"tokens": {"()": "meetings.calendar_feed.tokens.HideTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
