"""How people speak of themselves in languages other than English: only what is said most simply.

One row a relation, all languages in it. Patterns stand at the start of a clause; those of Chinese
and Japanese may stand anywhere, for there a clause has no spaces to begin after.
"""
# ruff: noqa: E501  (a table of patterns reads best with one a line)

from __future__ import annotations

import re

from memcli.acquire.rule import rule, sieve
from memcli.sieve import Folded

END = r"(?= (?:und|et|y|e|en|ed|aber|mais|pero|ma|mas|maar|weil|denn|parce|car|porque|perché|omdat|depuis|seit|desde|da|sinds|hace|há|in|à|em|en el|en un|en una)\b|[,.;:!?()]|$)"
VAL = rf"(?P<object>[^,.;:!?()\n]{{2,60}}?){END}"
PLACE = r"(?P<object>(?:(?:den|der|la|le|los|las|el|o|a|il) )?(?-i:[^\W\d_a-zà-ÿ])[\w'-]*(?:[ -](?-i:[^\W\d_a-zà-ÿ])[\w'-]*){0,2})"
ADV = r"(?: (?:de nuit|à mi-temps|halbtags|parttime|medio tiempo|jetzt|nun|noch|immer noch|maintenant|actuellement|ahora|actualmente|agora|adesso|ora|nu|toujours|todavía|ainda|ancora|nog|gerade|momentan|zusammen mit \w+ \w+|samen met \w+ \w+|con mi \w+|(?:seit|depuis|desde hace|desde|da|hace|há|sinds|al)(?: [\w ]{2,18}? (?:jahre?n?|monate?n?|ans|mois|años|anos|meses|anni|mesi|jaar|maanden)| \d{4})?))*"
NOT_THIS = r"(?:cette?|ce|cela|ça|esta|este|est[aeo]s|es[ao]s?|isso|isto|come|che|quest[aeoi]|quando|como|cómo|comme|cuando|que|dit|dat|deze|die idee|dies\w*|das|es|wie|wenn|votre|ta|ton|tes|tua|tuo|tu|la (?:idea|idée|risposta|respuesta)|l'id[eé]e|dein\w*|sie|dich|dir|te|ti|je|lo|it|quand|hoe|als|nicht|kein\w*|non|no|zu|de ta|o jeito|a ideia|mucho|beaucoup|molto|nur|mit dem|alles|tout|todo|tutto)\b"
THE = r"(?:l'|d'|de la |de l'|du |des |de |aux? |à la |à l'|a los |a las |al |a la |a |ao |aos |à |às |ai |agli |alle |alla |all'|gli |i |il |la |le |lo |les |el |los |las |o |os |as |die |der |den |das |het |de |gern |gerne |viel |una? |ein\w* |een )?"
PETS = "(?:hund|hündin|katze|kater|kaninchen|pferd|chien|chienne|chat|chatte|lapin|perr[oa]|gat[oa]|cão|cadela|cachorr[oa]|cane|cagnolin[oa]|gatt[oa]|coniglio|cavallo|hond|kat|poes|konijn)"
MY = r"(?:meine?|unsere?|mon|ma|notre|mi|nuestr[oa]|(?:a |o )?(?:meu|minha|nossa?)|(?:il |la )?(?:mio|mia|nostro|nostra)|mijn|onze?|ons)"
CALLED = (
    r"(?: (?:heißt|heisst|s'appelle|se llama|se chama|chama-se|si chiama|heet|ist|est|es|é|è|is))?"
)
I_HAVE = r"(?:(?:ich|wir) hab(?:en?)? |j'ai |nous avons |on a |tengo |tenemos |tenho |temos |ho |abbiamo |ik heb |we hebben |wij hebben |habe )"
SOME = r"(?:ein\w*|une?|una?|um|uma|een|zwei|deux|dos|dois|duas|due|twee|drei|trois|tres|três|tre|drie|vier|quatre|cuatro|quatro|quattro)"
MEAT = r"(?:fleisch|fisch|schweinefleisch|viande|porc|poisson|carne|cerdo|pescado|porco|peixe|pesce|maiale|vlees|varkensvlees|vis|glúten|glutine|gluten|laktose|lactose|lactosa|lattosio|picante|alkohol|alcool|alcohol|álcool|milch|lait|leche|leite|latte|melk|kaffee|café|caffè|koffie|zucker|sucre|azúcar|açúcar|zucchero|suiker)"
RELATIVES = {
    "sister": "schwester|sœur|soeur|hermana|irmã|sorella|zus", "brother": "bruder|frère|hermano|irmão|fratello|broer",
    "son": "sohn|fils|hijo|filho|figlio|zoon", "daughter": "tochter|fille|hija|filha|figlia|dochter",
    "wife": "frau|femme|mujer|esposa|mulher|moglie|vrouw", "husband": "mann|mari|marido|esposo|marito|man",
    "mother": "mutter|mère|madre|mãe|mamma|moeder", "father": "vater|père|padre|pai|papà|vader",
    "girlfriend": "freundin|copine|novia|namorada|fidanzata|vriendin", "boyfriend": "freund|copain|novio|namorado|fidanzato|vriend",
}  # fmt: skip

