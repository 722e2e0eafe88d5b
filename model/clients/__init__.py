"""The producer clients that are known, one file each: a file with a ``PROFILE`` is a client."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from model.clients.profile import Profile

_NO_CLIENTS = ("options", "profile")


def _profiles() -> Mapping[str, Profile]:
    """By name, Java's first, which is the default."""
    names = [each.name for each in iter_modules(__path__) if each.name not in _NO_CLIENTS]
    found = [import_module(f"{__name__}.{name}").PROFILE for name in names]
    found.sort(key=lambda profile: (profile.name != "java", profile.name))
    return MappingProxyType({profile.name: profile for profile in found})


PROFILES: Mapping[str, Profile] = _profiles()
#: With the rules that they had before, which are no clients to be chosen: a release of one is.
RULES: Mapping[str, Profile] = MappingProxyType(
    {
        **PROFILES,
        **{older.name: older for profile in PROFILES.values() for _, older in profile.older},
    }
)
