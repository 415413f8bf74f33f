"""The words with which people say that something has changed, ended, or was said wrongly."""
# ruff: noqa: E501  (tables of patterns read best with one meaning a line)
# fmt: off

from __future__ import annotations

import re
from typing import Literal

from memcli.acquire.predicates import PEOPLE
from memcli.acquire.rule import NAME
from memcli.sieve import Sieve

How = Literal["", "changed", "ended", "former"]

# Words of which one stands in every clause that ``read`` can read, besides what begins with "the".
HINTS = frozenset(
    """not longer anymore used stop stopped quit given gave gone went cut started begun began back taken took got
    changed switched moved move reschedule rescheduled postpone postponed push pushed shift shifted converted swapped become
    became promoted appointed hired made qualified turned been new current left lost resigned walked handed fired laid retired
    cancelled canceled ended sold crashed scrapped totalled wrecked donated off happening split broken broke again these now
    separated divorced married engaged dating seeing going once together couple single widowed favourite favorite thing any
    instead currently lately nowadays meant actually correction sorry wait oops wrong mistake typo mistyped misspelt misspelled
    mixed different rather scratch strike ago then before until formerly previously originally growing student child kid
    teenager twenties thirties youth delayed brought put come grown learned learnt finally where bored tired sick stepped
    dropped checked misspoke misheard apologies said traded exchanged replaced deleted closed deactivated called first
    bought risen rose fell fallen increased decreased raised bumped done over messed stand since nope no years months decades
    item relationship months when tongue native hometown surname blood employer
    isn aren spelled returned mind minds exact exactly precise precisely specifically""".split()
)
_PERSON = "|".join(PEOPLE)
_I_HAVE = "(?:(?:i|we)(?:'ve|’ve| have)?)"
_WHO = r"(?P<who>i|we|they|(?:my|our) [\w'’-]+(?: [\w'’-]+){0,2}?|(?-i:[A-Z])[\w'’-]*(?: (?-i:[A-Z])[\w'’-]*)?)"
_AUX = "(?:['’](?:m|s|re|ve)| am| are| is| have| has)?"
_AT = r"(?: (?:at|with|from|for|to) (?:the )?(?P<at>[^,.;!?]{2,50}?)(?= (?:last|this|in|on|because|after|and|but|to)\b|[,.;!?]|$))?"

