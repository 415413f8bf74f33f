"""Mask secrets before anything is stored: keys, passwords, card numbers, codes.

A secret is known by its published form (a prefix, a check digit) or by the word in front of it.
What only looks random stays: it may be a hash, an id or an order number. Sources: the issuers'
documentation, the rules of gitleaks, ISO 13616 for IBANs, ISO/IEC 7812 for cards, BIP 39 for seeds.
"""
# ruff: noqa: E501 (a table of patterns reads best with one a line)

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

LONG = 20  # characters of the shortest secret that is known by its prefix

PREFIXED = {
    "AWS key": r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])|ABSK[\w+/]{100,}",
    "GitHub token": r"gh[opsru]_\w{36,}|github_pat_\w{50,}",
    "GitLab token": r"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|rtr|soat|wt)-[\w.-]{19,}\w",
    "Slack token": r"xox[a-z](?:\.xox[a-z])?-[\w-]{15,}|xapp-\d-[\w-]{15,}|(?<=hooks\.slack\.com/services/)T\w+/B\w+/\w{20,}",
    "Stripe key": r"[rs]k_(?:live|test|prod)_\w{16,}|whsec_[\w+/]{24,}",
    "Anthropic key": r"sk-ant-[\w-]{20,}",
    "OpenAI key": r"sk-(?:(?:admin|None|proj|svcacct)-[\w-]{20,}|[A-Za-z0-9]{20,})",
    "Google key": r"AIza[\w-]{35}|AQ\.A[\w-]{40,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{28}|1//0[\w-]{38,}",
    "Hugging Face token": r"(?:hf|api_org)_[A-Za-z0-9]{30,}",
    "npm token": r"npm_\w{36,}",
    "PyPI token": r"pypi-A[\w-]{50,}",
    "Telegram token": r"\d{8,10}:A[\w-]{34}(?![\w-])",
    "Discord token": r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])|(?<=/api/webhooks/)\d{17,20}/[\w-]{60,}",
    "SendGrid key": r"SG\.[\w-]{22}\.[\w-]{43}(?![\w-])",
    "Twilio key": r"SK[0-9a-f]{32}(?![A-Za-z0-9])",
    "API key": r"(?:sk-or-v1-|gsk_|xai-|pplx-|lsv2_|dop_v1_|shp(?:at|ca|pa|ss)_|ntn_|lin_api_|dckr_pat_|ATATT3|PMAK-|tskey-|hvs\.|sbp_|figd_|rubygems_|sntry[su]_|nvapi-|NRAK-|sq0[a-z]{3}-|glsa_|sl\.[A-Z\w-]{60})[\w.+/=-]{19,}\w|r8_[A-Za-z0-9]{37}(?![\w-])|(?:(?:key-|dapi)[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|pat\w{14}\.[0-9a-f]{64}|secret_[A-Za-z0-9]{43})(?!\w)|EAA[A-Za-z0-9]{90,}|A3(?:-[A-Z0-9]{6}){2}(?:-[A-Z0-9]{5}){3,4}(?![\w-])",
    "private key": r"AGE-SECRET-KEY-1[0-9A-Z]{58}|[xyz]prv[1-9A-HJ-NP-Za-km-z]{100,}|[KL][1-9A-HJ-NP-Za-km-z]{51}(?!\w)|5[HJK][1-9A-HJ-NP-Za-km-z]{49}(?!\w)|LS0tLS1CRUdJTi(?:BSU0E|BFQy|BQUklW|BPUEVO|BFTkNS)[\w+/=]{40,}",
}
SECRETS = (
    *(*PREFIXED, "JWT", "card number", "IBAN", "social security number"),
    *("one-time code", "seed phrase", "PIN", "password", "access token"),
)

