"""The vocabulary: a small table from words to properties that can be measured.

A concept is written `kind:name`: `colour:red`, `brightness:dark`, `motion:fast`, `texture:busy`, `audio:loud`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from .words import words_of

_SYNONYMS: Final[dict[str, str]] = {
    "colour:red": "red reddish crimson scarlet ruby cherry maroon blood",
    "colour:orange": "orange tangerine amber apricot",
    "colour:yellow": "yellow yellowish golden gold lemon",
    "colour:green": "green greenish lime emerald olive",
    "colour:cyan": "cyan turquoise teal aqua",
    "colour:blue": "blue bluish navy azure indigo cobalt",
    "colour:purple": "purple violet lilac lavender magenta",
    "colour:pink": "pink pinkish rose salmon fuchsia",
    "colour:brown": "brown brownish chocolate coffee beige tan",
    "colour:black": "black",
    "colour:white": "white whitish",
    "colour:gray": "gray grey grayish greyish silver",
    "brightness:dark": "dark dim darkness gloomy unlit shadowy",
    "brightness:bright": "bright brightness brilliant sunny",
    "brightness:medium": "",
    "motion:still": "still static motionless stationary unmoving frozen calm",
    "motion:slow": "slow slowly gentle",
    "motion:fast": "fast quick quickly rapid rapidly speedy hectic",
    "texture:plain": "plain uniform solid flat empty",
    "texture:textured": "textured patterned checkered checkerboard striped stripes pattern",
    "texture:busy": "busy noisy cluttered detailed",
    "audio:silent": "silent silence mute muted soundless",
    "audio:quiet": "quiet soft hushed",
    "audio:loud": "loud noise",
    "audio:tone": "tone beep beeping hum buzz whistle",
    "audio:none": "",
}

# Things that usually have a colour or a brightness: worth less than the colour's own name.
_ASSOCIATIONS: Final[dict[str, tuple[str, ...]]] = {
    "sky": ("colour:blue", "colour:cyan"),
    "sea": ("colour:blue",),
    "ocean": ("colour:blue",),
    "water": ("colour:blue",),
    "grass": ("colour:green",),
    "forest": ("colour:green",),
    "leaf": ("colour:green",),
    "lawn": ("colour:green",),
    "meadow": ("colour:green",),
    "sun": ("colour:yellow", "brightness:bright"),
    "sand": ("colour:yellow",),
    "banana": ("colour:yellow",),
    "fire": ("colour:orange", "colour:red"),
    "tomato": ("colour:red",),
    "snow": ("colour:white",),
    "cloud": ("colour:white",),
    "night": ("brightness:dark",),
    "midnight": ("brightness:dark",),
    "daylight": ("brightness:bright",),
    "wood": ("colour:brown",),
    "earth": ("colour:brown",),
    "music": ("audio:tone",),
    "sound": ("audio:loud", "audio:quiet", "audio:tone"),
    "park": ("colour:green",),
    "tree": ("colour:green",),
    "jungle": ("colour:green",),
    "walk": ("motion:slow",),
    "walking": ("motion:slow",),
    "running": ("motion:fast",),
    "racing": ("motion:fast",),
    "moving": ("motion:fast", "motion:slow"),
    "moves": ("motion:fast", "motion:slow"),
    "motion": ("motion:fast", "motion:slow"),
    "movement": ("motion:fast", "motion:slow"),
    "action": ("motion:fast",),
}

ASSOCIATION_WEIGHT: Final = 0.75
"""How much a thing that usually has a colour counts beside the colour's own name."""

NEAR: Final[dict[str, tuple[str, ...]]] = {
    "colour:red": ("colour:orange", "colour:pink", "colour:brown"),
    "colour:orange": ("colour:red", "colour:yellow", "colour:brown"),
    "colour:yellow": ("colour:orange", "colour:green"),
    "colour:green": ("colour:yellow", "colour:cyan"),
    "colour:cyan": ("colour:blue", "colour:green"),
    "colour:blue": ("colour:cyan", "colour:purple"),
    "colour:purple": ("colour:pink", "colour:blue"),
    "colour:pink": ("colour:purple", "colour:red"),
    "colour:brown": ("colour:orange", "colour:red"),
    "colour:black": ("brightness:dark", "colour:gray"),
    "colour:white": ("brightness:bright", "colour:gray"),
    "colour:gray": ("colour:white", "colour:black"),
    "brightness:dark": ("colour:black",),
    "brightness:bright": ("colour:white", "brightness:medium"),
    "motion:still": ("motion:slow",),
    "motion:slow": ("motion:still", "motion:fast"),
    "motion:fast": ("motion:slow",),
    "texture:plain": ("texture:textured",),
    "texture:textured": ("texture:busy", "texture:plain"),
    "texture:busy": ("texture:textured",),
    "audio:silent": ("audio:quiet",),
    "audio:quiet": ("audio:silent", "audio:tone"),
    "audio:loud": ("audio:tone", "audio:quiet"),
    "audio:tone": ("audio:loud", "audio:quiet"),
}
"""Concepts that are alike: what a search ranks next when nothing is what it asks for."""

_STOP: Final = """
a an and are as at be by can did do does find for from has have how i in into is it its me my of on or our s show t that
the their them then there these they this those to us was we were what when where which who will with you your
"""

# Words of a query that name the medium, not its content.
_MEDIUM: Final = """
background camera clip clips color colored colors colour coloured colours footage frame frames image images moment
moments part parts picture pictures scene scenes screen section segment shot shots someone something very video videos
"""

_STOP_WORDS: Final = frozenset(_STOP.split())
_FILLERS: Final = frozenset(_MEDIUM.split())

_CONCEPTS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    **{word: ((concept, 1.0),) for concept, words in _SYNONYMS.items() for word in words.split()},
    **{word: tuple((c, ASSOCIATION_WEIGHT) for c in concepts) for word, concepts in _ASSOCIATIONS.items()},
}

_SUFFIX = re.compile(r"(?:'s|ies|ing|(?<!e)ed|es|s|y|e)$")


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """Cut the commonest English endings off a word; short words stay as they are."""
    shorter = _SUFFIX.sub("", word)
    return shorter if len(shorter) >= 3 else word


def concepts_of(word: str) -> tuple[tuple[str, float], ...]:
    """List the concepts a word stands for and how clearly, 0 to 1; empty for a word without one."""
    found = _CONCEPTS.get(word)
    if found is None and word.endswith("s"):
        found = _CONCEPTS.get(word[:-1])
    return found or ()


def terms_of(text: str) -> list[str]:
    """Find the search terms of a query, each once.

    Words such as "the" and "scene" are left out, unless there is nothing else.
    """
    words = list(dict.fromkeys(words_of(text)))
    terms = [word for word in words if word not in _STOP_WORDS and word not in _FILLERS]
    # "fast motion": the second word adds nothing to the first.
    if any(concept.startswith("motion:") for t in terms for concept, weight in concepts_of(t) if weight == 1.0):
        terms = [t for t in terms if t not in {"motion", "movement", "moving", "moves"}]
    return terms or [word for word in words if word not in _STOP_WORDS] or words