CORRECTS = re.compile(
    r"(?:(?:and|but|well|ah|oh|hm+)[, ]+)*(?:(?:oops|sorry|no|nope|wait|hang on|hold on|actually|correction"
    r"|(?:scratch|strike|scrap|ignore|forget) that|wrong \w+|fat fingers|turns out(?: (?:i|we) (?:had|got) (?:it|that) wrong)?(?=[,:;])|edit|typo|my (?:mistake|bad)|apologies|correction|i misspoke|i (?:checked|looked) again(?: and)?|i (?:mixed|messed) (?:that|it|them|this) up|i (?:had|have) (?:it|that) wrong|i stand corrected|(?:i|we)(?:'ve| have)? (?:just )?(?:checked|looked)|(?:i|we) got something wrong|i (?:misspelled|misspelt|mistyped) (?:that|it|(?:his|her|the) name)|(?:i|we)(?:'ve| have)? changed (?:my|our) minds?(?: (?:about|on) [\w' -]{2,30}?(?=[,:;]))?|change of plans?(?: again)?"
    r"|(?:did i say|i said|i wrote|i put) (?!that|so|it\b|no\b|yes)[\w' -]{2,30}?(?= but\b|[,?.])(?: but\b)?|not (?!sure|really|only|yet|bad|again|now|much|too|so)[\w' -]{2,30}?(?=,)|i misheard (?:it|that)"
    r"|(?:i|you) (?:got|had|said|wrote|typed) (?:that|it|this) wrong(?: \w+)?|that(?:'s| was|’s) (?:wrong|a typo)"
    r"|i was (?:wrong|mistaken)|i made a (?:mistake|typo)|let me correct (?:that|myself)|to correct myself)"
    r"(?:[,:;.!?]|\s[-–—]|\b(?= (?:i meant|it(?:'s|’s| is)|my|our|i(?:'m|’m)?|we|wait|sorry|that|no)\b))+\s*)+",
    re.IGNORECASE,
)
ANNOUNCES = re.compile(  # a correction whose value comes with the next sentence
    r"(?:(?:oops|sorry|no|wait|oh|ah)[,.!]? )*(?:i (?:mistyped|misspelt|misspelled|mixed up|got|had|gave you|told you)"
    r" (?:you )?(?P<slot>(?:my|our) [\w' -]{2,40}?)(?: wrong| wrongly| incorrectly)?"
    r"|you(?:'ve| have)? (?:got|have) (?P<old>my|our) old (?P<thing>[\w -]{2,30}?)"
    r"|(?P<wrong>(?:my|our|the) [\w' -]{2,40}?)(?: (?:i|we) (?:gave|told|sent) you)? (?:has changed|changed|is wrong|was wrong|(?:has|had) an? (?:typo|mistake|error)(?: in it)?|is different now|is new)"
    r"|there(?:'s| is| was) an? (?:typo|mistake|error) in (?P<typo>(?:my|our) [\w' -]{2,40}?))[.!;,:]$",
    re.IGNORECASE,
)
ANSWERS = re.compile(
    r"(?:it(?:'s|’s| is)|the (?:new|right|correct|actual) one is|that should be|it should be|should be|now it(?:'s|’s| is))"
    r" (?:actually |now |really )*(?P<value>[^,;!?]{1,60}?)(?:, not (?P<denied>[^,;!?]+?))?[.!]*$",
    re.IGNORECASE,
)
MEANT = re.compile(
    r"(?:i (?:meant|mean)(?: to (?:say|write|type))?|it(?:'s|’s| is)(?: actually| really| spelled| spelt)?|that(?:'s|’s| should be| is)|make that)"
    r":? (?P<value>[^,;.!?]{1,60}?)(?:(?:,| and| -|:)? (?:not|instead of|rather than) (?P<denied>[^,;.!?]{1,60}?))?[.!]*$",
    re.IGNORECASE,
)
DENIED = re.compile(r"(?:did i say|i said|i wrote|i put|\bnot) (?P<denied>[\w' -]{2,30}?)(?= but\b|[,?.])", re.IGNORECASE)
BARE = re.compile(r"(?P<value>(?:(?-i:[A-Z])|\d|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b)[^,;.!?]{0,40}?)(?:,? not (?P<denied>[^,;.!?]{1,40}?))?[.!]*$")
ABOUT_THEM = re.compile(r"minds? (?:about|on) ([\w' -]{2,30}?)[,:;]", re.IGNORECASE)
NOT_BUT = re.compile(r"(?: not|n['’]t) (?P<denied>(?!only|just|sure)[^,;.!?]{1,40}?)(?:,? but|[,;](?: but)? (?:it|he|she|they|i|we)(?:['’](?:s|m|re)| is| are| am)) (?:rather |actually )?(?=\S)", re.IGNORECASE)
OF_THEM = re.compile(r"(?:he|she|it|they)(?:['’]s|['’]re| is| are)? (?:actually )?(?P<verb>(?:[a-z]+ ){0,3}?)(?P<value>(?-i:[A-Z]|\d)[^,;.!?]{0,40}?)(?P<denied>)[.!]*$", re.IGNORECASE)
SWITCHED = re.compile(
    rf"{_I_HAVE} (?:just |recently |finally )?(?:(?:switched|changed|went|moved|converted|swapped)(?: over)? from (?=[^,;.!?]+? to )|(?:traded|swapped|exchanged|replaced)(?: in)? (?:my|our|the) (?=[^,;.!?]+? (?:for|with) ))"
    r"(?:my |our |the )?(?P<denied>(?!home\b)[^,;.!?]{2,40}?)(?: in)? (?:to|for|with) (?:an? )?(?P<value>[^,;.!?]{2,40}?)(?= (?:last|this|in|on|because|and|now)\b|[,.;!?]|$)",
    re.IGNORECASE,
)
INSTEAD = re.compile(r"(?:,? (?:instead of|rather than)|,(?: and| but)? not) (?P<denied>(?!only|just|yet|sure|really)[^,;.!?]{1,40}?)(?P<end>[.!]*)$", re.IGNORECASE)
GERUNDS = {
    "living": "live", "working": "work", "liking": "like", "loving": "love", "hating": "hate",
    "eating": "eat", "drinking": "drink", "smoking": "smoke", "driving": "drive", "using": "use",
    "taking": "take", "having": "have", "riding": "ride", "writing": "write", "dancing": "dance",
    "cycling": "cycle", "being": "am", "running": "run", "swimming": "swim", "getting": "get",
    "making": "make", "practising": "practise", "volunteering": "volunteer", "teaching": "teach",
}  # fmt: skip
PAST = {
    "lived": "live", "worked": "work", "loved": "love", "liked": "like", "hated": "hate",
    "ate": "eat", "drank": "drink", "smoked": "smoke", "drove": "drive", "had": "have",
    "studied": "study", "taught": "teach", "played": "play", "owned": "own", "was": "am",
    "were": "are", "enjoyed": "enjoy", "disliked": "dislike", "preferred": "prefer", "spoke": "speak",
    "rode": "ride", "went": "go", "cycled": "cycle", "walked": "walk",
}  # fmt: skip
TASTES = "eat|drink|smoke|use|watch|play|read|buy|wear|cook|listen to|go to|do"