BRANDS = re.compile(  # the lengths that each range of card numbers has
    r"4(?:\d{12}|\d{15}|\d{18})|5[0-8]\d{14}|6\d{15}(?:\d{3})?|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|35[2-8]\d{13}|2(?:20[0-4]|2[2-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
)
CARD = re.compile(r"(?:visa|card|karte|carte|tarjeta|cart[aã]o)[^\n.]*$", re.IGNORECASE)
NUMBERED = re.compile(  # what a number is called that is no secret
    r"\b(?:order|invoice|tracking|ticket|part|model|serial|ref|reference|isbn|ean|upc|gtin|imei|sku|booking|barcode)\b"
    r"(?: ?\b(?:number|no|nr|id|code|is|was)\b)*[ #.:]{0,4}$",
    re.IGNORECASE,
)
IBANS = {  # how long they are in each country
    country[:2]: int(country[2:])
    for country in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 "
        "EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 "
        "KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 "
        "PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 "
        "VA22 VG24 XK20 YE30"
    ).split()
}

# Words that begin no password and end a pass phrase; words that are said of passwords.
FILLERS = frozenset(
    "a about after again all almost already also always an and any are as ask at be because been "
    "before being both but by can could did do does each every for from get had has have he her "
    "here his how i if in into is it its just least like many may might more most much must my "
    "need neither never no none nor not now of off on once one only or our out over same see she "
    "should so some still such than that the their them then there these they this those to too "
    "under until up us use very via was we were what when where which while who whose why will "
    "with without would yes yet you your".split()
)
SAID = frozenset(
    "account admin args auth automatic bad basic best better blank body bool boolean box broken "
    "bytes case change changes character characters chars clear code common complex config correct "
    "crap data default different digit digits easy email empty enter env environment equal error "
    "exactly example false field fine first forgot forgotten form free function garbage generator "
    "given gone good great guess hard hash hashes hidden hint http incorrect info input int "
    "invalid itself key kept last leak letter letters link local login long longer lost mail "
    "manager managers mandatory match max maximum mine min minimum missing name names new nil "
    "nothing null number numbers object obvious old online optional page paper param params plain "
    "please policies policy private prompt protection public question random redacted reminder "
    "request res reset response result root rule rules safe sample secret secure security self "
    "sensitive sent set settings short shorter shown simple state stolen store storage str "
    "strength string strong stronger stuck stupid super sure symbol symbols system taken "
    "temporary terrible test text three times todo token tokens tough tricky true type undefined unique "
    "unknown unsafe user username users valid value values varchar void weak weaker weird word "
    "words write written wrong".split()
)
SAID_ENDS = ("ed", "ing", "ly", "able", "ible", "tion", "ment")
NOT_TYPED = re.compile(  # code and paths; addresses and places to fill in; sizes; techniques
    r"[<>\[\](){}\\|]|\$[{(_]|~?/[\w.-]*(?:/|$)|\.{1,2}[/.]|\$?[A-Za-z_][\w.]*[(\[{]|%(?:[sdr(]|\w+%)"
    r"|[A-Za-z_]+(?:\.[A-Za-z_]+)+$|_?(?:[A-Za-z]+_)+[A-Za-z]*$|(?:[A-Z]+_)+[A-Z]*\d*$"
    r"|https?:|[\w.+-]+@[\w-]+\.[\w.]+$|[\W_]*$|[xX*_.-]+$|(?i:your|my|some)[_-]"
    r"|(?i:\d+[-+]?(?:bit|byte|char|character|day|digit|fa|hour|letter|minute|month|password|symbol|time|week|word|year)s?|(?:\d+[-+–][^\W\d]+)+|\d+\.\d+[-+]?)$"
    r"|(?i:0x(?:[0-9a-f]{1,16}|[0-9a-f]{40})|#[0-9a-f]{3,8}|(?:aes|argon|base|http|ipv?|md|oauth|pbkdf|python|rsa|sha|utf|v|version|wpa)[_-]?\d[\w.-]*)$"
)