RULES = sieve([
    rule("profile", "name", rf"(?:ich hei(?:ß|ss)e|mein name ist|je m'appelle|mon nom est|me llamo|mi nombre es|(?:eu )?(?:me )?chamo(?:-me)?|(?:o )?meu nome é|mi chiamo|il mio nome è|ik heet|mijn naam is) {PLACE}"),
    rule("profile", "age", r"ich bin (?P<object>\d\d)(?: jahre(?: alt)?)?(?=[,.!]|$| und\b)|(?:j'ai|tengo|tenho|ho|ik ben) (?P<name>\d\d) (?:ans|años|anos|anni|jaar)(?=[ ,.!]|$)"),
    *(rule("fact", relation, rf"{MY} (?:\w+ )?(?P<relation>{words}){CALLED},? {PLACE.replace('object', 'name')}(?: (?:(?:wohnt|lebt|habite|vit|vive|mora|abita|woont) (?:in|à|en|em|a) (?P<home>(?-i:[^\W\d_a-z])\w+)|(?:arbeitet|travaille|trabaja|trabalha|lavora|werkt) (?:bei|chez|en|na|no|da|bij|per) (?P<employer>(?-i:[^\W\d_a-z])\w+)|(?:est|es|é|è) al+[eé]rgi\w+ (?:à la |aux? |à |al? |ao |alle |ai )?(?P<allergy>[\w ]{{3,30}})|(?:ist|hat|a|tiene|tem|ha|is) (?P<age>\w+) (?:jahre|ans|años|anos|anni|jaar)))?") for relation, words in RELATIVES.items()),
    rule("fact", "family", rf"{I_HAVE}(?P<object>{SOME} (?:\w+ )?(?:kinder|töchter|söhne|tochter|sohn|geschwister|brüder|schwestern|enfants?|filles?|fils|frères?|sœurs?|hij[oa]s?|herman[oa]s?|filh[oa]s?|irmãos?|irmãs?|figli[oae]?|fratelli|sorelle|kinderen|zoons?|dochters?|broers?|zussen))\b"),
    rule("fact", "habit", rf"(?:ich spiele|je joue|toco|juego|jogo|suono|gioco|ik speel) (?:gerne? |du |de la |de l'|au |al )?{THE}{VAL}", NOT_THIS),
    rule("preference", "dislikes", rf"(?:ich hasse|je (?:déteste|n'aime pas)|(?:yo )?odio|no me gustan?|(?:eu )?(?:detesto|odeio)|não gosto de|non mi piac\w+|non sopporto|ik (?:haat|hou niet van)) {THE}{VAL}", NOT_THIS),
    rule("preference", "likes", rf"(?:ich (?:liebe|mag)(?: (?:sehr|gerne?))?|j'(?:aime|adore)(?: (?:beaucoup|bien))?|(?:a mí )?me (?:gustan?|encantan?)(?: mucho)?|(?:eu )?(?:adoro|gosto (?:muito )?de)|mi (?:piace|piacciono)(?: molto)?|ik hou(?:d)? (?:erg )?van) {THE}{VAL}", NOT_THIS),
    rule("profile", "home", rf"(?:mudei-me|me mudei|me mudé|nos mudamos|mi sono trasferit[oa]|ik ben verhuisd|je (?:me suis installé|viens d'emménager)e?) (?:para|a|à|en|naar|in) {PLACE}"),
    rule("profile", "home", rf"(?:(?:ich )?(?:wohne|lebe)|wir (?:wohnen|leben)|j'habite|on habite|nous habitons|je vis|(?:yo )?vivo|vivimos|(?:eu )?moro|moramos|(?:io )?abito|abitiamo|(?:ik )?woon|we wonen|wij wonen){ADV} (?:in|bei|auf|à|au|aux|en|em|na|no|a|in der|in der nähe von|près de|cerca de|perto de|vicino a){ADV} {PLACE}"),
    rule("profile", "origin", rf"(?:(?:ich )?(?:komme|bin)(?: ursprünglich)? aus|je viens de|je suis (?:originaire|né|née) (?:de|à)|soy de|vengo de|nací en|sou de|nasci em|sono di|vengo da|sono nat[oa] a|sono originari[oa] di|j'ai grandi à|crecí en|cresci em|sono cresciut[oa] a|ik kom uit|ik ben (?:opgegroeid|geboren) in|ich bin (?:in|aus)) {PLACE}"),
    rule("profile", "job", rf"(?:(?:ich )?arbeite{ADV}(?: \w+)? als|je travaille{ADV} (?:comme|en tant que)|trabajo{ADV} (?:como|de)|trabalho{ADV} como|lavoro{ADV} come|faccio (?:il|la|l')|(?:ik )?werk{ADV} als)(?: (?:eine?|une?|una?|um|uma|een))? ?{VAL}(?: (?:en|bei|chez|em|bij|presso|in)(?: einem| einer)? (?P<employer>(?!casa|remoto|teil)[^,.;:!?]{{3,50}}))?"),
    rule("profile", "employer", rf"(?:(?:ich )?arbeite{ADV} (?:bei|für|beim|im|in der|in einem|in einer|an der)|je travaille{ADV} (?:chez|pour|dans|à|au)|trabajo{ADV} (?:en|para)|trabalho{ADV} (?:na|no|em|para|num|numa)|lavoro{ADV} (?:per|da|presso|alla|in|al|nel)|(?:ik )?werk{ADV} (?:bij|voor|in|op)) {VAL}", NOT_THIS + r"|(?:ello|moment|homeoffice|remoto|casa)\b"),
    rule("profile", "job", r"(?:ich bin(?: von beruf)?|je suis|soy|sou|sono|ik ben) (?:(?:eine?|une?|una?|um|uma|een) )?(?P<object>(?:\w*(?:lehrer|ärzt|arzt|pfleger|schwester|ingenieur|entwickler|verkäufer|koch|köch|bäcker|anwält|anwalt|krankenpfleger|rentner|physiotherapeut|tischler|schreiner|studier)|professeure?|infirmi[eè]re?|ingénieure?|médecin|avocate?|développeu\w+|cuisini[eè]re?|boulang[eè]re?|retraitée?|profesora?|enfermer[oa]|ingenier[oa]|abogad[oa]|médic[oa]|cociner[oa]|jubilad[oa]|professora?|maestr[oa]|engenheir[oa]|advogad[oa]|cozinheir[oa]|insegnante|infermier[ea]|ingegnere|avvocat[oa]|cuoc[oa]|pensionat[oa]|leraar|lerares|verpleegkundige|verpleegster|advocaat|kok|studente?|studentin|étudiante?|estudiante|estudante|studentessa|prof|kiné|comptable|journaliste|dentiste|serveu\w+|facteur|coiffeu\w+|arquitect[oa]|periodista|dentista|electricista|taxista|informátic[oa]|programador[a]?|psicólog[oa]|camarer[oa]|carpinter[oa]|peluquer[oa]|traductora?|veterinari[oa]|farmacéutic[oa]|diseñadora?|bombero|contable|arquitet[oa]|jornalista|contabilista|programatore|architett[oa]|giornalista|commess[oa]|parrucchier[ea]|autista|bakker|huisarts|kapper|kapster|docent|boekhouder|timmerman|tandarts|journalist|journalistin|architekt|bäcker|friseur|erzieher|hebamme|tischler|elektriker|mechaniker|buchhalter|polizist|künstler|musiker|übersetzer)(?:in|ende)?(?: d[eai] \w+)?)\b"),
    rule("fact", "allergy", rf"(?:ich bin (?:\w+ )?allergisch (?:gegen|auf)|je suis (?:\w+ )?allergique|soy (?:\w+ )?alérgic[oa]|tengo alergia|sou (?:\w+ )?alérgic[oa]|tenho alergia|sono (?:\w+ )?allergic[oa]|ik ben (?:\w+ )?allergisch voor|je fais une allergie) {THE}{VAL}"),
    rule("fact", "allergy", r"(?:ich habe|ik heb) (?:eine? |een )?(?P<object>\w{3,})[- ]?allergie\b|ich bin gegen (?P<name>[\w ]{3,30}?) allergisch"),
    rule("preference", "diet", r"(?P<object>(?:ich bin|je suis|soy|sou|sono|ik ben) (?:\w+ )?(?:vegetarier(?:in)?|vegetarisch|veganer(?:in)?|vegan|végétarien(?:ne)?|végane?|vegan[oa]|vegetarian[oa]|vegetariër|veganist|celíac[oa]|celiac[oa]|intolérante? au \w+|intolerante (?:a la|al|à) \w+))\b"),
    rule("preference", "diet", rf"(?P<object>(?:eu |yo |io )?(?:ich (?:esse|trinke|vertrage)|je ne (?:mange|bois)|no (?:como|bebo|tomo)|não (?:como|bebo)|non (?:mangio|bevo)|ik (?:eet|drink)) (?:kein\w* |pas (?:de |d')|plus (?:de |d')|geen |più )?{MEAT})\b"),
    rule("fact", "pet", rf"{MY} (?:\w+ )?{PETS}{CALLED} {PLACE}"),
    rule("fact", "pet", rf"{I_HAVE}(?:{SOME} (?:\w+ )?{PETS} (?:(?:qu[ei] )?(?:se llama|s'appelle|se chama|si chiama)|che si chiama|namens|die heet|llamad[oa]|chamad[oa]|di nome|nommée?) (?P<name>(?-i:[^\W\d_a-z])\w+)|(?P<object>{SOME} (?:\w+ )?{PETS}\b|{SOME} (?:katten|honden|gatti|cani|chiens|chats|hunde|katzen|perros|gatos|cães|cachorros))\b)"),
    rule("profile", "birthday", r"(?:mein geburtstag ist(?: am)?|ich habe am|mon anniversaire(?:, c'est| est) le|mi cumpleaños es(?: el)?|(?:o )?meu aniversário é (?:em|no dia|a|dia)?|il mio compleanno è (?:il|l')|mijn verjaardag is(?: op)?|ik ben jarig op|je suis née? le|nací el|nasci a|sono nat[oa] il|ich bin am) ?(?P<object>\d\d?(?:\.|º|er)? ?(?:d[ei] |de )?(?!uhr|ans?\b)[^\W\d]\w+)"),
])  # fmt: skip
FIRST = Folded(
    r"(?:im|am|nächst\w+|seit|el (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)|mudei-me|chamo-me|prefiero|prefiro|preferisco|crecí|cresci|ben|bin|komme|spreche|ich|wir|mein|meine|unser|unsere|wohne|lebe|arbeite|habe|je|j'|nous|on|ma|mon|notre|yo|me|mi|mis|nuestr[oa]|soy|vivo|vivimos|viajo|voy|vamos|vengo|nac[íi]|trabajo|estudio|estoy|juego|toco|aprendo"
    r"|tengo|tenemos|no|nos|odio|hablo|eu|o|a|meu|minha|noss[oa]|moro|moramos|mudo-me|vou|sou|estou|estudo|jogo|nasci|trabalho|tenho|temos|não|gosto|odeio|adoro|detesto|falo|chamo|io|il|la|sono|sto"
    r"|abito|abitiamo|lavoro|faccio|ho|studio|suono|gioco|vado|parto|andiamo|abbiamo|non|parlo|mio|mia|nostr[oa]|ik|we|wij|mijn|onze?|ons|woon|werk)\b"
)
CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ONE = r"(?P<object>[^\s，。、！？,.!?のはがをにで]{1,12}?)"
OR_ONE = ONE.replace("object", "name")
AFTER = r"(?=[，。！,.!]|$)"
BEFORE = r"(?:^|[、。は])"
UNSPACED = sieve([
    rule("profile", "name", rf"我(?:叫|的名字(?:是|叫)){ONE}{AFTER}|(?:私の名前は|{BEFORE}){OR_ONE}(?:と(?:申します|いいます)|といって)"),
    rule("profile", "home", rf"我(?:现在|現在|目前)?(?:住在|住){ONE}{AFTER}|{BEFORE}{OR_ONE}に(?:住んで|すんで|暮らして)"),
    rule("fact", "allergy", r"我对(?P<object>[^\s，。]{1,8}?)过敏|我對(?P<name>[^\s，。]{1,8}?)過敏"),
    rule("fact", "pet", rf"我(?:家)?(?:养|養|有)了?(?P<object>[一二两兩三四五]?[只隻条條][^\s，。]{{0,4}}[猫狗貓鸟鱼])|{BEFORE}(?P<name>[犬猫]|うさぎ|ハムスター)を(?:[一二三四五\d]?[匹頭羽])?飼って"),
], searched=True)  # fmt: skip
