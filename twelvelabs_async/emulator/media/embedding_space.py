"""The embedding space: texts, pictures, scenes and sounds as vectors that can be compared.

Everything is first described by weighted features: concepts (`colour:red`, `motion:fast`, see `vocabulary`) and words
(`word:sunset`). Every feature has a fixed direction in the space, made from a hash of its name; a vector is the
weighted sum of the directions, scaled to length 1. The directions of two features are almost at right angles, so the
cosine of two vectors is, up to a small error, the cosine of the features: a text "red" is near a red scene. The first
numbers of a direction do not depend on the dimension.
"""

from __future__ import annotations

import hashlib
import io
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from .indexing import describe_picture
from .pictures import read_picture
from .vocabulary import NEAR, concepts_of, stem, terms_of
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

DIMENSION: Final = 512
"""Numbers per vector by default."""

Features = dict[str, float]
"""Weight of each feature by its name."""

_SEED: Final = b"twelvelabs-async emulator space 1:"
_WORD_WEIGHT: Final = 0.35
_TRAIT_WEIGHT: Final = 0.35
_TEXTURE_WEIGHT: Final = 0.2
_NAMES_WEIGHT: Final = 0.35
_NEAR_WEIGHT: Final = 0.4


def embed_text(text: str, dimension: int = DIMENSION) -> list[float]:
    """Embed a text."""
    return to_vector(text_features(text), dimension)


def embed_image(source: bytes | Path, dimension: int = DIMENSION) -> list[float]:
    """Embed a picture (its bytes or its path).

    Raises:
        MediaError: `unsupported_media_type` when it is not a picture.
    """
    return to_vector(visual_features(picture_of(source)), dimension)


def embed_scene(scene: Mapping[str, Any], dimension: int = DIMENSION) -> list[float]:
    """Embed the picture of a scene."""
    return to_vector(visual_features(scene), dimension)


def embed_text_image(text: str, images: Sequence[bytes | Path], dimension: int = DIMENSION) -> list[float]:
    """Embed a text together with pictures as one vector; both have the same weight.

    Raises:
        MediaError: `unsupported_media_type` when one of the pictures is none.
    """
    parts = [visual_features(picture_of(image)) for image in images]
    return to_vector(mix([(text_features(text), float(len(parts) or 1)), *((part, 1.0) for part in parts)]), dimension)


def picture_of(source: bytes | Path) -> dict[str, Any]:
    """Describe a picture like a scene."""
    return describe_picture(read_picture(io.BytesIO(source) if isinstance(source, bytes) else source))


def text_features(text: str) -> Features:
    """Return the features of a text: the concepts of its words, and the words."""
    features: Features = {}
    for term in terms_of(text):
        concepts = concepts_of(term)
        for concept, weight in concepts:
            _raise(features, concept, weight)
        _raise(features, f"word:{stem(term)}", _WORD_WEIGHT if concepts else 1.0)
    # A text without a single word still has a vector, the same each time.
    return features or {f"text:{text}": 1.0}


def visual_features(scene: Mapping[str, Any]) -> Features:
    """Return the features of the picture of a scene."""
    features = {f"colour:{name}": math.sqrt(share) for name, share in scene.get("colours", {}).items()}
    if not features:
        return {}
    features[f"brightness:{scene['brightness_name']}"] = _TRAIT_WEIGHT
    if scene["motion"] != "unknown":
        features[f"motion:{scene['motion']}"] = _TRAIT_WEIGHT
    features[f"texture:{scene['texture']}"] = _TEXTURE_WEIGHT
    return features


def audio_features(scene: Mapping[str, Any]) -> Features:
    """Return the features of the sound of a scene; none without a sound track."""
    heard: Mapping[str, Any] = scene.get("audio") or {"loudness": "none"}
    if heard["loudness"] == "none":
        return {}
    features = {f"audio:{heard['loudness']}": 1.0}
    if tone := heard.get("tone"):
        features["audio:tone"] = 0.7
        # Half octaves: tones of about the same pitch are near each other.
        features[f"pitch:{round(2 * math.log2(max(tone, 1.0)))}"] = 0.5
    return features


