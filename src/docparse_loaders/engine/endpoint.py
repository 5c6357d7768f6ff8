"""Where a vendor is and which key it gets: from the options first, then from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from docparse_loaders.errors import ConfigError, MissingKey
from docparse_loaders.vendors.config import RemoteConfig, StagedConfig, VendorConfig
from docparse_loaders.vendors.protocol import Traits

_LOGIN = re.compile(r"//[^/]*@")


@dataclass(frozen=True, slots=True)
class Stage:
    """The user's own storage: an fsspec address, what opens it, and how long a signed link is good, in seconds."""

    folder: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    seconds: int = 86400


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base address and its key; the key shows in no repr.

    `trusted_hosts` may be in a private network, too; `staging` is where documents are put for a vendor that fetches them.
    """

    url: str
    key: SecretStr | None = None
    trusted_hosts: tuple[str, ...] = ()
    staging: Stage | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a resume token is bound to."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The host alone, in lower case."""
        return urlsplit(self.url).hostname or ""

    @property
    def in_the_clear(self) -> bool:
        """Whether the key would travel unencrypted to another machine."""
        return self.key is not None and self.url.startswith("http://") and not _is_here(self.host)


def endpoint_of(config: VendorConfig, traits: Traits, environ: Mapping[str, str] | None = None) -> Endpoint:
    """The endpoint that these options mean. Raises `ConfigError` or `MissingKey`, before any request.

    The vendor's own hosts need a key; a private deployment may have none, and then none is sent.
    """
    if not isinstance(config, RemoteConfig):
        return Endpoint("")
    env = os.environ if environ is None else environ
    given = config.base_url or env.get(config.url_env) or config.default_url
    url = config.rooted(given.strip().rstrip("/"))
    host = _host(url, config)
    key = _key(config.api_key or env.get(config.key_env), config)
    if key is None and traits.needs_key and _is_public(host, traits):
        name = type(config).__name__
        hint = f"Set {config.key_env}, or pass {name}(api_key=…); a private deployment is set by {config.url_env}."
        raise MissingKey(f"{name} at {host} needs a key.", hint=hint)
    return Endpoint(url, key, config.trusted_hosts, _stage(config))


def _stage(config: RemoteConfig) -> "Stage | None":
    if not isinstance(config, StagedConfig) or config.staging is None:
        return None
    return Stage(config.staging, config.staging_options, config.staging_seconds)


def _is_here(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _key(given: SecretStr | str | None, config: RemoteConfig) -> SecretStr | None:
    """The key, which no header could carry and errors would quote if it held a line break or the like."""
    text = (given.get_secret_value() if isinstance(given, SecretStr) else given or "").strip()
    if not (text.isascii() and text.isprintable()):
        said = f"the key of {type(config).__name__} holds characters that no key has, such as a line break."
        raise ConfigError(said, hint=f"Copy it again: api_key=…, or {config.key_env}.")
    return SecretStr(text) if text else None


def _host(url: str, config: RemoteConfig) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
        raise ConfigError(
            f"{_plain(url)!r} is not a base address.",
            hint=f"Set {config.url_env} like {config.default_url or 'https://host/api/v1'}.",
        )
    return host


def _plain(url: str) -> str:
    """An address without what may be a password, a token or a signature in it."""
    return _LOGIN.sub("//", url.partition("?")[0].partition("#")[0])


def _is_public(host: str, traits: Traits) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in traits.public_hosts)