JOINED = (  # a word to its secret: ": ", " = ", " for the wifi is "
    r"[\"'`*_)]{0,3}(?: (?:for|of|to|on|at|in|de|del|do|da|für|para|pour|der|des|bei|du|della) (?:[^.,:;=\n\[\]]|\.(?=\w)){1,40}?)?[ \t]{0,3}"
    r"(?::?={1,3}>?|::?|：|->|→|是|(?<=[ \t])(?:\||(?:is|was|will be|used to be|ist|lautet|est|es|é|è)\b(?: now| still)?[:=]?))"
    r"[*_]{0,2}[ \t]{0,3}[*_]{0,2}"
)
ENGLISH = r"(?:pass(?:word|phrase|code|wd)\d?|(?<![a-z])(?:pw(?:d|(?=\W))|psk(?==)))"
UNJOINED = (
    r"(?:pass(?:word|phrase|code)|(?<![a-z])pw)(?:s?:[ \t]{0,3}\n?|['’]s|[ \t]{1,3}(?:to\b|[-–]))?"
)
OTHER_WORDS = (
    "passwort|kennwort|wachtwoord|mot de passe|contraseña|contrasena|hasło|lösenord|passord|adgangskode|salasana|heslo"
    "|jelszó|palavra-passe|parola d'ordine|şifre|parole|пароль|密码|密碼|パスワード|비밀번호|암호|κωδικός|סיסמה|كلمة المرور|كلمة السر"
    "|पासवर्ड|mật khẩu|kata sandi|รหัสผ่าน|wlan-schlüssel"
)
FOREIGN = rf"(?P<foreign>(?:{OTHER_WORDS}|contrasen\u0303a|(?<![a-z])(?:mdp|senha|clave|parola))(?:et|n|ul|u|ą|у|ем|ля)?)"
OTHER_JOINED = (  # "Heslo k wifi je", "비밀번호는"
    r"(?:[ \t][^.,:;=\n\[\]]{1,40}?)?[ \t]{0,3}(?:[:=]|：|是|は|는|은|\b(?:är|er|on|je|jest|este|to|είναι|הוא|هي|है|là|adalah|è|é|est|es|ist|lautet|is)\b)[ \t]{0,3}"
)
KEY = (
    r"(?:(?P<key>(?:api|access|account|auth|client|consumer|encryption|licen[cs]e|network|pre-?shared|private|secret|signing|wifi|wpa2?)"
    r"[ _-]?(?:key|secret|token))|(?P<word>secret|token|(?<![a-z])(?:pass|auth|sid)|(?<=_)pat|(?<=[?&])sig|sess(?:ion)?_?id)|(?<![a-z])(?<!public[ _-])key)"
)
PASS = re.compile(r"pass(?:(?![a-z])|w?ord|wort|phrase|code|wd|pin|key|e(?![a-z]))")
QUOTED = re.compile(
    r"\"((?:[^\"\\\n]|\\.){3,200})\"|'([^'\n]{3,200})'|`([^`\n]{3,200})`|“([^”\n]{3,200})”"
)
TYPED = re.compile(
    r"[\"'`“]?((?:(?!\[secret: )[^\s\"'`“”<>&,;]|[&,;](?!\w{1,30}[=:]|\s|$)){1,512})"
)
PHRASE = re.compile(r"[A-Za-z][a-z]{0,11}(?:[ -][A-Za-z][a-z]{0,11}){2,11}(?![\w'’])")
CLAUSE_END = re.compile(r"[.,;!?)\]|&*_\"”]|[ \t]*(?:$|[\n|(–-]|(?:and|but|or|for|on|so)\b)")
ONE_TIME = (
    r"(?:(?:verification|security|log-?in|sign-?in|authenti?cation|authorization|one[- ]time|single[- ]use|2fa|two[- ]factor"
    r"|whatsapp|google|telegram|signal|paypal)(?: (?:verification|security|login))?[ -]?(?:pass)?(?:code|word|pin)|otp(?: code)?)\b"
)
DIGITS = r"(\d{4,8}|\d{3}[ -]\d{3}|[a-z]-\d{6})"
ROUNDS = 8  # more than any text needs, should a rule ever take its own mask for a secret
SEED = r"(?:\d{1,2}[.):]? {0,2})?[a-z]{3,8}"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its secrets, and the kind of each place masked, in the order of SECRETS."""

    text: str
    secrets: tuple[str, ...]


def mask(text: str) -> Masked:
    """Replace each secret by ``[secret: kind]``; a text that has none comes back itself.

    What stands around a secret stays, "my password is" for one. Masking twice changes nothing
    more. The time is linear in the length of the text.
    """
    found: list[str] = []
    for _ in range(ROUNDS):  # until nothing is left that a mask has laid bare
        before = len(found)
        for rule in _rules_for(text):
            text = _sweep(text, rule, found)
        if len(found) == before:
            break
    return Masked(text, tuple(sorted(found, key=SECRETS.index)))


Find = tuple[int, int, str]  # where a secret starts and ends, and its kind
Judge = Callable[[re.Match[str]], "Find | None"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a secret looks like, who judges each match, and what every text has that holds one."""

    needs: str  # "nothing", "long word", "digit" or "nine digits"
    signs: tuple[str, ...]  # one of them is in the text in lower case
    pattern: re.Pattern[str]
    judge: Judge


