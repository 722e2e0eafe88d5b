"""A file's bytes to units: which syntax it is in, by its name or by how it begins."""

import re
from pathlib import Path

from experiments.files.entries import Unit, refused
from experiments.files.environment import environment_of
from experiments.files.json_text import read_json
from experiments.files.logged import HEADING, logged_units
from experiments.files.properties_text import read_properties
from experiments.files.unpack import units_of
from experiments.files.yaml_text import read_yaml
from model.config.checks import ConfigError
from model.config.files import read_bytes

#: Ours: far above any configuration, far below what would be slow to read.
MAX_FILE_BYTES = 1 << 20
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

#: What else people keep a client's settings in, by the end of the name.
SOURCE_CODE = (".py", ".java", ".kt", ".scala", ".go", ".js", ".ts", ".cs", ".rb", ".rs", ".c")
MARKUP = (".xml", ".toml", ".tf", ".hcl", ".md", ".html", ".ini", ".j2", ".tpl")
_YAML = re.compile(r"(?:---\s*\n|(?:[\"']?[\w./%$\[\]-]+[\"']?|\s+|- )[\w.-]*:(?:\s|$))")
_BLOCK = re.compile(r"^\s*[\w.-]+\s*[=:]?\s*\{\s*(?:#.*)?$", re.MULTILINE)


def read_units(path: Path) -> list[Unit]:
    """What a file holds. Raises ConfigError, naming the file, for one that cannot be read."""
    content = _bytes(path)
    name = path.name.lower()
    if name.endswith(SOURCE_CODE):
        raise refused(path, "is source code: write the producer's settings to a properties file")
    if name.endswith(MARKUP):
        raise refused(path, "is in a format that is not read: properties, YAML and JSON are")
    if HEADING.encode() in content:
        return logged_units(content.decode("latin-1"))
    stripped = content.lstrip()
    if name.endswith(".json") or stripped[:1] == b"{" or stripped[:2] in (b"[{", b"[\n", b"[\r"):
        return units_of(path, [read_json(path, _unicode(path, content))], nested)
    if name.endswith((".yml", ".yaml")) or (not _is_properties(name) and _looks_like_yaml(content)):
        return units_of(path, read_yaml(path, _unicode(path, content)), nested)
    if not _is_properties(name) and _BLOCK.search(content.decode("latin-1")):
        raise refused(path, "is HOCON or the like, which is not read: write it as properties")
    return environment_of(read_properties(path, content))


def nested(path: Path, name: str, text: str) -> list[Unit]:
    """What a file holds that stands in another one, under its own name."""
    if name.lower().endswith(".json"):
        return units_of(path, [read_json(path, text)], None)
    if name.lower().endswith((".yml", ".yaml")):
        return units_of(path, read_yaml(path, text), None)
    return environment_of(read_properties(path, text))


def _bytes(path: Path) -> bytes:
    try:
        content = read_bytes("properties", path, MAX_FILE_BYTES)
    except ConfigError as error:
        raise refused(path, error.rule) from None
    if content.startswith(BYTE_ORDER_MARKS) or b"\0" in content:
        raise refused(path, "must be plain text without a byte-order mark, as Java needs it")
    return content


def _unicode(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise refused(path, "must be UTF-8") from None


def _is_properties(name: str) -> bool:
    return name.endswith((".properties", ".env"))


def _looks_like_yaml(content: bytes) -> bool:
    """Whether no line sets anything with ``=``, and the first one that says anything ends a key
    with a colon and a blank. A colon may stand in properties too, where it means the same."""
    lines = [line for line in content.decode("latin-1").splitlines() if line.strip()]
    said = [line for line in lines if not line.lstrip().startswith("#")]
    nests = any(line.startswith((" ", "\t", "- ")) for line in said)
    return bool(said) and nests and _YAML.match(said[0]) is not None
