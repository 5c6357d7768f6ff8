"""What vendors' typed options share: a helpful refusal of unknown names, and for remote ones the key and the endpoint."""

import hashlib
from difflib import get_close_matches
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import to_json

from docparse_loaders.errors import ConfigError, UnknownOption


class VendorConfig(BaseModel):
    """The typed options of one vendor, under the vendor's own names in snake_case; `extra_options` goes to it as it is.

    `wire` is the dotted path, `module:name`, of the vendor's pure half (`protocol.Vendor`), imported on first use.
    Raises `UnknownOption` for a name that does not exist, `ConfigError` for a value that cannot be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    wire: ClassVar[str] = ""
    unseen: ClassVar[frozenset[str]] = frozenset()
    """Options that say where and how, and cannot change a result."""

    extra_options: dict[str, JsonValue] = Field(default_factory=dict)

    def __init__(self, **options: Any) -> None:
        """Check the names first, so that a misspelt one gets an answer and not a list of validation errors."""
        known = set(type(self).model_fields)
        for name in options:
            if name not in known:
                raise _unknown(type(self).__name__, name, known)
        try:
            super().__init__(**options)
        except ValidationError as error:
            raise _invalid(type(self).__name__, error) from None

    def fingerprint(self) -> str:
        """A hash of every option that can change the result: equal options, equal fingerprint."""
        options = self.model_dump(mode="json", exclude=set(self.unseen))
        return hashlib.sha256(to_json({"class": type(self).__name__, **dict(sorted(options.items()))})).hexdigest()[:16]


class RemoteConfig(VendorConfig):
    """Options of a vendor that is a service.

    `api_key` and `base_url` default to the environment variables named by `key_env` and `url_env`, read when a job is
    started. The key shows in no repr and no dump. `trusted_hosts` are hosts of your own network to which the links of a
    private deployment may lead.
    """

    unseen: ClassVar[frozenset[str]] = frozenset({"api_key", "base_url", "trusted_hosts"})

    key_env: ClassVar[str] = ""
    url_env: ClassVar[str] = ""
    default_url: ClassVar[str] = ""

    api_key: SecretStr | str | None = Field(default=None, exclude=True, repr=False)
    base_url: str | None = None
    trusted_hosts: tuple[str, ...] = ()

    @classmethod
    def rooted(cls, url: str) -> str:
        """What the vendor's paths begin with, for an address as users write it, with or without its usual path."""
        return url

    def __getstate__(self) -> dict[Any, Any]:
        """Without what shows in no dump, such as the key: where it is unpickled, the environment names it again."""
        state = super().__getstate__()
        hidden = {name: info.get_default(call_default_factory=True) for name, info in _hidden_of(type(self)).items()}
        return {**state, "__dict__": {**state["__dict__"], **hidden}}

    @field_validator("api_key", mode="before")
    @classmethod
    def _hidden(cls, key: Any) -> Any:
        return SecretStr(key) if isinstance(key, str) else key


class StagedConfig(RemoteConfig):
    """Options of a vendor that fetches documents itself.

    `staging` is storage of your own as fsspec writes it (`s3://bucket/prefix`), where files are put under the hash of their
    content; the vendor gets a link that is signed for `staging_seconds`. `staging_options` open it (`{"key": …}`), where
    the environment does not; they show in no repr and no dump. Nothing is deleted there: give it a lifecycle rule.
    """

    unseen: ClassVar[frozenset[str]] = RemoteConfig.unseen | {"staging", "staging_options", "staging_seconds"}

    staging: str | None = None
    staging_options: dict[str, Any] = Field(default_factory=dict, exclude=True, repr=False)
    staging_seconds: int = Field(default=86400, ge=60)


def _hidden_of(config: type[VendorConfig]) -> dict[str, FieldInfo]:
    return {name: info for name, info in config.model_fields.items() if info.exclude}


def _unknown(owner: str, name: str, known: set[str]) -> UnknownOption:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known options: {', '.join(sorted(known))}."
    return UnknownOption(f"{owner} has no option {name!r}.", hint=f"{hint} Anything else goes into extra_options={{…}}.")


def _invalid(owner: str, error: ValidationError) -> ConfigError:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return ConfigError(f"{owner}({where}=…): {first['msg']}.", hint="See the options in its docstring.")