def _rules_for(text: str) -> list[Rule]:
    low = text.lower()
    if "pass" in low and not PASS.search(low):
        # A passport, a passage: the rules take long to say no.
        low = low.replace("pass", "")
    needs = ["nothing"]
    if len(text) >= LONG and max(map(len, low.split()), default=0) >= LONG:
        needs.append("long word")
    if DIGIT.search(low):
        needs += ["digit", "nine digits"] if NINE_DIGITS.search(low) else ["digit"]
    called = {number for need in needs for sign, number in SIGNS[need] if sign in low}
    return [RULES[number] for number in sorted(called)] if called else []


def _sweep(text: str, rule: Rule, found: list[str]) -> str:
    """Mask what one rule finds, from left to right, and add the kinds to those found."""
    parts: list[str] = []
    done = at = 0
    while match := rule.pattern.search(text, at):
        at = match.end()
        find = rule.judge(match)
        if find and "[secret: " not in text[find[0] : find[1]]:
            start, at, kind = find
            parts += [text[done:start], f"[secret: {kind}]"]
            done = at
            found.append(kind)
    return "".join([*parts, text[done:]]) if parts else text


def _believed(kind: str) -> Judge:
    """Return a judge that believes the pattern; the secret is its last group, or all of it."""
    return lambda match: (*match.span(match.lastindex or 0), kind)


def _prefixed(match: re.Match[str]) -> Find | None:
    kind = list(PREFIXED)[int(str(match.lastgroup)[1:])]
    unfilled = re.search(r"([xX0*_.-])\1{7}|(?i:your|-here)", match[0])
    return None if unfilled else (*match.span(), kind)


def _jwt(match: re.Match[str]) -> Find | None:
    try:
        header = json.loads(urlsafe_b64decode(match[1] + "=="))
    except (ValueError, RecursionError):
        return None
    return (*match.span(), "JWT") if isinstance(header, dict) else None


