"""The words and values by which ``akin.py`` sees how a statement stands to one said before."""
# ruff: noqa: E501  (tables of words)

from __future__ import annotations

import re

# What says nothing of what a statement is about.
FUNCTION_WORDS = frozenset(
    """i im i'm i've ive i'll id i'd me my mine we we're we've our us your you he he's his him she she's her it it's
    its they they're their them that that's this these those a an the and but or so because since as if than then to of
    in on at for from with by about into onto up down out off over under is are was were be been being am do does did
    don't doesn't didn't dont have has had having haven't hasn't got get gets getting go goes going went gone come
    comes came can can't could will won't would should may might must not no never any more longer anymore now again
    back still just also too well really very quite much lot lots today yesterday tomorrow week weeks month months year
    years day days time last next new old first second other another one two some all there here what who when where
    which how why actually sorry oops wait correction wrong meant mistake said turns lol btw haha ok oh yes finally
    these nowadays moment currently like love want need know think thing things make made take takes took taken taking
    put say says tell told let good great nice bit little only even always usually every each""".split()
)
WEEKDAYS_AND_MONTHS = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays
    sundays january february march april may june july august september october november december""".split()
)


def _any(words: str, more: str = "") -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b{more}", re.IGNORECASE)


CUES = {
    "change": _any(
        r"now|no longer|any ?more|moved|moving|mov(?:e|ing) to|relocated|switched|switching|changed|become|became"
        r"|promoted|new|these days|nowadays|lately|recently|instead|from now on|from this week|as of|swapped|replaced"
        r"|traded|upgraded|transferred|raised|lowered|increased|went up|gone up|put up|put (?:me|him|her) (?:up|on|down)"
        r"|bumped|finally|is now|are now|started|since|postponed|rescheduled|brought forward|pushed|delayed|shifted"
        r"|turned|already|today"
    ),
    "correct": _any(
        r"i meant|actually|sorry|oops|whoops|correction|correct myself|to correct|scratch that|scrap that|strike that"
        r"|misspoke|mistyped|misheard|misread|misremember\w*|wrong|turns out|fat fingers|hang on|hold on|typo"
        r"|misspel(?:t|led)|mistaken?|my bad|my mistake|wait|mixed (?:up|them)|stand corrected|double-checked"
        r"|(?:looked|checked) (?:at|again|it|the)|should be|not what i (?:said|told)|told you wrong|got that wrong"
        r"|swapped the|in fact|i said", "|^no[,. ]"
    ),
    "end": _any(
        r"no longer|any ?(?:more|longer)|stopped|quit|g[ai]ven? up|gave up|sold|cancel+ed|cancel|deleted|closed"
        r"|called off|got rid of|gave away|dropped|dropped out|ended|over|expired|stolen|lost|died|passed away|broke up"
        r"|split up|separated|divorced|left|ditched|finished|packed in|isn['’]t|aren['’]t|not|never|gone|off|out of"
        r"|without|done with|dont|don['’]t|doesn['’]t|won['’]t|can['’]t|no more|fell through"
    ),
    "not": _any(
        r"not|no|never|without|none|isn['’]t|aren['’]t|don['’]t|doesn['’]t|dont|doesnt|didn['’]t|haven['’]t|hasn['’]t"
        r"|won['’]t|can['’]t|cannot"
    ),
    "back": _any(r"back|again|return(?:ed)?|after all|once more"),
    "also": _any(
        r"also|too|as well|another|other|second|third|besides|plus|both|in addition|and (?:a|an|my)|added|joined by"
        r"|on top|one more|else|either"
    ),
    "past": _any(
        r"used to|ago|when i was|as an? (?:child|kid|teen\w*|student)|back then|before (?:that|this)|previous(?:ly)?"
        r"|once|formerly|originally|years ago|in my (?:twenties|teens|youth|thirties)"
        r"|(?:in|from|until|between) (?:19|20)\d\d|former|ex|grew up|was|were|had been|my old|at first|growing up"
    ),
    "now": _any(r"now|these days|nowadays|at the moment|currently|lately|right now|this (?:year|month|week)"),
    "precise": _any(
        r"precise|exact(?:ly)?|specific(?:ally)?|namely|called|named|details?|to be clear|full name|booked|results?"
        r"|it['’]s a|more precisely|i mean"
    ),
    "remind": _any(
        r"as i (?:said|mentioned|think)|like i said|remember|don['’]t forget|reminder|just so you know|by the way|btw"
        r"|in case|fyi|again|as you know|surely"
    ),
    "news": _any(r"news|guess what|update|change of|big|finally|sadly|unfortunately"),
}  # fmt: skip

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
VALUES = {
    "clock": re.compile(
        r"\b(?:\d{1,2}[:.]\d\d(?: ?[ap]m)?|\d{1,2} ?(?:am|pm|o['’]clock)|(?:half|quarter) (?:past|to) \w+|noon|midnight"
        r"|(?<=at )\d{1,2}\b)", re.IGNORECASE
    ),
    "day": re.compile(
        r"\b(?:mon|tues?|wednes|thurs?|fri|satur|sun)days?\b|\bweekends?\b|\bweekdays\b", re.IGNORECASE
    ),
    "date": re.compile(
        rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|the \d{{1,2}}(?:st|nd|rd|th)"
        rf"|(?<=in ){_MONTH})\b", re.IGNORECASE
    ),
    "number": re.compile(
        r"\b\d[\d.,]*\b|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", re.IGNORECASE
    ),
    "code": re.compile(
        r"\b(?=\w*[a-z])(?=\w*\d)[\w-]{4,}\b|\b\d{4,}\b|[\w.]+@[\w.]+", re.IGNORECASE
    ),
}  # fmt: skip
