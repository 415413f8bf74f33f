"""How people speak of themselves: name, home, work, health, what they like, do, plan, and own.

Patterns are matched against clauses in which apostrophes are straight and white space is single.
Values keep what their predicate needs to be true alone: a diet is "don't eat pork", not "pork".
"""

from __future__ import annotations

import re

from memcli.acquire.predicates import PEOPLE, PETS
from memcli.acquire.rule import (
    ALSO,
    ANY_NAME,
    CALLED,
    COUNT,
    I_AM,
    I_HAVE,
    JOBS,
    NAME,
    NO_CONTACT,
    NOT_LIKED,
    NOT_NAMES,
    NOT_PLACES,
    NOT_WORK,
    NOTHING,
    PERSON,
    PET,
    REST,
    rule,
)
from memcli.records import Kind

AM = f"(?:{I_AM}|we're|we are) {ALSO}"
HAVE = f"(?:{I_HAVE}|ive|i've had|i have had|we have|i got|we got) {ALSO}"
SELF = f"(?:i|we) {ALSO}"
DID = "(?:i|we)(?:'ve| have|ve|'d)? (?:just |recently |finally |also |only |already )*"
SINCE = "(?:since|(?:nearly |almost |over |about )?(?:\\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty) years|for (?:[\\w-]+ ){1,4}?(?:years|year|months|decades?)|for (?:ages|years)|all my life)\\b"
HERE = r"(?=[,.;:!?)]|$| (?:and|but|so|since|because|for|with|now|who|which|where|at the moment|these days|btw|too|right now|anyway|actually|either|lol|though)\b)"
NUMBER = "(?:\\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|twin|no)"
KIDS = "(?:kids?|children|child|sons?|daughters?|boys?|girls?|twins|triplets|brothers?|sisters?|siblings?|grandchildren|grandkids|step-?(?:kids|children|sons?|daughters?)|nieces?|nephews?|brothers or sisters|sisters or brothers|family here)"
BREED = "(?:greyhounds?|collies?|labradors?|poodles?|terriers?|spaniels?|retrievers?|chickens|hens|bees|goats?|sheep|donkeys?|ferrets?|geckos?|snakes?|lizards?|iguanas?|guinea pigs?|budgies?|canar(?:y|ies)|rats?|mice|ducks|axolotls?|tarantulas?|husk(?:y|ies)|dachshunds?|corgis?|pugs?|beagles?|whippets?|lurchers?|dalmatians?|german shepherds?|tortoiseshell|geese|alpacas?|hedgehogs?|chinchillas?|gerbils?)"
NOT_CITIES = r"(?:Python|Linux|Windows|Mac|GitHub|GitLab|React|Rust|Java|JavaScript|TypeScript|Slack|Teams|Zoom|Chrome|Firefox|Git|Postgres\w*|AWS|Azure|Google|Notion|Discord|Plan|Step|Page|Chapter|Level)\b"
ANIMAL = PET.replace("?P<pet>", "?:")
PROFESSION = rf"(?P<object>(?:(?!(?:and|but|big|huge|bit|great|good|terrible|bad|better)\b)[\w&/'-]+ ){{0,4}}(?:{JOBS}|\w+(?:ologist|ician|grapher|wright|smith|keeper|therapist|teacher|worker|engineer|maker)|midwife|carer|nanny|postman|bus driver|tutor|coach|trainer|surveyor|planner|producer|dev|sysadmin|gp|barber|hairdresser|builder|welder|butcher|fisherman|florist|dancer|interpreter|auditor|banker|broker|buyer|clerk|curator|curate|vicar|priest|pastor|rabbi|imam|monk|nun|radiographer|paralegal|solicitor|barrister|civil servant|trader|roofer|tiler|joiner|mason|potter|tailor|seamstress|illustrator|animator|composer|conductor|violinist|pianist|drummer|guitarist|lifeguard|caretaker|landlord|lab tech|phd|postdoc|intern|apprentice|team lead|retiree|pensioner|veteran|stay-at-home \w+|housewife|househusband|homemaker|principal|headteacher|dean|sailor|marine|astronaut|tour guide|referee|politician|counsell?or|copywriter|streamer|youtuber|beekeeper|optometrist|physio|sommelier|bartender|locksmith|courier|trucker|captain|sous[- ]chef))"
CONDITION = r"(?P<object>(?:(?:severe|mild|chronic|bad|type (?:1|2|one|two|i|ii)|seasonal|early|late|stage \w+|\w+) ){0,2}?(?:(?:pre)?diabetes|asthma|adhd|ptsd|ocd|ibs|gerd|pcos|copd|hiv|epilepsy|migraines?|insomnia|eczema|psoriasis|hay ?fever|anxiety|depression|dyslexia|dyspraxia|autism|cancer|sciatica|scoliosis|tinnitus|vertigo|hypertension|high blood pressure|low blood pressure|high cholesterol|ana?emia|co?eliac disease|co?eliac|crohn's|lupus|gout|narcolepsy|fibromyalgia|sleep apno?ea|acid reflux|(?:pace|heart) ?(?:maker|murmur|condition)|hearing loss|\w{3,}(?:itis|osis|algia|aemia|emia|pathy|plegia)|\w+ (?:syndrome|disorder|disease|deficiency|intolerance|dystrophy|impairment))(?: disease)?)\b"
ILLNESS = CONDITION.replace("?P<object>", "?:")
DISABLED = r"(?P<object>an? (?:bad|dodgy|weak|slipped|herniated|artificial|prosthetic|new|replaced|trapped|torn|bum) (?:back|knee|hip|shoulder|ankle|wrist|heart|stomach|disc|leg|arm|foot|nerve|acl|eye|hand)|a (?:pacemaker|stoma|cochlear implant|hearing aid|peanut allergy|glass eye|guide dog))"
SICK = r"(?P<object>(?:(?:type (?:1|2|one|two)|legally|partially|partly|completely|almost|slightly|very|severely|profoundly|half|red-green|insulin-dependent) )*(?:diabetic|asthmatic|epileptic|dyslexic|dyspraxic|autistic|neurodivergent|colou?r[- ]?blind|deaf|blind|hard of hearing|bipolar|pregnant|(?:\d+|\w+) (?:weeks|months) pregnant|co?eliac|ana?emic|immunocompromised|paraplegic|hypermobile|disabled|short-?sighted|near-?sighted|long-?sighted|in (?:a wheelchair|remission|recovery)|a wheelchair user|a (?:type (?:1|2|one|two) )?diabetic|a cancer survivor|a recovering \w+))\b"
DIETS = r"(?P<object>(?:mostly |strictly |strict |fully |100% |lacto-?ovo |ovo-?lacto )?(?:vegetarians?|vegans?|veggie|pescatarian|pescetarian|flexitarian|teetotaller|teetotal|gluten[- ]free|dairy[- ]free|sugar[- ]free|plant-based|lactose[- ]intolerant|gluten[- ]intolerant|halal|kosher|keto|paleo|carnivore))\b"
FOODS = r"(?:meat|pork|beef|red meat|fish|seafood|shellfish|gluten|wheat|bread|dairy|milk|lactose|cheese|eggs?|nuts|peanuts|sugar|soy|alcohol|coffee|caffeine|carbs|onions?|garlic|mushrooms|chicken|anything with \w+|animal products|spicy food|lamb|pasta|soda|breakfast)"
OFTEN = r"(?:(?:every|each) (?:other |single |second )?(?:day|morning|evening|night|afternoon|weekday|weekend|week|month|year|summer|winter|spring|autumn|mon|tues|wednes|thurs|fri|satur|sun)\w*|(?:on |most |at |over )?(?:mon|tues|wednes|thurs|fri|satur|sun)days\b(?: and (?:mon|tues|wednes|thurs|fri|satur|sun)days|(?: to| till| until| through|-) \w+days)?|(?:on |most |at |over )(?:weekends|weekdays|the weekends?|mornings|evenings|nights|days)\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day (?:mornings|evenings|nights|afternoons)|(?:once|twice|(?:two|three|four|five|six|\d) times|(?:two|three|four|five|six|\d) (?:days|nights|hours|evenings)) (?:a|per) (?:day|week|month|year|night|fortnight)|in the (?:mornings|evenings|winter|summer)|daily(?=[,.!]|$)|religiously|for a living)"
USUALLY = "(?:usually|normally|always|often|typically|generally|mostly|rarely|never|hardly ever|seldom|tend to|regularly|only ever|only|still)"
HOBBY = r"(?:homeschool|smoke|vape|commute|run|swim|cycle|climb|surf|ski|snowboard|skate|knit|paint|crochet|garden|bake|dance|box|row|sew|meditate|volunteer|busk|coach|foster|collect|brew|grow|breed|restore|sail|kayak|hike|jog|juggle|bird-?watch|do (?:yoga|pilates|judo|karate|aikido|crossfit|ballet|boxing|archery|pottery|improv|martial arts|triathlons|parkruns?|a lot of \w+|crosswords|sudokus?|jigsaws?)|practi[sc]e|sing (?:in|with|soprano|alto|tenor|bass|baritone)|keep (?:bees|chickens|hens|fish|a diary|a journal)|make my own|(?:build|make|carve|repair|sell|restore) (?:[a-z]+ )?(?:ships|boats|planes|trains|models|furniture|guitars|violins|cheese|wine|beer|cider|jewell?ery|pottery|ceramics|clocks|watches|cakes|candles|soap|quilts|films|videos|music|robots|drones|bikes|bicycles|toys|dolls|instruments|jam|honey|clothes|shoes|knives|prints|insurance|flowers|houses)|go (?:running|swimming|climbing|hiking|cycling|surfing|skiing|fishing|dancing|sailing|camping|riding|horse riding|birdwatching|bouldering|to the gym|to church))"
NOT_BAD = r"(?:being (?!in\b|at\b|outdoors|outside|alone|near|by|around|a\b|an\b)|waiting|paying|queu|standing in|sitting in|having to|getting (?!up\b)|losing|missing|stubbing|it\b|when|how|going to the dentist|waking up)"
NOT_MEANT = rf"{NOT_LIKED}|{NOT_BAD}|the (?!(?-i:[A-Z])|(?:sea|ocean|beach|mountains?|outdoors|cold|heat|rain|winter|summer|autumn|theatre|theater|cinema|gym|opera|ballet|countryside|smell|sound of|taste|texture|colou?r|piano|guitar|violin|cello|drums|snow|sun|city|woods|forest|dark|dentist|wind|night|news|radio|water|lake|desert)\b)|(?:their|his|her|its|also|not being|both|all of|one|the (?:first|second|third|last|other|new|old|one|fact|feel|tone|style|word|term|name|version|option|answer|results?|suggestions?|ones?|direction)\b|my (?:new )?(?:life|job|wife|husband|kids|family|boss|{{'|'.join(PEOPLE)}})\b|option|talking|chatting|working with you|to (?:be|see|hear|have|get|go|start|say|ask|note|mention|break|admit|clarify|understand|find|try|use|make|do|discuss|learn more|talk)\b|mondays?|people|everyone|everybody|someone|somebody|version|a (?:good|bit|challenge|quick)|hearing|seeing|where|who|why|as|so|too|more|less|an? (?:answer|explanation|response|example)|answers?|any|some|each|either|neither|such|seeing|reading your|your|ya|u|doing (?:this|that)|so much|very much|every(?: minute| second)?|life|being|having)\b"
NOT_OWNED = r"(?:it|this|that|them|one|some|a (?:few|lot|couple|bit|ticket|drink|coffee|round|sandwich|book|gift|present)|milk|bread|the wrong|lunch|dinner|groceries|food|time|into|everything|nothing|my \w+$)\b"
THINGS = r"(?:car|van|truck|motorbike|motorcycle|bike|bicycle|scooter|boat|kayak|canoe|house|flat|apartment|cottage|cabin|farm|allotment|garden|piano|guitar|violin|cello|ukulele|banjo|drum kit|telescope|camera|3d printer|sewing machine|laptop|macbook|pc|ipad|iphone|kindle|tablet|switch|playstation|ps\d|xbox|e-?bike|caravan|campervan|camper van|greenhouse|kiln|loom|air fryer|instant pot|thermomix|espresso machine|wood ?burner|heat pump|tesla|toyota|honda|ford|volvo|bmw|audi|fiat|vespa|bakery|café|cafe|restaurant|shop|salon|business|company|bookshop|studio|vineyard|licen[cs]e|season ticket|tattoo|piercing|pool|hot tub|sauna|drone|record player|collection|library card|membership|passport|black belt)"
WISHES = r"(?:lose|quit|give up|learn|become|save|cut|eat|run (?:a|the) (?=(?:\w+ )*?(?:marathon|half|10k|5k|race|ultra|business|company))|get (?:fit|in shape|better at|my (?:licen[cs]e|degree|visa))|get into|read more|write a|buy a (?:house|flat|home|car)|move (?:to|abroad|back|out)|retire|start (?:a|my)|open (?:a|my)|find a (?:new )?(?:job|flat|house|place)|change careers?|finish my|stop (?:smoking|drinking|eating|biting)|reduce|improve my|conceive|adopt|visit (?-i:[A-Z])|travel|study|sleep more|drink (?:less|more)|qualify|train|climb|swim|hike|spend (?:less|more))"
SETTLE = r"(?:go part-time|move (?:to|in|out|back|abroad|house)|retire|quit my|quit smoking|propose|get married|marry|have (?:kids|a baby|children)|adopt|buy (?:a|our|my)(?: \w+)? (?:house|flat|home|apartment|car|van|boat|place)|sell (?:my|our|the) (?:house|flat|car|business)|study|apply (?:to|for)|travel|visit (?-i:[A-Z])|run (?:a|the) |stay in (?-i:[A-Z])|emigrate|switch careers?|change jobs|start (?:a|my|our) (?:own )?(?:business|company|family|phd|master|degree|podcast|garden|bakery|blog)|learn (?!more|how|about)|train for|go back to (?:school|uni|university|work|college)|hike|climb|cycle (?:to|from|across)|walk the|take (?:a sabbatical|a year off|maternity|paternity|parental)|renovate|go to (?-i:[A-Z])|spend (?:the|a|two|three|my|our|next))"
ASKED = r"(?:keep|use|call|give|write|answer|be|stick|speak|skip|avoid|reply|include) "
CONSIDERED = r"(?:retraining|applying (?:to|for)|moving (?:to|out|abroad|back|in|house)|going (?:back to|freelance|part-time|vegan|vegetarian|abroad)|learning (?:the|to|(?-i:[A-Z])\w+)|buying (?:an?|our|my)|getting (?:married|divorced|a (?:dog|cat|puppy|kitten|tattoo|second))|adopting|quitting|leaving my|(?:changing|switching) (?:jobs?|careers?)|starting (?:an?|my|our) (?!new (?:chat|line|paragraph))|emigrating|selling (?:my|our|the)|having (?:a|another) (?:baby|child|kid)|studying|becoming|taking (?:up|a (?:year|sabbatical|gap))|opening (?:a|my|our)|writing (?:a|my) (?:book|novel|memoir)|retiring|renovating|relocating|volunteering|fostering|proposing)"
TRIP = r"(?:trip|flight|holiday|vacation|move|honeymoon|visit|cruise|road trip|journey|interview|relocation)"
NATION = r"(?P<object>(?:half[ -])?(?-i:(?:Brit|Ir|Scott|Span|Swed|Dan|Finn|Pol|Turk|Jew)ish|(?:Chin|Japan|Portugu|Leban|Malt|Vietnam|Senegal|Taiwan|Nepal)ese|(?:Ital|Brazil|Russ|Ind|Austral|Austr|Belg|Canad|Norweg|Ukrain|Hungar|Roman|Bulgar|Croat|Serb|Slovak|Sloven|Eston|Latv|Lithuan|Iran|Egypt|Niger|Ghana|Keny|Ethiop|Colomb|Argentin|Peruv|Chil|Boliv|Ecuador|Mex|Cub|Jamaic|Alger|Tunis|Libyan?|Indones|Malays|Asturian|Catal)(?:ian|an|ean|ician)|German|French|Dutch|Swiss|Greek|Czech|Welsh|Thai|Mexican|American|Korean|Moroccan|Turkish|Pakistani|Iraqi|Israeli|Filipin[oa]|Kiwi|Basque|Catalan|Venezuelan)(?:[- ](?-i:[A-Z])\w+)?)"
TIME = r"(?:(?:back )?in (?:\d{4}|\w+),? |last \w+,? |this \w+,? |yesterday,? |\w+ (?:years|months|weeks|days) ago,? )?"