def _card(match: re.Match[str]) -> Find | None:
    """Judge 13 to 19 digits by brand and Luhn; the last three may be those on the card's back."""
    text, (start, end) = match.string, match.span()
    for until in (end, min(end, start + len("0000 0000 0000 0000"))):
        digits = "".join(str(int(char)) for char in text[start:until] if char.isdecimal())
        doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
        if BRANDS.fullmatch(digits) and sum(n // 10 + n % 10 for n in doubled) % 10 == 0:
            odd = len(digits) in {13, 19}  # so few are in use that the text must say it is one
            named = (CARD if odd else NUMBERED).search(text, max(0, start - 30), start)
            return (start, until, "card number") if bool(named) == odd else None
    return None


def _iban(match: re.Match[str]) -> Find | None:
    ends = [at for at, char in enumerate(match[0], 1) if char.isalnum()]
    size = IBANS.get(match[0][:2].upper(), 99)
    if len(ends) < size or (len(ends) > size and ends[size] == ends[size - 1] + 1):
        return None
    code = re.sub(r"\W", "", match[0][: ends[size - 1]])
    number = int("".join(str(int(char, 36)) for char in code[4:] + code[:4]))
    return (match.start(), match.start() + ends[size - 1], "IBAN") if number % 97 == 1 else None


def _social_security(match: re.Match[str]) -> Find | None:
    start, end = match.span(match.lastindex or 0)
    unused = re.match(r"000|666|9|...00|.{5}0000", re.sub(r"\D", "", match.string[start:end]))
    named = NUMBERED.search(match.string, max(0, start - 30), start)
    return None if unused or named else (start, end, "social security number")


def _seed(match: re.Match[str]) -> Find | None:
    """Judge a row of words by its length, and by words that the list of BIP 39 lacks."""
    words = list(re.finditer(r"[a-z]+", match[1]))
    size = len(words) if len(words) in {12, 15, 18, 21, 24} else 12
    prose = {"the", "and", "for", "are", "was", "with", "from", "has", "not", "but", "his", "her"}
    if any(word[0] in prose for word in words[:size]):
        return None
    return match.start(1), match.start(1) + words[size - 1].end(), "seed phrase"


def _pin(match: re.Match[str]) -> Find | None:
    size = len(match[2])
    postal = match[1] and size == 6  # in India a PIN code is part of an address
    short = size == 3 and match[0][0] in "pP"  # three digits are on the back of a card
    return None if postal or short else (*match.span(2), "PIN")


def _password(match: re.Match[str]) -> Find | None:
    """Judge what follows "password is": a word alone must end the clause, or it is said of it."""
    text, (start, end, quoted) = match.string, _value(match)
    if not quoted and (size := _phrase(text, start)):
        return start, start + size, "password"
    goes_on = text[start:end].isalpha() and not quoted and not CLAUSE_END.match(text, end)
    return (start, end, "password") if not goes_on and _chosen(text[start:end]) else None


def _mixed_password(match: re.Match[str]) -> Find | None:
    """Judge what may follow "password" with nothing between."""
    start, end, _ = _value(match)
    value = match.string[start:end]
    mixed = re.search(r"\d", value) and not value.isdigit()
    return (start, end, "password") if mixed and _chosen(value) else None


def _foreign_password(match: re.Match[str]) -> Find | None:
    """Judge what may follow "password" in another language; after "is" it may be a number."""
    start, end, _ = _value(match)
    digits = match["foreign"] and match.string[start:end].isdigit() and end - start > 3
    return (start, end, "password") if digits else _mixed_password(match)


def _key(match: re.Match[str]) -> Find | None:
    """Judge what follows "api key" or "token", common words: the value must look drawn by lot."""
    start, end, quoted = _value(match)
    sure = match["key"] or (match["word"] and (quoted or "=" in match[0]))
    kind = "API key" if "key" in match[0].lower() else "access token"
    return (start, end, kind) if _drawn(match.string[start:end], sure=bool(sure)) else None


def _value(match: re.Match[str]) -> tuple[int, int, bool]:
    """Return where the value after a word stands, and whether in quotes; an empty one if none."""
    if quoted := QUOTED.match(match.string, match.end()):
        return (*quoted.span(quoted.lastindex or 0), True)
    if not (typed := TYPED.match(match.string, match.end())):
        return match.end(), match.end(), False
    return typed.start(1), typed.start(1) + len(typed[1].rstrip(".,;:?)]}|*_")), False


def _phrase(text: str, start: int) -> int:
    """Return the length of a pass phrase: three words or more that are not said of passwords."""
    match = PHRASE.match(text, start)
    words = re.finditer(r"[A-Za-z]+", match[0]) if match else iter(())
    row = list(takewhile(lambda word: word[0].lower() not in FILLERS, words))
    if len(row) < 3 or sum(_said(word[0].lower()) for word in row) > 1:
        return 0
    end = row[-1].end()
    return end if len(row) > 3 or CLAUSE_END.match(text, start + end) else 0


def _chosen(value: str) -> bool:
    """Return whether somebody may have chosen this as a password."""
    core = value.rstrip("!.,;:?")
    if len(core) < 4 or NOT_TYPED.match(core):
        return False
    if " " not in core and re.search(r"[\d@#$%^&*+=~|!]", core):
        return True
    words = re.findall(r"[^\W\d_]+", core.lower())
    several = len(words) > 2 or (len(words) == 2 and " " in core)
    said = sum(map(_said, words)) + (2 - (" " in core)) * len(FILLERS.intersection(words))
    return said <= several and (several or len(words) == 1)


def _said(word: str) -> bool:
    named = re.search(r"passw|pwd|token|secret|credential|api_?key", word)
    return bool(word in SAID or named or (len(word) > 5 and word.endswith(SAID_ENDS)))


def _drawn(value: str, *, sure: bool) -> bool:
    """Return whether this looks drawn by lot: letters and digits that take turns."""
    if NOT_TYPED.match(value) or re.match(r"\d{4}-\d\d", value):
        return False
    turns = len(re.findall(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", value))
    if sure:
        return len(value) > 5 and turns > 0 and sum(map(str.isdigit, value)) > 1
    uuid = re.match(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-", value)
    long = turns > 2 or (turns > 1 and len(value) > 15 and not value.islower())
    return long and not uuid and bool(re.fullmatch(r"[\w=-]{8,}|[\w+/=.-]{32,}", value))


def _rule(needs: str, signs: str, pattern: str, judge: Judge) -> Rule:
    return Rule(needs, tuple(signs.split("|")), re.compile(pattern), judge)


FORMS = "|".join(f"(?P<k{number}>{form})" for number, form in enumerate(PREFIXED.values()))
# In the order they run: what one has masked, the next do not see. A repetition without a bound starts
# only where a run of its characters starts, so that no text is read twice.
RULES = [
    _rule("nothing", "-----begin", r"(?i)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]*(?:-(?!----)[^-]*)*-----END [A-Z0-9 ]{0,40}KEY(?: BLOCK)?-----|(?:(?:\s|\\[nr]|>)*[A-Za-z0-9+/=]{32,})+)", _believed("private key")),
    _rule("long word", "", rf"(?a)(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt])|(?<=/bot))(?:{FORMS})", _prefixed),
    _rule("long word", "eyj", r"(?a)(?<![\w-])(eyJ[\w-]{10,})\.[\w-]{4,}\.[\w-]*(?:\.[\w-]+\.[\w-]+)?", _jwt),
    _rule("long word", "secret", r"(?i)(?:aws.{0,20}secret.{0,20}?|secret_?access_?key)[\"'`]{0,2}(?: is|[ :=>]){1,4}[\"'` ]{0,2}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", _believed("AWS key")),
    _rule("nothing", "://", r"(?i)://[^\s/:@?#\"'<>]{0,100}:(?!\$[A-Z_]+@|[*x]+@)([^\s/?#\"'<>{}`]{1,200})@(?=[\w\[])", _believed("password")),
    _rule("digit", "private-lines:", r"(?i)Private-Lines: \d{1,3}\s{1,2}((?:[A-Za-z0-9+/=]{20,}\s?)+)", _believed("private key")),
    _rule("nine digits", "", r"(?a)(?<![\w-])\d{6}(?:-\d{6}){7}(?![\w-])", _believed("private key")),
    _rule("nothing", "wifi:", r"\bWIFI:(?:[^;\n]{0,80};){0,4}?P:(?!\[secret: )([^;\n]{4,63});", _believed("password")),
    _rule("nothing", "sshpass|mysql", r"\bsshpass[ \t]{1,3}-p[ \t]?[\"']?(?!\[secret: )([^\s\"']{3,})|\bmysql(?:dump|admin)?\b[^\n|;]{0,100}?[ \t]-p(?!\[secret: )([^\s\"']{3,})", _believed("password")),
    _rule("digit", "recovery code|backup code", r"(?i)\b(?:recovery|backup) codes?(?: is| are)?:?\s{1,3}((?:(?=[a-z]{0,9}\d)[a-z0-9]{4,10}(?:-[a-z0-9]{3,10}){0,7}(?:[,\s]{1,3}(?=\S)|(?!\w))){1,20})", _believed("one-time code")),
    _rule("nothing", "curl", r"\bcurl\b[^\n|;]{0,200}?[ \t](?:-u|--user)[ =]?[\"']?[^\s:\"']{1,60}:(?!\[secret: )([^\s\"':]{3,})", _believed("password")),
    _rule("nine digits", "", r"(?a)(?<![\w.+/#-])(?=[2-6２-６])(?:\d{13,19}|[０-９]{14,16}|\d{4}([ .\xa0-])\d{4}\1\d{4}\1\d{4}(?:\1\d{3}(?!\d))?|\d{4}([ .\xa0-])\d{6}\2\d{4,5})(?![\w-]|\.\d)", _card),
    _rule("nine digits", "", r"(?ai)(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", _iban),
    _rule("nine digits", "", r"(?ai)(?:\b(?:ssn|social security)\b[^\d\n\]]{0,24}(\d{3}[- ]?\d{2}[- ]?\d{4})|(?<![\w-])(\d{3}-\d{2}-\d{4}))(?![\w-])", _social_security),
    _rule("digit", "code|otp|pass|pin", rf"(?i)\b{ONE_TIME}(?:(?: (?:for|to|from) [^.:\n()\[\]]{{1,40}}?)? ?(?:is\b:?|[:=–-]))? {{0,2}}{DIGITS}\b|(?<![\w.,-]){DIGITS} (?:is|as) (?:your|my|the) (?:[\w'.-]{{1,20}} ){{0,3}}?{ONE_TIME}", _believed("one-time code")),
    _rule("nothing", "phrase|seed|mnemonic|recovery|ledger|trezor|metamask|wallet", rf"(?i)\b(?:(?:seed|recovery|backup) (?:phrase|words)|seed|ledger|trezor|metamask|wallet|mnemonic(?: phrase)?)(?: is| are)?\s{{0,2}}[:=]?\s{{0,3}}[\"'`]?(?-i:({SEED}(?:[\s,]{{1,4}}{SEED}){{11,23}}))(?!\w)", _seed),
    _rule("digit", "pin|puk|cvv|cvc", rf"(?i)\b(?:(?:pin|puk)(?:[ -]?(?:number|no\.?|(code)))?(?:{JOINED}|['’]s )|(?-i:PIN|PUK) |cv[vc]2?(?:{JOINED}| ))[\"'`]?(\d{{3,8}})(?!\w|[.,:/-]\d)", _pin),
    _rule("nothing", "pass|pw|psk=", rf"(?i){ENGLISH}{JOINED}", _password),
    _rule("digit", "pass|pw", rf"(?i){UNJOINED}[ \t]{{0,3}}(?<=\s)(?=\S)", _mixed_password),
    _rule("digit", f"mdp|senha|clave|parola|contrase|{OTHER_WORDS}", rf"(?i){FOREIGN}(?:{JOINED}|{OTHER_JOINED})|(?:{OTHER_WORDS})[ \t]{{1,3}}(?=\S)", _foreign_password),
    _rule("digit", "wifi|wi-fi", rf"(?i)\bwi-?fi[ -]?key{JOINED}(\d{{8,63}})(?!\w)", _believed("password")),
    _rule("digit", 'key|secret|token|pass|bearer|authorization|auth"|auth=|sid=|sessionid|session_id|sessid|sess_id|pat=|sig=', rf"(?i){KEY}{JOINED}|\b(?:bearer|authorization\W{{1,4}}basic)[ \t]{{1,3}}(?=\S)", _key),
]  # fmt: skip
SIGNS = {
    needs: [
        (sign, at) for at, rule in enumerate(RULES) if rule.needs == needs for sign in rule.signs
    ]
    for needs in ("nothing", "long word", "digit", "nine digits")
}
DIGIT, NINE_DIGITS = re.compile(r"\d"), re.compile(r"\d(?:[ .\xa0-]?\d){8}")