def word_features(texts: Iterable[str]) -> Features:
    """Return the features of spoken or written words."""
    features: Features = {}
    for text in texts:
        for term in terms_of(text) if words_of(text) else ():
            features[f"word:{stem(term)}"] = 1.0
            for concept, weight in concepts_of(term):
                _raise(features, concept, weight * 0.5)
    return features


def name_features(index: Mapping[str, Any]) -> Features:
    """Return the features of the names and metadata of a file; the more words, the less each counts."""
    words = sorted({stem(word) for found in index.get("words", {}).values() for word in found})
    return {f"word:{word}": _NAMES_WEIGHT / math.sqrt(len(words)) for word in words}


def mix(parts: Iterable[tuple[Features, float]]) -> Features:
    """Add up features, each part scaled to length 1 and then by its weight."""
    total: Features = {}
    for features, weight in parts:
        length = math.sqrt(sum(value * value for value in features.values()))
        for name, value in features.items():
            total[name] = total.get(name, 0.0) + value * weight / (length or 1.0)
    return total


def to_vector(features: Mapping[str, float], dimension: int = DIMENSION) -> list[float]:
    """Turn features into a vector of length 1; without features, into a fixed direction of its own.

    Raises:
        ValueError: The dimension is below 1.
    """
    if dimension < 1:
        raise ValueError(f"dimension must be at least 1, not {dimension}")
    # Sorted, so that rounding is the same whatever the order in which features were found.
    weighted = sorted((name, value) for name, value in features.items() if value) or [("nothing", 1.0)]
    total = np.zeros(dimension)
    for name, value in weighted:
        total += value * _direction(name, dimension)
    length = float(np.linalg.norm(total))
    if length < 1e-9:  # only possible in very few dimensions: the directions cancel each other out
        total, length = _direction("nothing", dimension).astype(np.float64), math.sqrt(dimension)
    result: list[float] = (total / length).tolist()
    return result


class Nearness:
    """How near something is to a query in the space, from 0 to 1, where 0.5 is unrelated.

    It is the cosine of their vectors, found without making the vector of each thing: the direction of a feature is
    compared with the query once.
    """

    def __init__(self, features: Mapping[str, float]) -> None:
        wider = dict(features)
        for name, value in features.items():
            for near in NEAR.get(name, ()):
                _raise(wider, near, value * _NEAR_WEIGHT)
        self._query = np.asarray(to_vector(wider))
        self._parts: dict[str, float] = {}

    def __call__(self, features: Mapping[str, float]) -> float:
        """How near the thing with these features is; 0 for one without features."""
        length = math.sqrt(sum(value * value for value in features.values()))
        if not length:
            return 0.0
        found = sum(value * self._part(name) for name, value in sorted(features.items())) / length
        return min(1.0, max(0.0, 0.5 + 0.5 * found))

    def _part(self, name: str) -> float:
        part = self._parts.get(name)
        if part is None:
            part = self._parts[name] = float(self._query @ _direction(name, DIMENSION)) / math.sqrt(DIMENSION)
        return part


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    """Compare two vectors: 1 for the same direction, 0 for unrelated ones."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(a @ b / lengths, -1.0, 1.0)) if lengths else 0.0


@lru_cache(maxsize=4096)
def _direction(name: str, dimension: int) -> npt.NDArray[np.int8]:
    data = hashlib.shake_256(_SEED + name.encode("utf-8", "surrogatepass")).digest((dimension + 7) // 8)
    bits = np.unpackbits(np.frombuffer(data, np.uint8))[:dimension]
    return bits.astype(np.int8) * 2 - 1


def _raise(features: Features, name: str, weight: float) -> None:
    features[name] = max(features.get(name, 0.0), weight)