NAMES = [
    rule("profile", "name", rf"(?:the |my )?name'?s {NAME}", NOT_NAMES),
    rule("profile", "name", rf"(?:(?:you can |please |just |pls )*call me|my (?:full |first |real |actual |preferred |given )?name(?: is|'s|s)|{I_AM} called|(?:people|everyone|everybody|friends|my friends|most people|they) (?:all )?calls? me|i go by|i(?:'m| am) known as|i prefer to be called|the name's|i answer to) {NAME}(?! (?:is|was)\b)", NOT_NAMES),
    rule("profile", "name", rf"my (?:full |first )?name(?: is|'s|s) {ANY_NAME}", NOT_NAMES),
    rule("profile", "name", rf"(?:this is|{I_AM}) (?!(?:OK|ADHD|TV|PM|AM|GMT|Muslim|Catholic|Christian|Jewish|Buddhist|Hindu|Team|German|French|Dutch|Swiss|Greek|Czech|Welsh|Thai|Type|Canadian|American|Mexican|LGBT|PhD|Dr)\b)(?-i:(?P<name>[A-Z][a-zà-ÿ]+(?: [A-Z][\w'-]+)?))(?:,? (?:and |i'm )?(?P<age>\d\d)(?: years old)?)?(?= from\b| \(|,? and i\b|, i\b|, an? |, (?:nice|pleased|good|glad|lovely) to|[.!]?$|,? your|,? (?:but )?(?:call me|people|everyone|my friends)\b| by the way| btw|, (?:the )?\w+ (?:of|at|from)|,$)", rf"{NOT_NAMES}|\w+ing\b|(?:fine|batman|superman|spartacus|good|back|sorry|here|sure|happy|sad|done|tired|lost|ready)\b|[a-z]+(?:ish|ese|ian|can)$"),
    rule("profile", "name", rf"(?:it's|this is) {NAME} (?:here|again)(?: again)?(?=[,.!]|$)|{NAME}(?: here(?: again)?(?=[,.!]|$)|,? from (?P<origin>(?-i:[A-Z])[\w-]+),? (?:nice|lovely|pleased|glad|good|great) to)".replace("?P<name>", "?P<object>", 1), rf"{NOT_NAMES}|(?:same|new|all|right|nothing|everyone|nobody|christmas|easter|winter|summer|spring|autumn|welcome|raining|snowing|chaos|hello|stuck|ready|only|still|me)\b"),
    rule("profile", "pronouns", r"(?=.)(?:my pronouns are|i go by|i use|pronouns:) (?P<object>\w+(?:/\w+)+)"),
]  # fmt: skip
DATES = [
    rule("profile", "birthday", r"(?=.)(?:i was born(?: on| in)?|my (?:birthday|b-?day|birth date|date of birth|dob)(?: is|'s|s| =|:| falls)(?: on| in)?) (?P<date>.{3,40})"),
    rule("profile", "age", rf"{I_AM} {ALSO}(?:only |almost |already )?(?P<object>\d{{1,3}}) ?(?:years old|yo|y/o|yrs old)\b"),
    rule("profile", "age", rf"{I_AM} (?:only |already )?(?P<object>[1-9]\d|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:-\w+)?)(?=$|[,.!;]| and (?!a half|counting)| now\b| with\b| next\b| years? young)(?! (?:and explain|min|km))"),
    rule("profile", "age", r"i(?:'ve| have)?(?: just| recently)? turn(?:ed|s)? (?P<object>\d\d|thirty|forty|fifty|sixty|seventy)\b"),
    rule("profile", "age", rf"(?:as|{I_AM}) an? (?P<object>\d\d)[- ]year[- ]old(?: (?P<job>(?:[\w-]+ ){{0,3}}{JOBS}))?\b"),
    rule("profile", "email", r"(?:(?:you can |please |best to |feel free to )*(?:reach|contact|e-?mail|write to|message|find) me (?:at|on|via)|my (?:\w+ )?(?:e-?mail|mail)(?: address)?(?: is|:|'s| now is)) (?P<object>[\w.+-]+@[\w-]+(?:\.\w+)+)"),
    rule("profile", "phone", r"(?:(?:you can |u can |please |just |best to )*(?:reach|call|text|txt|ring|phone|contact|whatsapp|message) me (?:at|on)|my (?:\w+ )?(?:phone|mobile|cell|number|cellphone|phone number|mobile number)(?: number)?(?: is|:|'s| now is)) (?P<object>\+?\d[\d ()./-]{5,18}\d)"),
    rule("profile", "address", r"(?=.)(?:(?:my|our) (?:new |home |current |postal |mailing |work )?|new )address(?: is|:|'s) (?:now )?(?P<object>\d[^.!?;]{4,80}|[^.!?;,]{3,40} \d[^.!?;]{0,60})"),
    rule("profile", "{what}", r"my (?P<what>phone|address|mobile)(?: address| number)?(?: is|:) (?P<object>\S.{2,80}?)[.!]?$", NO_CONTACT),
]  # fmt: skip
HOMES = [
    rule("profile", "home", rf"{SELF}(?:live|reside|stay) (?:(?:alone|together|just|off-grid|mostly|happily|full-time|with \w+ \w+(?: and \w+ \w+)?|over|up|down|out|right|not far) )*(?:in|at|near|outside|on the outskirts of|close to|above|opposite|next to|behind) {REST}", NOT_PLACES + r"|(?:an?|my|constant|the (?:present|now|past))\b(?! (?:\w+ ){0,3}(?:in|near|outside|called|town|village|city|island|farm|suburb|boat|flat|house|cottage|cabin|van|apartment|studio)\b)"),
    rule("profile", "home", rf"{DID}(?:moved|relocated|emigrated|settled)(?: \w+)? ?(?:back |over |down |up |here )?(?:to|in|into) {NAME}", NOT_CITIES),
    rule("profile", "home", rf"{DID}(?:moved|relocated) (?:back |over )?(?:to|2) (?P<object>[^\W\d_][\w'-]+)(?= (?:in|last|this|for|a|two|with|from|and)\b)", r"(?:it|this|that|there|here|a|an|the|my|our|another|python|linux|windows|\w+ing)\b"),
    rule("profile", "home", rf"{AM}(?:based|living|settled|located|residing|staying permanently) (?:with [\w ]{{2,25}}? |alone )?(?:in|at|near|outside) {REST}", NOT_PLACES + r"|(?:an?|my|constant|fear)\b"),
    rule("profile", "home", rf"(?:i|we)(?:'ve| have|ve) (?:been living|lived|been based) (?:here )?in {REST}", NOT_PLACES),
    rule("profile", "home", rf"(?:since|after|before) (?:i |we )?mov(?:ing|ed)(?: back| over| here)? to {NAME}"),
    rule("profile", "home", rf"(?=.)(?:my|our|the) (?:home|house|flat|apartment|place)(?: is|'s) in {NAME}"),
    rule("profile", "home", rf"(?:i|we) (?:rent|share|own|have) (?:an? )?(?:\w+ )?(?:flat|house|apartment|room|studio|place|cottage)(?: with [\w ]{{2,30}}?)? in {NAME}"),
    rule("profile", "origin", rf"(?:{I_AM}|we're|i come|i hail|we come) {ALSO}(?:originally )?from {NAME}", NOT_NAMES),
    rule("profile", "origin", rf"{I_AM} (?:(?:originally )?from|born and (?:bred|raised) in) {ANY_NAME}", r"(?:here|there|the|a|an|now|my|today|tomorrow|outside|above|around|scratch|home|work|it|this|that)\b"),
    rule("profile", "origin", rf"(?:(?:i was|i'm|i) (?:(?:grew up|born|raised|brought up|bred)(?: and | & )?)+ (?:partly |mostly )?(?:in|near|on)(?: an? [\w -]{{3,25}}? (?:in|near|outside|called))?|{DID}(?:moved|came|emigrated|immigrated|come)(?: here| over| back)? from) {NAME}", NOT_NAMES),
    rule("profile", "origin", rf"{I_AM} (?:originally |actually )?{NATION}{HERE}"),
]  # fmt: skip
WORK = [
    rule("profile", "employer", rf"i {ALSO}(?:work|started working|started (?=(?:at|for) (?:an? |(?-i:[A-Z])))|have started (?=at)|am employed) (?:part[- ]time |full[- ]time |remotely |nights |mostly )*(?:at|for|with (?=(?-i:[A-Z]))) {REST}", NOT_WORK + r"|(?:\d|an hour|noon|midnight|kids|people|children|dogs|animals|horses|you|this|that|it|both|other)\b|(?:one|two|three|six|seven|eight|nine|ten|five|four)$|(?:about|around|\w+ years)"),
    rule("profile", "employer", rf"i(?:'ve| have|ve)? (?:just |recently |also )?(?:got|landed|started|accepted|found|taken) (?:an?|the|my) (?:new )?(?:job|position|role|offer|internship|apprenticeship)(?: \w+)? (?:at|with) {REST}"),
    rule("profile", "employer", rf"i(?:'ve| have)? (?:been (?:working )?(?:at|with|for)|worked (?:at|for|with)) {REST}(?= {SINCE})", NOT_WORK + r"|(?:the same|it|this|home|least)\b"),
    rule("profile", "employer", rf"(?=.)(?:my employer is|i(?:'ve| have)? (?:just |recently )*joined|{I_AM} (?:employed (?:by|at)|working (?:at|for)|joining|starting at|interning at|at)|i intern at) (?!the conversation)(?P<object>(?:the )?(?-i:[A-Z])[^,.;!?]{{1,40}}?)(?= {SINCE}| until | till | from | and | on | in (?=\d|[a-z])| last | as |[,.;!?]|$)", r"(?:the (?:airport|office|moment)|home|work|heathrow|gate)\b"),
    rule("fact", "employer", r"i(?:'ll)? (?:begin|start) (?:work )?at (?P<object>(?:the )?(?-i:[A-Z])[^,.;!?]{1,40}?)(?= on | in | next |[,.;!?]|$)"),
    rule("profile", "job", rf"i {ALSO}(?:work|worked|started working|started|retrained|qualified|freelance|moonlight|serve|train|trained) (?:\w+ly |part-time |full-time |here )?as (?:an? )?{REST}", NOT_WORK),
    rule("profile", "job", rf"(?:as|being|{I_AM}|i (?:then |later |eventually )?became) {ALSO}(?:working as |training as |training to be |qualified as )?an? {PROFESSION}\b(?! (?:at heart|in training of|wannabe))(?: (?:at|for) (?P<employer>[^,.;!?]{{2,40}}))?(?: (?:originally )?from (?P<origin>(?-i:[A-Z])\w+(?: (?-i:[A-Z])\w+)?))?(?: (?:living|based) in (?P<home>(?-i:[A-Z])\w+(?: [A-Z]\w+)?))?", r"(?:fan|fast|bit)\b"),
    rule("profile", "job", rf"my (?:current |new |day )?(?:job|role|profession|occupation|job title|work) is (?:as )?(?:an? )?{PROFESSION}\b"),
    rule("profile", "job", rf"{AM}{ALSO}(?P<object>(?:self-employed|unemployed|semi-retired|retired|between jobs|on (?:maternity|paternity|parental|sick) leave|a stay-at-home \w+|freelance|freelancing))\b"),
    rule("fact", "job", rf"i {ALSO}(?P<object>teach (?!you\b|me\b|him\b|her\b|them\b|myself\b|this\b|that\b|it\b)[^,.;:!?()]{{3,60}}?)(?: (?:at|in) (?P<employer>(?:an?|the|(?-i:[A-Z])\w*)[^,.;!?]{{3,50}}))?(?=[,.;:!?()]|$)"),
    rule("fact", "job", rf"i {ALSO}(?P<object>(?:run|manage|lead|direct|head) (?:an?|the|my own|our|my) (?:\S+ ){{0,4}}?(?:team|shop|bakery|caf[eé]|restaurant|company|business|farm|studio|department|salon|gallery|agency|practice|clinic|startup|start-up|charity|nursery|bookshop|store|hotel|pub|bar|garage|school|lab|b&b|brewery|vineyard|podcast|newsletter)\b[^,.;!?]{{0,40}}?|(?:supervise|oversee|manage|coach|mentor) (?:about )?(?:\d+|two|three|four|five|six|seven|eight|ten|twelve|an? (?:small |big )?team) [^,.;!?]{{0,40}}?)(?= and |[,.;!?]|$)"),
    rule("fact", "work", r"(?:i|we)(?:'ve| have) (?:got )?[\w ]{2,25}years'?(?: of|' )? ?(?:\w+ )?experience (?:as (?:an? )?|in )(?P<object>[^,.;:!?()]{2,50}?)(?= and | at | but | so |[,.;:!?()]|$)"),
    rule("fact", "work", rf"(?:i|we) {ALSO}(?:(?:work|worked|have worked|'ve worked) (?:in|on(?= (?:the )?(?:railways?|ships|farms|rigs|buses|trains|boats|building sites|ferries|cruise ships|docks|land)\b)) (?:the )?(?P<object>[^,.;:!?()]{{2,50}}?))(?= and (?:i|live|love|have)\b| for \w+ years| but | so | because |[,.;:!?()]|$)", NOT_WORK + r"|(?:the (?:morning|evening|afternoon|same|dark)|an? (?:similar|different)|silence|peace|person|python|pairs|shifts)\b"),
    rule("fact", "work", rf"(?:i {ALSO}(?:can (?:only )?)?(?P<object>(?:work|am working) (?:(?:from|out of) (?:an?|my) (?!different|new)|(?:mostly |three |four |two |\d |alternate )*(?:nights|days|mornings|afternoons|evenings|weekends|shifts|night shifts|remotely|from home|part[- ]time|full[- ]time|freelance|overtime|on (?:an oil rig|ships?|a farm|a boat)|offshore|days a week)|with (?:kids|children|horses|refugees|dogs|animals|the elderly|people with [\w ]+)|on (?:a|an|the) (?!this)(?:\w+ ){{0,2}}(?:farm|ward|rig|site|ship|team))[^,.;!?]{{0,40}}?))(?= and |[,.;!?]|$)"),
    rule("fact", "school", rf"(?:(?:i (?:graduated|dropped out)|{I_AM} a (?:recent )?graduate) (?:from|of)|i (?:studied|went to (?:uni|university|college)) (?:at|in)(?= (?-i:[A-Z]))) (?P<object>[^,.;!?]{{2,50}}?)(?: with (?:an? )?(?:\w+ )?(?:degree|diploma|master'?s|doctorate|phd|first) in (?P<studies>[^,.;!?]{{2,40}}?))?(?= in \d| last | and |[,.;!?]|$)", "(?:this|that|it)\\b"),
    rule("fact", "studies", rf"(?:{AM}(?:studying|majoring in|doing|taking|reading for|finishing|starting|pursuing) (?:for )?|i (?:major in|study|did|have|hold|got) )(?P<object>(?:an?|my) (?:\S+ ){{0,2}}?(?:phd|doctorate|master'?s?|bachelor'?s?|degree|mba|msc|bsc|diploma|evening (?:class|course)|course|a-levels?|apprenticeship|gcses?|military service|national service|placement|residency|internship|erasmus)\b[^,.;!?]{{0,50}}?)(?: (?:at|from) (?P<school>(?:the )?(?-i:[A-Z])[^,.;!?]{{2,40}}))?(?= and |[,.;!?]|$)", r".*\bcourse of\b"),
    rule("fact", "studies", rf"(?:{AM}(?:studying|majoring in)|i (?:major in|majored in|{ALSO}study|{ALSO}studied)) {REST}", r"(?:hard|this|that|it|for|at|in|how|what|all|every|the (?:problem|code|docs?))\b"),
    rule("fact", "speaks", rf"(?:{AM}|(?:i|we)(?:'ve| have) been )(?:learning|studying|practising|practicing) {NAME}"),
    rule("fact", "studies", rf"(?:{AM}|(?:i|we)(?:'ve| have) been )(?:also )?(?:learning|teaching myself|self-teaching) (?P<object>(?:how )?(?:to [^,.;!?]{{3,40}}|(?:the )?\w[^,.;!?]{{2,40}}?))(?= and |[,.;!?]|$)", r"(?:that|this|a lot|so|more|how (?:much|hard|it|this)|about|it|as|from|new|something|lots|the hard|to (?:live|love|accept|let|trust|cope|be|deal|say|use))\b"),
    rule("fact", "speaks", r"(?:i|we) (?:also |can |mostly |grew up )*(?:speak|speaking|understand|know) (?:both )?(?P<object>(?:fluent |some |a bit of |a little |basic |decent )?(?-i:[A-Z]\w+(?:(?:, | and |, and |, (?:some |a bit of |a little )| and (?:some |a bit of |a little ))[A-Z]\w+)*))", r"(?:Python|Java|C|Rust|Excel|SQL|JavaScript|React)\b"),
    rule("fact", "speaks", rf"(?=.)(?:my (?:native|first|mother) (?:language|tongue)(?: is|'s)|{I_AM} (?:fluent in|bilingual in|a native speaker of|native in)) {NAME}"),
]  # fmt: skip
FAMILY = [
    rule("fact", "spouse", rf"(?:{AM}|(?:i|we)(?:'ve| have) been )(?:happily |recently |newly )?(?:married|engaged) to {NAME}"),
    rule("fact", "relationship", rf"{AM}(?:happily |recently |newly |now )*(?P<object>(?:not )?married|divorced|widowed|engaged|separated|single(?= and| now|,? with|[,.!]?$))(?=[,.;!]|$| and| but| for | who | since | in | with )"),
    rule("fact", "family", rf"{AM}(?P<object>(?:(?:mum|mom|dad|mother|father|parent|grandmother|grandfather|granny|grandad)(?= (?:of|to) )|an only child|a family of \w+|adopted|an orphan|a (?:single |new |proud |working |stay-at-home )*(?:mum|mom|dad|mother|father|parent|grandmother|grandfather|grandparent|granddad|grandma|twin|triplet|widow|widower|foster carer|bachelor)|the (?:youngest|oldest|eldest|middle child|second|only \w+)(?: of \w+)?(?! in (?:my|the|our) (?!family)))(?: (?:of|to|with) [^,.;!?]{{3,40}}?)?)(?= and |[,.;!]|$| for | who | since | in )"),
    rule("fact", "family", rf"(?=.)(?:my (?:\w+ and i|partner and i) have |we had |{HAVE})(?P<object>(?:{COUNT}|{NUMBER}) (?:[\w-]+ ){{0,3}}?(?:{KIDS}|grandsons?|granddaughters?|(?:wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|cousin|uncle|aunt|grandparent|godchild|godson|goddaughter|ex-wife|ex-husband|stepdad|stepmum)s?)(?: (?:or|and) (?:\w+ )?(?:{KIDS}))?)(?:(?:,|:)? (?:called |named )?(?P<names>(?-i:[A-Z])\w+(?:(?:, | and |, and )(?-i:[A-Z])\w+)+))?(?=[,.;!]|$| and\b| who\b| under\b| aged\b| in\b| called\b| named\b| at\b| \()"),
    rule("fact", "family", rf"{AM}(?P<object>(?:expecting (?:our|my|a|an|twins|another|triplets)|having (?:a (?:baby|boy|girl)|twins)|trying for a (?:baby|second)|pregnant with)[^,.;!?]{{0,50}})"),
]  # fmt: skip
PETS_HAD = [
    rule("fact", "pet", rf"(?=.)(?:the|our) (?:[\w-]+ ){{0,2}}?{PET}(?:'s| is) (?:called|named) {ANY_NAME}"),
    rule("fact", "pet", rf"(?:{HAVE}|{DID}(?:adopted|rescued|got|bought|fostered|took in) |{SELF}(?:own|foster|keep|share (?:my|our) (?:home|flat|house|life) with) )(?:{COUNT}|our|my) (?:[\w-]+ ){{0,3}}?(?:{PET}|{BREED}),? (?:called|named) {NAME}", NOT_NAMES),
    rule("fact", "pet", rf"(?:my|our) (?:[\w-]+ ){{0,2}}?{PET}(?:{CALLED}| is) {NAME}", NOT_NAMES),
    rule("fact", "pet", rf"(?:my|our) (?:[\w-]+ ){{0,2}}?{PET}{CALLED} {ANY_NAME}", NOT_NAMES),
    rule("fact", "pet", rf"(?:{HAVE}|{DID}(?:adopted|rescued|got|bought|fostered|took in) |{SELF}(?:own|foster|keep|adopted) )(?:got )?(?P<object>(?:{COUNT}|our|my) (?:(?!for\b|of\b|with\b|about\b|from\b|on\b|in\b|like\b|to\b)[\w-]+ ){{0,3}}?(?:{PET}|{BREED})(?: and (?:{COUNT} )?(?:\w+ )?{ANIMAL})?)(?=[,.;:!?()]|$| (?:and|but|or|so|who|which|that|called|named|at|in|on|since|for|from|now|too|as|because|here|already|with|to)\b)"),
]  # fmt: skip
HEALTH = [
    rule("fact", "allergy", rf"{AM}(?:apparently )?(?:severely |deathly |mildly |highly |very |extremely |slightly |badly |violently )?(?:allergic|intolerant) to {REST}", NOTHING + r"|(?:mondays|work|mornings|bullshit|stupidity|exercise|cardio|fun|this|that|people|\w+ing up|early)\b"),
    rule("fact", "allergy", rf"{HAVE}(?:got )?an? (?:\w+ly )?(?:severe |bad |mild |serious |life-threatening )?(?P<object>(?!severe|bad|mild|serious|food\b)[\w -]{{2,30}}?) allergy", NOTHING),
    rule("fact", "allergy", rf"{HAVE}(?:got )?(?:an? )?(?:severe |bad |mild |serious )?(?:food )?allergy to {REST}", NOTHING),
    rule("fact", "allergy", rf"{HAVE}(?:got )?(?P<object>hay ?fever)\b"),
    rule("preference", "diet", rf"(?:as |being |{AM}|(?:i|we)(?:'ve| have) been )(?:been )?(?:now |a strict |on a |an? )*{DIETS}(?: diet)?{HERE}"),
    rule("preference", "diet", rf"(?:i|we)(?:'ve| have)? (?P<object>(?:don'?t|do not|can'?t|cannot|never|no longer|haven'?t|have not|won'?t) (?:really |usually |ever )?(?:eat|have|drink|touch|do|eaten|drunk|touched|had) (?:any )?{FOODS}(?:(?:,| or| and|, or) {FOODS})*)\b(?! (?:with|here|today|tonight|at))|(?:i|we) (?P<name>(?:don'?t|can'?t|cannot|never|won'?t) (?:eat|digest|tolerate|drink|touch) (?:any )?(?!(?:that|this|it|anything|another|much|more|enough|here|out|now|lunch|dinner|properly|well|a lot|the|my|them|these|those)\b)[a-z][\w-]+(?: [\w-]+)?)(?=[,.;!?]|$| (?:and|or|so|because|btw|but|since)\b)", r".* (?:in|on|at|with|after|before|when|today|tonight|yet|alone|anymore|enough)$"),
    rule("preference", "diet", rf"{AM}on an? (?!new|special|strict)(?P<object>[\w-]+(?: [\w-]+)?) diet\b"),
    rule("fact", "health", rf"{HAVE}(?:got |been diagnosed with |had |also )?(?:an? )?{CONDITION}", r"(?:no|any|this|that|the)\b"),
    rule("fact", "health", rf"{HAVE}(?:got )?{DISABLED}"),
    rule("fact", "health", rf"(?:{AM}(?:now )?{SICK}(?! (?:to|by|with (?:envy|joy|rage|anger)))|(?:i|we)(?:'ve| have) been (?P<name>sober|clean|in (?:recovery|remission|a wheelchair)|deaf|blind|diabetic|on insulin) {SINCE})"),
    rule("fact", "health", rf"(?:(?:the|my) doctors?(?: just| has| have)*|i (?:was|got|'ve been|have been)(?: just| recently)?|{I_AM}|i've just been) diagnosed (?:me )?(?:with|as) {REST}"),
    rule("fact", "health", rf"i {ALSO}(?P<object>(?:take|am on|'m on|inject|use) (?:\d+ ?mg of |daily |a daily |my )?(?:\w*(?:cillin|statin|formin|pril|olol|azole|oxetine|thyroxine|zepam|profen|sartan|mab)|insulin|warfarin|methotrexate|lithium|sertraline|antidepressants|blood thinners|statins|beta blockers|antihistamines|an inhaler|the pill|hrt|ritalin|adderall|blood pressure (?:tablets|pills|medication))(?: for [^,.;!?]{{3,40}})?)"),
    rule("fact", "health", rf"i {ALSO}(?:(?:suffer from|struggle with|live with|was born with|get) (?:an? |my |severe |chronic |bad |awful |terrible )*{CONDITION}|(?:suffer from|get(?= (?:[\w-]+ )?(?:headaches|panic attacks|nosebleeds|cramps|seizures|hives|cold sores|(?:sea|car|travel|motion|air)[ -]?sick))) (?P<name>[^,.;!?]{{3,50}}?)(?= and | but | so | when |[,.;!?]|$))", r"(?:this|that|the (?:same|opposite)|it|an? (?:lack|excess|overload)|imposter|impostor|too)\b"),
    rule("fact", "health", r"(?:i (?:wear|use|need|have)) (?P<object>(?:reading )?glasses|contact lenses|contacts|hearing aids|a hearing aid|a wheelchair|crutches|a cane|a cpap|orthotics|an inhaler|an insulin pump|braces|a walking stick)(?= |[,.!]|$)(?! (?:from|here|for (?:the|this)))"),
    rule("fact", "health", r"my blood (?:type|group)(?: is|'s) (?P<object>(?:ab|a|b|o)(?: ?[+-]| (?:rh )?(?:positive|negative|pos|neg))?)"),
    rule("event", "health", rf"{DID}(?P<object>(?:had|underwent|have had) (?:(?:an?|my|the|open) )?(?:[\w-]+ ){{0,3}}?(?:surgery|operation|transplant|bypass|hysterectomy|mastectomy|stroke|heart attack|miscarriage|c-section|caesarean|(?:knee|hip) replacement|(?:teeth|tooth|tonsils|appendix|gallbladder|spleen) (?:out|removed))|(?:broke|hurt|tore|torn|snapped|twisted|sprained|fractured|dislocated|ruptured|broken) (?:an?|my) (?:[\w-]+ ){{0,2}}?(?:leg|arm|wrist|ankle|hip|collarbone|shoulder|acl|foot|elbow|rib|ribs|finger|toe|kneecap|jaw|nose|back|hand|thumb|knee|achilles|skull|pelvis))\b"),
    rule("fact", "{what}", r"(?=.)(?:my )?(?P<what>height|weight|shoe size|ring size|dress size|salary|income)(?:'s| is|:)? (?P<object>(?:£|\$|€)?\d[\w.,']*(?: ?(?:cm|kg|m|lbs?|st|stone|ft|k|pounds|euros|kilos|a (?:year|month)))?)"),
    rule("fact", "relationship", r"(?:i|we)(?:'ve| have)? (?:just |recently |finally )*got (?P<object>engaged|married|divorced)(?= |[,.!]|$)"),
    rule("fact", "family", r"(?:i|we)(?:'ve| have)? (?:just |recently |finally )*(?P<object>had (?:a|our|twins|my)(?: \w+)? ?(?:baby|son|daughter|child|twins|boy|girl)?|became (?:parents|a (?:dad|mum|mom|father|mother|grandparent|grandmother|grandfather|granny|grandad)))(?= |[,.!]|$)", r"had (?:a|my|our)(?: (?!baby|son|daughter|child|boy|girl)\w+)? ?$|had (?:a|my|our) (?!.*(?:baby|son|daughter|child|boy|girl|twins))"),
    rule("fact", "height", rf"{I_AM} (?:about |almost )?(?P<object>(?:\d|four|five|six) ?(?:foot|feet|ft|')[ ,]?(?:\d{{1,2}}|one|two|three|four|five|six|seven|eight|nine|ten|eleven)?(?:\"| inch\w*)?|1[.,]\d\d ?m|1\d\d ?cm)(?: tall)?(?=[,.!]|$| and| tall| btw)"),
    rule("fact", "habit", r"i (?P<object>(?:never learn(?:ed|t) (?:how )?to|can'?t|cannot|don'?t know how to) (?:swim|drive|cook|ride a bike|ski|dance|sing|whistle|read music|type|cycle|skate|play \w+)\b)"),
    rule("fact", "habit", r"(?:i|we) (?P<object>(?:don'?t|do not|never) (?:really |actually |even |personally )?(?:(?:drink|smoke|gamble|drive|vape|cook|swim|fly|dance)(?: alcohol| at all)?|(?:use|watch|wear|celebrate|read|play|do) (?!this|that|it|them|the |any|enough|so|too|anymore|much|my|your|well|anything|these|those|either)[a-z][\w-]+(?: [\w-]+)?))(?=[,.;!]|$| (?:and|but|so|or|because|since|either|lol|don'?t)\b)"),
    rule("fact", "owns", rf"(?:i|we) (?P<object>(?:(?:don'?t|do not) (?:actually |even |really )?(?:have|own)|haven'?t got|have no) (?:an? |any )?(?:{THINGS}|smartphone|telly|tv|television|microwave|oven|dishwasher|driving licen[cs]e|pets))(?=[,.;!]|$| (?:and|but|so|or|because|since|either|at home|lol)\b)"),
    rule("fact", "family", rf"(?:i|we) (?P<object>(?:(?:don'?t|do not) have|haven'?t got|have no) (?:any )?{KIDS})(?=[,.;!]|$| (?:and|but|so|or|because|yet|of my own)\b)"),
    rule("fact", "religion", rf"{AM}(?P<object>(?:an? )?(?:practising |practicing |lapsed |devout |ex-|non-practising )?(?:muslim|catholic|christian|protestant|jewish|buddhist|hindu|sikh|quaker|mormon|lutheran|anglican|orthodox|atheist|agnostic|pagan|jehovah's witness))(?=[,.;!]|$| (?:and|but|so|by)\b)"),
    rule("fact", "handedness", rf"{AM}(?P<object>(?:left|right)[- ]handed|ambidextrous)\b"),
    rule("fact", "habit", rf"{AM}(?P<object>(?:not )?(?:an? )?(?:total |real |definite |bit of an? )*(?:night owl|early bird|morning person|early riser|introvert|extrovert|homebody|light sleeper|heavy sleeper))(?=[,.!;]|$| and| so| but| at all)"),
]  # fmt: skip
FAVOURITE = "(?:all[- ]time |absolute |current )?fav(?:ou?rite|e|s)?"
# Lists behind a colon: "Things I love: …", "My allergies: …".
AS_LIST = r"(?:,? in order|,? so far)?: ?(?P<object>(?:(?!i |my |we )[^.;:!?()])(?:[^.;:!?()]|\([\w ]{1,20}\)){2,120})"
NOT_LISTED = r"(?:the (?:beginning|end|part|bit|way|first|second)|none|nothing|no\b|n/a|this|that|how|what|why|when|where|please|python\b|java\b|yes|to\b|in\b)"
LISTS: list[tuple[Kind, str, str]] = [
    ("preference", "likes", "(?:love|like|enjoy|adore|collect)"),
    ("preference", "dislikes", "(?:hate|dislike|avoid|can'?t stand|don'?t like)"),
    ("fact", "allergy", "allergic to"),
    ("event", "visited", "(?:been to|visited)"),
]
NOUN_LISTS: list[tuple[Kind, str, str]] = [
    ("fact", "family", "(?:kids|children|sons|daughters|siblings|brothers|sisters|grandchildren)"),
    ("fact", "pet", "(?:pets|dogs|cats|horses|rabbits)"),
    ("fact", "allergy", "(?:food )?(?:allergies|intolerances)"),
    ("preference", "likes", "(?:hobbies|interests|likes)"),
    ("preference", "dislikes", "(?:dislikes|hates)"),
    ("fact", "speaks", "languages"),
    ("fact", "goal", "(?:goals|resolutions)"),
]
LIKINGS = [
    rule("preference", "favourite {what}", rf"(?=.)(?:my )?{FAVOURITE} (?P<what>(?!parts?\b|bits?\b|lines?\b|options?\b|answers?\b|characters?\b)[\w ]{{2,40}}?)(?: of all time| ever)?(?: is| are|'s| has always been| would be) {REST}", NOT_LIKED + r"|(?:apparently|definitely not|when|how|probably|waiting|being|getting|having|watching my|\w+ing (?:in|to|for|up)\b)|(?:the|that) (?:one|part|bit)\b"),
    rule("preference", "dislikes", rf"(?:i|we)(?:'ve| have)? {ALSO}(?:hate|dislike|detest|loathe|despise|can'?t (?:stand|bear)|cannot (?:stand|bear)|don'?t (?:really |particularly |even )?(?:like|liek|enjoy|care for)|do not (?:really )?(?:like|enjoy)|never (?:really )?liked) {REST}", NOT_MEANT + r"|to\b"),
    rule("preference", "dislikes", rf"{AM}(?:not (?:a (?:big |huge )?fan of|into|keen on|fond of|much of an? (?=\w+ (?:person|fan)))|terrified of|(?:very |really |so )?(?:afraid|scared|frightened) of) {REST}", NOT_LIKED + r"|(?:losing|failing|that|dying|being|making|missing|breaking|asking|my)\b"),
    rule("preference", "likes", rf"(?:i|we) {ALSO}prefer (?P<object>[^,.;:!?()]{{2,40}}?) (?:to|over|rather than|instead of) ", NOT_MEANT),
    rule("preference", "likes", rf"(?:i|we) {ALSO}(?:like|love|luv|enjoy|adore|prefer|collect|am passionate about|have always loved|'ve always loved|can'?t get enough of|swear by|always loved|always liked|always enjoyed) {REST}", NOT_MEANT),
    rule("preference", "likes", rf"{AM}(?:really |totally |so |big |deeply |very |super |completely )*(?:into|fond of|keen on|interested in(?! (?:this|that|it|your|hearing|learning more|knowing|buying|the))|an? (?:big |huge |massive |lifelong |die-?hard |avid )*(?:fan of|supporter of|lover of|sucker for)|obsessed with|crazy about|mad about|passionate about|addicted to|hooked on|partial to) {REST}", NOT_LIKED + r"|(?:trouble|debt|you|work|our|my|the (?:idea|weekend|second|zone))\b"),
    rule("preference", "likes", rf"{AM}(?:definitely )?(?:more of )?an? (?P<object>(?:cat|dog|tea|coffee|beach|mountain|city|country|wine|beer|summer|winter|autumn|spring|cheese|chocolate|horse|book|outdoors|sweet tooth|plant|bread) person)\b"),
    rule("preference", "likes", rf"(?=\S)(?:(?:from now on|going forward),? (?:please )?(?P<object>{ASKED}[^,.;!?]{{4,60}})|(?:please )?(?P<name>{ASKED}[^,.;!?]{{4,60}}?),? (?:from now on|going forward|in future)\b)"),
    rule("preference", "likes", r"(?=\S)(?:please |pls |from now on,? |and )*(?:always|only) (?:use|give me|write|answer|reply|respond|include|show|call|address|quote|convert|explain|keep|send|format|speak)(?: to)?(?: me)?(?: with| in)? (?P<object>[^,.;:!?()]{3,60})", r"(?:true|false|return|the same|if|when|this|that|it\b)"),
    rule("preference", "dislikes", r"(?=\S)(?:please |pls |from now on,? |and )*(?:never|don't ever|do not ever|from now on,? don't) (?:use|using|give me|giving me|write|include|including|show|call me|calling me|suggest|suggesting|recommend|recommending|send|put|end|begin|start) (?P<object>[^,.;:!?()]{3,60}?)(?= (?:when|while|if|with me|to me|again)\b|[,.;:!?()]|$)", r"(?:true|false|the same|this|that|it\b|me\b|now)"),
    rule("preference", "likes", r"(?:my|our) (?:main |biggest |other |favou?rite )?(?:hobby|hobbies|passion|passions|interests?|pastimes?|guilty pleasure)(?: is| are|:| include| includes) (?P<object>[^.;:!?()]{3,80})", r"(?:apparently|clearly|resetting|this|that|you|in\b|to (?:help|know))"),
    *(rule(kind, predicate, rf"(?=[^:]{{3,90}}:)(?:[\w' -]{{2,40}} )?(?:that |which )?(?:i|we)(?:'m| am|'ve| have|'d)? (?:really |also |both |currently )*{verbs}{AS_LIST}", NOT_LISTED) for kind, predicate, verbs in LISTS),
    *(rule(kind, predicate, rf"(?=[^:]{{3,90}}:)(?:(?:my|our|main|current|known|other) )*{nouns}(?: \([\w ]+\))?{AS_LIST}", NOT_LISTED) for kind, predicate, nouns in NOUN_LISTS),
]  # fmt: skip
DOINGS = [
    rule("fact", "habit", r"(?:i|we) (?:also |still |both )*(?P<object>play (?!with|around|along|a (?:role|part|key)|the (?:role|part|long|game)|it|this|that|games with|devil|fair|safe)[^,.;!?]{2,60}?)(?= and (?:i|my|we)\b| but |[,.;!?]|$)"),
    rule("fact", "habit", rf"(?:i|we) (?:also |still |usually |often |regularly |both )*(?P<object>{HOBBY}\b(?! (?:into|away|out of|the (?:code|script|program|tests?|command|risk|app|server|same|numbers)|this|that|a (?:query|script|test|program|command)|it|my mouth|over|through|late|low))[^,.;!?]{{0,60}}?)(?= and (?:i|my|we)\b| but | because | so |[,.;!?]|$)"),
    rule("fact", "habit", r"i (?:also )?(?P<object>(?:usually|normally|always|often|typically|generally|mostly|mainly|rarely|never|hardly ever|seldom|tend to|only ever) (?:read|watch|listen to|drink|eat|cook|do|wear|buy|shop|paint|draw|walk|cycle|skip|sleep|wake up|get up|go to bed|take|drive|use|sing|play)\b(?! (?:it|this|that|them|the (?:same|wrong|code)|a (?:look|screenshot)|what|how|to|something|anything|into|up|well|for|you|more|my best)\b) [^,;.!?]{2,50}?)(?= and (?:i|we)\b| but | because | so |[,.;!?]|$)"),
    rule("fact", "habit", rf"(?:i|we) (?:also |still |both )*(?:{USUALLY} )*(?P<object>(?!live|work at|work for|see|hate|love|like|get (?:this|an|the|a)|have (?:this|a (?:question|problem))|am|was|think|feel|need|want|did|had|went|got|saw|could|would|will|\w+ed\b)\w+ (?:(?!\bthis\b|\bthat\b|\bit\b|error)[^,;!?]){{0,60}}?\b{OFTEN}\b)"),
    rule("fact", "habit", rf"(?=\S){OFTEN},? (?:i|we) (?:usually |always |also )?(?P<object>(?!am\b|was\b|feel|think|see|get (?:this|an|the)|have (?:this|a (?:question|problem)))\w+ [^.;!?]{{2,60}}?)(?=,| and (?:i|we)\b|[.;!?]|$)"),
    rule("profile", "job", rf"(?:i|we)(?:'ve| have) been (?:an? )?(?:{PROFESSION}|(?P<name>retired|self-employed|freelance|unemployed|out of work))(?: (?:at|for|with) (?P<employer>(?:the )?(?-i:[A-Z])[^,.;!?]{{1,40}}?))? {SINCE}"),
    rule("fact", "owns", r"(?:i|we) (?:now |currently |also |still )*(?:own|drive|ride) (?:an? |the |my |our )?(?P<object>[^,.;:!?()]{3,50}?)(?= (?:to|and|but|which|that|because|every|since|home|so|for)\b|[,.;:!?()]|$)", NOT_OWNED + r"|(?:to|home|people|me|you|hard bargain|every|past|there|here|down|up|out|for|too|slowly|him|her|past|up|like|the (?:point|narrative|process))\b|\w+(?:ing)\b"),
    rule("fact", "owns", rf"{DID}(?:bought|got|inherited|built|purchased|treated myself to|picked up) (?:an? |my(?:self an?)? (?:first |new )?|our(?:selves an?)? (?:first |new )?|the )?(?:new |second-hand |used |old |little )*(?P<object>(?:[\w'.-]+ ){{0,4}}?{THINGS})\b(?! (?:insurance|ticket|loan|lesson|park|keys?|accident|crash|problem|stuff|rental|book))"),
    rule("fact", "owns", rf"{HAVE}(?:got )?(?:an? |my own )(?:new |old |little |second-hand )*(?P<object>(?:[\w'.-]+ ){{0,3}}?{THINGS})\b(?! (?:insurance|ticket|loan|lesson|park|keys?|accident|crash|problem|stuff|rental|that won't|issue|question|trip|meeting|idea|app|book|appointment|to (?:catch|run)))"),
    rule("fact", "uses", r"(?:i|we) (?:mostly |mainly |only |always |usually |still |now |currently |also )*(?:use|run|code (?:mostly |mainly )?in|program (?:mostly |mainly )?in|write in|game on|develop in|work in|switched to|'ve switched to) (?:an? (?=Mac|PC|Windows|Linux|Kindle|iP|Chromebook|Pixel|Samsung|Garmin|ThinkPad))?(?P<object>(?-i:[A-Z])[\w.+#/-]*(?: (?!for\b|and\b|to\b|on\b|at\b|as\b|because\b|with\b|so\b|but\b)[\w.+#-]+){0,3})", r"(?:I|The|A|It|This|You|Your|ChatGPT|AI)\b"),
    rule("fact", "uses", rf"(?=.)(?:my (?:main |work |home )?(?:computer|laptop|phone|editor|os|browser|bank|camera|tv|console|keyboard)(?: is|'s|:)|{I_AM} on) (?:an? )?(?P<object>(?-i:(?:i[A-Z]|[A-Z])[\w.+-]*)(?: [\w.+-]+){{0,3}})(?=[,.!;]|$| and| so)", r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Page|Step|Chapter|The|A|Line|January|February|March|April|May|June|July|August|September|October|November|December)\b"),
    rule("event", "other", rf"{DID}(?P<object>(?:passed|failed|won|completed|finished|published|defended) (?:my|our) (?!homework|work|food|lunch|dinner|code|script|point|first draft)[^,.;!?]{{4,40}}?)(?= and | but | so | yesterday| today| last |[,.;!?]|$)"),
    rule("event", "visited", rf"(?=.){TIME}{DID}(?:visited|went to|travel?led to|been to|flew to|toured|hiked|climbed|cycled|walked|backpacked (?:around|through)|honeymooned in|spent (?:\w+ ){{1,5}}in) (?:the whole |all of |around |through |across |up |all over )*(?:of )?{NAME}", r"(?:I|University|Uni|School|College)\b"),
    rule("fact", "goal", rf"(?:my|our) (?:\w+ )?(?:goal|dream|aim|ambition|resolution|plan|new year's resolution)(?: for [\w ]{{2,20}}| this year)?(?: is|'s) (?:to )?{REST}", r"(?:this|that|it|not|dead|over|working|simple|clear|for you|understand|get (?:this|it)|make (?:this|it)|have (?:this|it)|a (?:mess|bit|function|simple))\b"),
    rule("fact", "goal", rf"{AM}(?:training for|saving(?: up)? for|saving(?: up)? to (?:buy )?|hoping to|aiming to|working towards|trying to|dreaming of|preparing for) (?P<object>(?:an?|the|my|our) (?!this)[^,.;!?]{{3,50}}|{WISHES}\b(?! (?:this|that|it|how (?:to|this)|more about|the (?:code|function|script|error|data|file|text|time)|a (?:function|script|program|query|loop|string|file|poem|story|letter))\b)[^,.;!?]{{0,50}}?)(?= and | but | so | because |[,.;!?]|$)", r"(?:the (?:code|function|answer|server|app|script|error|best|point|same)|my (?:code|app|script|program|best))\b"),
    rule("fact", "goal", rf"(?:i|we) (?:really |eventually |hope to |plan to |intend to |aim to |'d like to |also |still |always |finally )*(?:want|hope|plan|intend|aim|(?:'m|am) determined) to (?:one day |eventually |finally )?(?P<object>{WISHES}\b(?! (?:this|that|it|how (?:to|this)|more about|about|home|the (?:code|function|script|error|data|file|text|time)|a (?:function|script|program|query|loop|string|file|poem|story|letter|bit))\b)[^,.;!?]{{0,50}}?)(?= and | but | so | because |[,.;!?]|$)"),
    rule("fact", "goal", rf"{AM}(?:currently |actively |also )?(?P<object>(?:looking for (?:an? |something )(?:new |closer|different|better|bigger|smaller|cheaper)?(?: )?(?:to \w+|job|role|flat|house|place|position|apartment|room|work)?\b[^,.;!?]{{0,40}}|job[- ]hunting|house[- ]hunting|flat[- ]hunting|working on (?:an?|my) (?:\w+ )?(?:novel|book|phd|thesis|dissertation|album|memoir|startup|podcast|screenplay|documentary)\b[^,.;!?]{{0,30}}|writing (?:an?|my) (?:\w+ )?(?:novel|book|phd|thesis|dissertation|memoir|cookbook)\b[^,.;!?]{{0,30}}|renovating [^,.;!?]{{3,40}}|learning to drive))", r"looking for (?:an? )?(?:way|solution|word|function|good|recipe|library|book|gift|tool|script|restaurant|hotel|name|synonym|regex)"),
    rule("preference", "likes", r"(?=\S)(?:please |always |from now on,? )*(?:always )?(?:answer|reply|respond|talk|write|speak)(?: to)?(?: me)? (?:always )?in (?P<object>(?:(?:British|American|simple|plain|metric|German|French|Spanish|Dutch|Italian|Portuguese|English|bullet|short|imperial|lower) ?)+(?:english|units|points|sentences|answers|case)?)(?= from now on| always|, |[.!]?$)", r"(?:German|French|Spanish|Dutch|Italian|Portuguese|English)$"),
]  # fmt: skip
RULES = [*NAMES, *DATES, *HOMES, *WORK, *FAMILY, *PETS_HAD, *HEALTH, *LIKINGS, *DOINGS]
# Plans without a date, for what settles one's life.
PLANS = [
    rule("event", "plan", rf"(?:{AM}(?:going to|planning (?:to|on)|about to|hoping to|due to|moving to (?=[A-Z]))|planning to|(?:i|we) (?:also |still )?(?:plan|intend) to|(?:i|we)'?ll be|(?:i|we)(?:'ve| have) decided to) (?P<object>{SETTLE}[^,.;!?]{{0,60}}?)(?= and (?:i|we)\b| because | so |[,.;!?]|$)", r"learn (?:this|that|it|more|how|about)|travel(?:ing)? (?:back )?in time"),
    rule("event", "plan", rf"{AM}(?P<object>(?:moving|flying|relocating|emigrating|travell?ing|heading|going on (?:holiday|vacation)|going(?= to (?-i:[A-Z])\w+ (?:on|in|for|with|next|this|tomorrow)\b)) (?:back )?to (?-i:[A-Z])[^,.;!?]{{1,50}}?)(?= and (?:i|we)\b| because | so |[,.;!?]|$)"),
    rule("event", "plan", rf"{AM}(?:seriously )?(?:thinking (?:\w+ (?:\w+ )?)?(?:about|of)|considering|contemplating) (?P<object>{CONSIDERED}\b[^,.;!?]{{0,60}}?)(?= and (?:i|we)\b| because | so | but |[,.;!?]|$)"),
    rule("event", "plan", r"(?:i|we)(?:'ve| have)? (?:just )?(?P<object>(?:booked|signed up for|registered for|got tickets (?:for|to)|entered) (?!this|that|it\b)[^,.;!?]{4,60}?)(?= and (?:i|we)\b| because | so |[,.;!?]|$)"),
]  # fmt: skip