# Words around a statement that say that it holds now, and held otherwise before.
OPENERS = re.compile(
    r"^(?:(?:(?:great|good|big|sad|bad|some) news|update|lately|these days|nowadays|now|currently|as of \w+(?: \w+)?"
    r"|from now on|since (?:last |the |my |our )?\w+(?: (?:\w+ )?(?:moved|changed|closed|opened|started|left))?|at (?:work|home|school)|of late|recently|okay|ok|well|so|and|but|hey|guess what|fyi"
    r"|i(?:'ve| have)? (?:switched|changed) \w+|i admit(?: it)?|finally|as it turns out|turns out|it turns out"
    r"|in fact|to be (?:more )?(?:exact|precise|specific)|more (?:exactly|precisely|specifically)|(?:as|like) (?:i|we) (?:said|mentioned)|by the way|btw|just so you know|for the record)(?:[,:;!.—-]+ *| (?=i\b|i'|i’|my |our |we\b)))+",
    re.IGNORECASE,
)
NOW = re.compile(
    r",? \b(?:now|these days|nowadays|again|once (?:more|again)|as of (?:last |this )?\w+day|at the moment|currently|lately|as of (?:today|now)|instead|from now on|at long last|after all)(?=[.!,;]|$| (?:and|but|in|at|on|as|called|is|are)\b)",
    re.IGNORECASE,
)
# A statement, when its words of change are replaced: (pattern, what takes its place, what it says).
_REWRITES: list[tuple[str, str, How]] = [
    (rf"^(?=.*(?:back|returned|moved) ){_WHO}{_AUX} (?:(?:now |just |recently |finally |living |moved )*back (?:living )?in (?=(?-i:[A-Z]))|(?:just |now |recently |finally )*(?:returned|(?:gone|come|moved) back|moved (?:again|once more|house)[,:]? ?(?:this time|now)?) to (?=(?-i:[A-Z]))|(?:just )?moved into (?=(?:an?|the|his|her|their)\b))", r"\g<who> live in ", "changed"),
    (rf"^(?=.*(?:back|changed|switched) ){_WHO}{_AUX} (?:(?:now |working )*back (?:working )?(?:at|with|for)|(?:just |recently )?(?:changed|switched) (?:jobs|companies|employers)(?: and|,|:|;)? (?:is|are|am|i'm|i am)(?: now)? (?:at|with)) (?=(?:the )?(?-i:[A-Z]))", r"\g<who> work at ", "changed"),
    (r"^(?:(?:i|we)(?:['’](?:m|re|ve)| am| are| have)? )?(?:just |now |recently )*(?:(?:gone|went) )?back to being ", "I'm ", "changed"),
    (rf"^{_I_HAVE} (?:just |recently |finally )*(?:taken up|took up|started|gone back to|went back to|got back into) (?=the (?!\w+ing)\w+ (?:again|once more|now)\b)", "I play ", "changed"),
    (r"^(?P<x>(?-i:[A-Z])[\w' -]{1,30}?) is where (?:i|we) (?P<verb>live|work)\b", r"I \g<verb> at \g<x>", ""),
    (r"^i(?:'m|’m| am) (?:now )?(?:down|up) to (?=\d[\d.]* ?(?:kg|kilos?|pounds|lbs?|stone)\b)", "I weigh ", "changed"),
    (rf"^{_I_HAVE} (?:taken|reverted to|gone back to) (?:on )?my (?:old |maiden |husband's |wife's )*(?P<x>surname|last name|name) (?=(?-i:[A-Z]))", r"my \g<x> is ", "changed"),
    (r"^the [\w -]+? (?P<who>i'm|i’m|i am|we|i) (?P<verb>[\w ]+?) (?:is|are) (?:now |actually )?(?=[\w])", r"\g<who> \g<verb> ", ""),
    (rf"^(?=.* used to ){_WHO} used to be (?=\w)(?!.*\b(?:but|now) (?:now )?it)", r"\g<who> am ", "former"),
    (rf"^(?=.* used to ){_WHO} used to (?=\w)", r"\g<who> ", "former"),
    (rf"^(?=.* (?:longer|more|any(?:more|longer)|after all)\b){_WHO}(?: am|'m|’m| are|'re|’re| is|'s|’s) (?:no longer|not(?= .*\b(?:any ?(?:more|longer)|after all)\b))", r"\g<who> am", "ended"),
    (rf"^(?=.* (?:longer|more|any(?:more|longer)|after all)\b){_WHO} (?:have|has|'ve|’ve)? ?no longer (?=\w)", r"\g<who> ", "ended"),
    (rf"^(?=.* (?:longer|more|any(?:more|longer)|after all)\b){_WHO} (?:no longer|don't|don’t|do not|doesn't|doesn’t|does not|can't|can’t|won't)(?= .*\bany ?(?:more|longer)\b)", r"\g<who>", "ended"),
    (rf"^{_I_HAVE} (?:just |now |finally )?(?:got|have|bought|been given|changed) (?:an?|my|our) (?:new )?(?P<x>[\w -]{{2,30}}?)(?:: | - |, (?:it's|it is|it’s|which is) |; it's )(?=\S)", r"my \g<x> is ", "changed"),
    (r"^(?P<x>(?:my|our) [\w' -]{2,40}?) (?:has |have )?(?:just |now |recently )?(?:changed|become|became|turned)(?: from [^,;.!?]+?)?(?: to)? (?=\S)", r"\g<x> is ", "changed"),
    (rf"^(?=.*(?:ed|back|put|brought) )(?:(?:my|our|the) )?(?P<x>(?!(?:i|we|they|he|she|it)\b|(?:\w+ )?(?:{_PERSON})(?: (?-i:[A-Z])\w+)? (?:has|have|had|was|is|are|were|got)\b)[\w' -]{{3,50}}?) (?:(?:has|have) been|was|were|is|are|got|has|is being)(?: now| just)? (?:moved|rescheduled|postponed|pushed(?: back| forward)?|brought forward|delayed|changed|shifted|put (?:off|back)|back)(?: from [^,;.!?]+?)? (?:until|till|to|for|on) ", r"my \g<x> is on ", "changed"),
    (r"^(?:i|we|they|he|she|the \w+)(?:'ve|’ve|'s| have| has)? (?:just )?(?:had to )?(?:moved?|rescheduled?|postponed?|pushed?|shifted?|to (?:postpone|move|reschedule|push))(?: back)? (?:(?:my|our|the) )?(?P<x>(?!to\b|in\b|into\b|house\b|out\b|back\b|it\b|from\b|here\b|on\b|the\b)[\w' -]{3,40}?)(?: from [^,;.!?]+?)?(?: back| forward)? (?:until|till|to|for) ", r"my \g<x> is on ", "changed"),
    (r"^(?P<x>(?:my|our) [\w' -]{2,40}?) (?:(?:has|have) )?(?:gone|went|go|is|are|risen|rose|dropped|fell|fallen|increased|decreased|been raised|been cut|been (?:put|bumped) up)(?: up| down)? to (?=\S*\d)", r"\g<x> is ", "changed"),
    (rf"^{_I_HAVE} (?:just |now |recently |finally )*(?:become|became|been (?:promoted|appointed|made|hired)|got (?:promoted|hired)|was (?:promoted|appointed|hired)|qualified)(?: (?:to|as))? (?:an? |the )?(?=\w)", "I'm a ", "changed"),
    (rf"^{_I_HAVE} (?:just )?turned (?=\d)", "I'm ", "changed"),
    (rf"^{_WHO}(?: have| has|'ve|’ve)? (?:come|grown|learned|learnt|started|begun|began|gone back) to (?=\w+ )", r"\g<who> ", "changed"),
]
REWRITES = Sieve(
    [(re.compile(pattern, re.IGNORECASE), plain, how) for pattern, plain, how in _REWRITES],
    lambda row: row[0].pattern,
)
STOPPED = re.compile(
    rf"^{_WHO}(?:(?:'ve|’ve|'s| have| has)? (?:just |now |recently |finally )*(?P<stop>stopped|quit|given up|gave up|(?:gone|went) (?:right |completely |totally |clean |a bit )?off|cut out|started|begun|began|gone back to|went back to|taken up|took up|got back into))"
    r" (?P<doing>\w+ing|[a-z]+)\b(?! and (?:now )?(?:works?|lives?|is|has|teaches|runs)\b)(?P<rest>[^,;.!?]*)",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"(?:stopped|quit|given up|gave up|(?:gone|went)(?: [a-z ]+)? off|cut out)$", re.IGNORECASE
)
# What ended, told by a verb of its own: (pattern, predicate). The value may be left out.
_ENDED = [
    (rf"{_I_HAVE} (?:just |finally |recently )*(?:quit|left|lost|resigned from|walked out of|was fired from|was laid off from|got fired from|got laid off from) (?:my|the|that) (?:old )?(?:job|position|post|role){_AT}", "not employer"),
    (rf"{_I_HAVE} (?:just |finally |recently )*(?:retired|resigned|was laid off|got laid off|was fired|got fired|been fired|been laid off|been made redundant|handed in my notice){_AT}", "not employer"),
    (rf"{_I_HAVE} (?:just |finally |recently )*(?:quit|left) (?P<at>(?-i:[A-Z])[\w&.’'-]*(?: (?-i:[A-Z])[\w&.’'-]*){{0,3}})(?![\w’'-])(?! (?:at (?:\d|noon|five|six)|early|late\b|for|to|around|with|by|on foot|yesterday|today|this morning))", "not employer"),
    (rf"{_I_HAVE} (?:just |finally |recently )*(?:cancelled|canceled|ended|let go of|gave up|given up) my (?:(?P<what>[\w -]+?) )?(?:membership|subscription){_AT}", "not member"),
    (rf"{_I_HAVE} (?:just |finally |recently )*(?:left|quit|dropped out of) (?:my|our|the) (?P<at>[\w' -]{{0,30}}?(?:club|team|choir|band|gym|society|orchestra|league|committee|board|group))\b(?! (?:at|early|for|chat|meeting))", "not member"),
    (rf"{_I_HAVE} (?:just |finally |recently )*(?:sold|crashed|scrapped|got rid of|gave away|given away|donated|totalled|wrecked) (?:my|our|the) (?:old )?(?P<at>[\w -]{{3,40}}?)(?= (?:last|this|in|on|to|for|because|and|after)\b|[,.;!?]|$)", "not owns"),
    (rf"{_I_HAVE} (?:just |finally |recently )*(?:cancelled|canceled|called off|scrapped) (?:my|our|the) (?P<at>[\w' -]{{3,60}}?)(?= (?:because|and|after|so)\b|[,.;!?]|$)", "not plan"),
    (r"(?:my|our|the) (?P<at>[\w' -]{3,60}?) (?:(?:has|have) been|was|were|is|are|got|isn't happening|is not happening) ?(?:now )?(?:cancelled|canceled|called off|off)\b", "not plan"),
    (rf"{NAME} and i (?:have |'ve |are |recently |just |got )*(?:split(?: up)?|broken up|broke up|separated|divorced|getting (?:a )?divorced?|not together any ?more|aren['’]t together(?: any ?more)?|no longer together|called it quits|parted ways|finished)", "not partner"),
    (rf"{_I_HAVE} (?:just |recently )?(?:broken|broke|split|separated|got divorced|divorced)(?: up)? (?:with|from) {NAME}", "not partner"),
    (rf"(?:my|our) (?:\w+ )?(?:wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?),? {NAME},? and i (?:have |'ve |are |recently |just |got )*(?:split(?: up)?|broken up|broke up|separated|divorced)", "not partner"),
    (r"my (?:\w+ )?(?:wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?) and i (?:have |'ve |are |recently |just |got )*(?:split(?: up)?|broken up|broke up|separated|divorced)(?P<at>)", "not partner"),
]
# What began between the user and somebody, told by a verb of its own.
_TOGETHER = [
    (rf"{NAME} and i (?:have |'ve |just |finally )*(?:got|are|were|get) (?:\w+ )?married", "spouse"),
    (rf"i(?:'m|’m| am|'ve got| got)(?: now)? engaged to {NAME}", "fiancé"),
    (rf"{NAME} and i (?:have |'ve |just |finally )*(?:got|are|were) engaged", "fiancé"),
    (rf"i(?:'m|’m| am|'ve been|’ve been)(?: now)? (?:dating|seeing|going out with|in a relationship with|together with|back with|back together with) {NAME}", "partner"),
    (rf"{NAME} and i (?:have |'ve |just |finally )*(?:are|got|'re)? ?(?:now )?(?:a couple|together|back together|dating|an item)", "partner"),
    (r"i(?:'m|’m| am) (?:now |currently |happily |recently |newly )*(?P<value>single|divorced|widowed|separated)\b", "relationship"),
]
ENDED = Sieve(
    [(re.compile(pattern, re.IGNORECASE), predicate) for pattern, predicate in (*_ENDED, *_TOGETHER)],
    lambda row: row[0].pattern,
)
INVERTED = re.compile(r"^(?=.* my )(?:[\w ]+? (?=\S+@))?(?P<value>(?:the )?(?-i:[A-Z])[\w' -]{1,40}?|\+?\d[\d ()-]{5,}|\S+@[\w.-]+)(?: is|(?: from now on)?[,:;.] (?:that|this|it|which)(?:'s|’s| is)) (?:now )?(?P<slot>my (?:(?:all-time )?favou?rite [\w -]+?|mother tongue|(?:native|first) language|hometown|star sign|blood type|surname|last name|employer|boss|landlord|(?:new |current )?(?:\w+ )?(?:e-?mail|phone|number|address)(?: address| number)?))(?: now| again)?(?P<end>[.!]*)$", re.IGNORECASE)
SO = re.compile(r"(?:, (?:so|and so|and now|but now|and|but|which means)|:|;| [-–—]| and now| but now| so) (?=(?:now )?(?:i|i'm|i’m|i've|i’ve|my|our|we|we're)\b)", re.IGNORECASE)
BACK_THEN = re.compile(
    r"^(?:(?:\w+ )?years ago|back then|back in \w+|in the past|formerly|previously|once|originally|before(?: that| then)?"
    r"|as an? (?:student|child|kid|teenager|teen|boy|girl|young \w+|apprentice|trainee)|in my (?:twenties|thirties|forties|teens|youth|childhood|last job|\w+ years)"
    r"|when (?:i|we) (?:was|were|lived|worked) [^,]{2,40}|in (?:19|20)\d\d|until (?:\w+ )?(?:19|20)\d\d|until (?:recently|last \w+)"
    r"|before (?:i|we|my|the|moving|becoming|that job)(?: [\w']+){0,5}?|at (?:school|university|uni|college)|growing up),? (?=(?:i|we|my|our)\b)",
    re.IGNORECASE,
)
IS_OVER = re.compile(
    r"\b(?:for (?:a (?:while|time|bit)(?! now)|some time)|for (?:a few|a couple of|many|several|some|\w+) (?:years|months|decades)(?! now)|in my (?:\w+ )?(?:twenties|thirties|forties|teens|youth|childhood|student days)"
    r"|years ago|back then|when i was|as an? (?:student|child|kid|teenager)|until (?:\w+ )?(?:19|20)\d\d|in (?:the )?(?:19|20)?\d0s"
    r"|before (?:i|we|my|moving|that)|from (?:19|20)\d\d (?:to|until|till)|between (?:19|20)\d\d|in (?:19|20)\d\d|as a student|once)\b",
    re.IGNORECASE,
)
UNTIL = re.compile(r" (?:(?:again|now|for good|completely|altogether|because|since|in|on|at|last|this)\b|[\w ]+ ago\b).*")
WAS = re.compile(rf"^(?P<who>i|we|(?:my|our) [\w' -]{{2,40}}?) (?P<verb>{'|'.join(PAST)})\b(?! born\b)", re.IGNORECASE)