# Words of which one stands in all that is taken for granted, but for "with my asthma".
GRANTING = frozenset(
    [
        *PEOPLE,
        *(w.removesuffix("s") for w in re.findall("[a-z]+", BREED)),
        *PETS,
        *(f"{pet}s" for pet in PETS),
        *TRIP[3:-1].split("|"),
    ]
) | set(
    "dodgy bad someone diabetic pregnant toddler toddlers newborn twins kids children sons daughters boys girls teenager teenagers old olds coming originally as being walk walking walked feed feeding fed job role internship".split()
)
# What a sentence takes for granted, wherever it stands and whatever it asks.
TAKEN_FOR_GRANTED = [
    rule("fact", "{relation}", rf"\b(?:my|our) (?:[\w-]+ )?{PERSON},? {NAME}(?=[\s,.?!]|$)", NOT_NAMES),
    rule("fact", "pet", rf"\b(?:my|our) (?:[\w-]+ ){{0,2}}?{PET},? {NAME}", NOT_NAMES),
    rule("fact", "pet", rf"\b(?:our|my) (?:[\w-]+ )?(?:new|old|rescue|elderly|\w+-year-old|senior|blind|three-legged|indoor|ginger|tabby) (?P<object>{ANIMAL})\b"),
    rule("fact", "pet", rf"\b(?:our|my) (?P<object>{ANIMAL}|{BREED})\b(?! (?:food|house|sitter|bed|person|walker|shop|park|video|photo|in the race|called|named))"),
    rule("fact", "family", r"\b(?:our|my) (?P<object>(?:(?:two|three|four|five|\d|twin|teenage|young|little|grown-up) ){1,2}(?:kids|children|sons|daughters|boys|girls|teenagers|toddlers|grandchildren)(?! (?:is|are|were)\b)|toddlers?|newborn|twins|teenagers?|triplets|\d+[- ](?:year|month|week)[- ]olds?)\b"),
    rule("fact", "pet", rf"\b(?:walk|walking|walked|feed|feeding|fed|groom|grooming) (?:the|my|our) (?P<object>{ANIMAL})\b"),
    rule("fact", "health", rf"\b(?:(?:as|being|for) an?|(?:since|because|as) i'm(?: an?)?) {SICK}"),
    rule("fact", "health", rf"\b(?:with my|with an?|as someone (?:with|who has)) {DISABLED.replace('(?P<object>an? ', '(?P<name>', 1)}|\b(?:with my|as someone (?:with|who has)) (?:an? )?{CONDITION}"),
    rule("profile", "job", rf"(?:^|, )as an? {PROFESSION}\b(?! (?:would|might|can|could|like))(?: (?:at|for) (?P<employer>(?-i:[A-Z])[^,.;!?]{{2,40}}))?"),
    rule("profile", "origin", rf"\b(?:being|coming|originally) from {NAME}", NOT_NAMES),
    rule("profile", "employer", r"\bmy (?:new |current )?(?:job|role|internship|position) (?:at|with) (?P<object>(?:the )?(?-i:[A-Z])[\w&'-]*(?: [A-Z][\w&'-]*)*)"),
    rule("event", "plan", rf"\b(?:my|our) (?P<object>(?:\w+ ){{0,2}}?{TRIP} (?:to|in|around|with|at) (?-i:[A-Z])[\w'-]*(?: [A-Z][\w'-]*)*(?: (?:in|on|next|this) [^,.;!?]{{3,30}})?)"),
]  # fmt: skip
