"""How people speak of themselves in languages other than English: only what is said most simply.

One row a relation, all languages in it. Patterns stand at the start of a clause; those of Chinese
and Japanese may stand anywhere, for there a clause has no spaces to begin after.
"""
# ruff: noqa: E501  (a table of patterns reads best with one a line)

from __future__ import annotations

import re

from memcli.acquire.rule import rule

END = r"(?= (?:und|et|y|e|en|ed|aber|mais|pero|ma|mas|maar|weil|denn|parce|car|porque|perché|omdat|depuis|seit|desde|da|sinds|hace|há|in|à|em|en el|en un|en una)\b|[,.;:!?()]|$)"
VAL = rf"(?P<object>[^,.;:!?()\n]{{2,60}}?){END}"
PLACE = r"(?P<object>(?:(?:den|der|la|le|los|las|el|o|a|il) )?(?-i:[^\W\d_a-zà-ÿ])[\w'-]*(?:[ -](?-i:[^\W\d_a-zà-ÿ])[\w'-]*){0,2})"
JOINED = r"(?P<name>(?-i:[^\W\d_a-zà-ÿ])[\w'-]+)"
ADV = r"(?: (?:jetzt|nun|noch|immer noch|maintenant|actuellement|ahora|actualmente|agora|adesso|ora|nu|toujours|todavía|ainda|ancora|nog|gerade|momentan|zusammen mit \w+ \w+|samen met \w+ \w+|con mi \w+|(?:seit|depuis|desde hace|desde|da|hace|há|sinds|al)(?: [\w ]{2,18}? (?:jahre?n?|monate?n?|ans|mois|años|anos|meses|anni|mesi|jaar|maanden)| \d{4})?))*"
NOT_THIS = r"(?:cette?|ce|cela|ça|esta|este|est[aeo]s|es[ao]s?|isso|isto|come|che|quest[aeoi]|quando|como|cómo|comme|cuando|que|dit|dat|deze|die idee|dies\w*|das|es|wie|wenn|votre|ta|ton|tes|tua|tuo|tu|la (?:idea|idée|risposta|respuesta)|l'id[eé]e|dein\w*|sie|dich|dir|te|ti|je|lo|it|quand|hoe|als|nicht|kein\w*|non|no|zu|de ta|o jeito|a ideia|mucho|beaucoup|molto|nur|mit dem|alles|tout|todo|tutto)\b"
THE = r"(?:l'|d'|de la |de l'|du |des |de |aux? |à la |à l'|a los |a las |al |a la |a |ao |aos |à |às |ai |agli |alle |alla |all'|gli |i |il |la |le |lo |les |el |los |las |o |os |as |die |der |den |das |het |de |gern |gerne |viel |una? |ein\w* |een )?"
PETS = "(?:hund|hündin|katze|kater|kaninchen|pferd|chien|chienne|chat|chatte|lapin|perr[oa]|gat[oa]|cão|cadela|cachorr[oa]|cane|cagnolin[oa]|gatt[oa]|coniglio|cavallo|hond|kat|poes|konijn)"
MY = r"(?:meine?|unsere?|mon|ma|notre|mi|nuestr[oa]|(?:a |o )?(?:meu|minha|nossa?)|(?:il |la )?(?:mio|mia|nostro|nostra)|mijn|onze?|ons)"
CALLED = (
    r"(?: (?:heißt|heisst|s'appelle|se llama|se chama|chama-se|si chiama|heet|ist|est|es|é|è|is))?"
)
I_HAVE = r"(?:(?:ich|wir) haben? |j'ai |nous avons |on a |tengo |tenemos |tenho |temos |ho |abbiamo |ik heb |we hebben |wij hebben |habe )"
SOME = r"(?:ein\w*|une?|una?|um|uma|een|zwei|deux|dos|dois|duas|due|twee|drei|trois|tres|três|tre|drie|vier|quatre|cuatro|quatro|quattro)"
MEAT = r"(?:fleisch|fisch|schweinefleisch|viande|porc|poisson|carne|cerdo|pescado|porco|peixe|pesce|maiale|vlees|varkensvlees|vis|glúten|glutine|gluten|laktose|lactose|lactosa|lattosio|picante|alkohol|alcool|alcohol|álcool|milch|lait|leche|leite|latte|melk|kaffee|café|caffè|koffie|zucker|sucre|azúcar|açúcar|zucchero|suiker)"
ILL = r"(?:typ[- ]?\d[- ]diabetes|diab\wt\w*(?: (?:de |di )?tipo? ?\d| de type \d)?|asth?ma?\w*|asma|epileps\w+|epiless\w+|migr[aä]\w+|zöliakie|c[oe]li\w+|adhs|tdah|heuschnupfen|rhume des foins|hooikoorts|bluthochdruck|hypertension|hipertensi\w+|ipertensione|arthr\w+|artritis|rheuma)"
RELATIVES = {
    "wife": "frau femme mujer esposa mulher moglie vrouw", "husband": "mann mari marido esposo marito man",
    "brother": "bruder frère hermano irmão fratello broer", "sister": "schwester sœur soeur hermana irmã sorella zus",
    "son": "sohn fils hijo filho figlio zoon", "daughter": "tochter fille hija filha figlia dochter",
    "mother": "mutter mère madre mãe mama mamma moeder", "father": "vater père padre pai papa papà vader",
    "girlfriend": "freundin copine novia namorada fidanzata ragazza vriendin", "boyfriend": "freund copain novio namorado fidanzato ragazzo vriend",
    "boss": "chef chefin jefe jefa chefe capo baas", "grandmother": "oma großmutter grand-mère abuela avó nonna",
    "grandfather": "opa großvater grand-père abuelo avô nonno",
}  # fmt: skip

RULES = [
    rule("profile", "name", rf"(?:ich (?:heiße|heisse)|mein name ist|je m'appelle|mon nom est|me llamo|mi nombre es|(?:o )?meu nome é|(?:eu )?me chamo|chamo-me|mi chiamo|il mio nome è|ik heet|mijn naam is) {PLACE}"),
    rule("profile", "home", rf"(?:(?:ich )?(?:wohne|lebe)|wir (?:wohnen|leben)|j'habite|on habite|nous habitons|je vis|(?:yo )?vivo|vivimos|(?:eu )?moro|moramos|(?:io )?abito|abitiamo|(?:ik )?woon|we wonen|wij wonen){ADV} (?:in|bei|auf|à|au|aux|en|em|na|no|a|in der|in der nähe von|près de|cerca de|perto de|vicino a){ADV} {PLACE}"),
    rule("profile", "origin", rf"(?:ich (?:komme|bin)(?: ursprünglich)? aus|je viens de|je suis (?:originaire|né|née) (?:de|à)|soy de|vengo de|nací en|sou de|nasci em|sono di|vengo da|sono nat[oa] a|sono originari[oa] di|j'ai grandi à|crecí en|cresci em|sono cresciut[oa] a|ik kom uit|ik ben (?:opgegroeid|geboren) in|ich bin (?:in|aus)) {PLACE}"),
    rule("profile", "job", rf"(?:(?:ich )?arbeite{ADV}(?: \w+)? als|je travaille{ADV} (?:comme|en tant que)|trabajo{ADV} (?:como|de)|trabalho{ADV} como|lavoro{ADV} come|faccio (?:il|la|l')|(?:ik )?werk{ADV} als)(?: (?:eine?|une?|una?|um|uma|een))? ?{VAL}"),
    rule("profile", "employer", rf"(?:(?:ich )?arbeite{ADV} (?:bei|für|beim|im|in der|in einem|in einer|an der)|je travaille{ADV} (?:chez|pour|dans|à|au)|trabajo{ADV} (?:en|para)|trabalho{ADV} (?:na|no|em|para|num|numa)|lavoro{ADV} (?:per|da|presso|alla|in|al|nel)|(?:ik )?werk{ADV} (?:bij|voor|in|op)) {VAL}", NOT_THIS + r"|(?:ello|moment|homeoffice|remoto|casa)\b"),
    rule("profile", "job", r"(?:ich bin(?: von beruf)?|je suis|soy|sou|sono|ik ben) (?:(?:eine?|une?|una?|um|uma|een) )?(?P<object>(?:\w*(?:lehrer|ärzt|arzt|pfleger|schwester|ingenieur|entwickler|verkäufer|koch|köch|bäcker|anwält|anwalt|krankenpfleger|rentner|physiotherapeut|tischler|schreiner|studier)|professeure?|infirmi[eè]re?|ingénieure?|médecin|avocate?|développeu\w+|cuisini[eè]re?|boulang[eè]re?|retraitée?|profesora?|enfermer[oa]|ingenier[oa]|abogad[oa]|médic[oa]|cociner[oa]|jubilad[oa]|professora?|maestr[oa]|engenheir[oa]|advogad[oa]|cozinheir[oa]|insegnante|infermier[ea]|ingegnere|avvocat[oa]|cuoc[oa]|pensionat[oa]|leraar|lerares|verpleegkundige|verpleegster|advocaat|kok|studente?|studentin|étudiante?|estudiante|estudante|studentessa|prof|kiné|comptable|journaliste|dentiste|serveu\w+|facteur|coiffeu\w+|arquitect[oa]|periodista|dentista|electricista|taxista|informátic[oa]|programador[a]?|psicólog[oa]|camarer[oa]|carpinter[oa]|peluquer[oa]|traductora?|veterinari[oa]|farmacéutic[oa]|diseñadora?|bombero|contable|arquitet[oa]|jornalista|contabilista|programatore|architett[oa]|giornalista|commess[oa]|parrucchier[ea]|autista|bakker|huisarts|kapper|kapster|docent|boekhouder|timmerman|tandarts|journalist|journalistin|architekt|bäcker|friseur|erzieher|hebamme|tischler|elektriker|mechaniker|buchhalter|polizist|künstler|musiker|übersetzer)(?:in|ende)?(?: d[eai] \w+)?)\b"),
    rule("fact", "allergy", rf"(?:ich bin (?:\w+ )?allergisch (?:gegen|auf)|je suis (?:\w+ )?allergique|soy (?:\w+ )?alérgic[oa]|tengo alergia|sou (?:\w+ )?alérgic[oa]|tenho alergia|sono (?:\w+ )?allergic[oa]|ik ben (?:\w+ )?allergisch voor|je fais une allergie) {THE}{VAL}"),
    rule("fact", "allergy", r"(?:ich habe|ik heb) (?:eine? |een )?(?P<object>\w{3,})[- ]?allergie\b|ich bin gegen (?P<name>[\w ]{3,30}?) allergisch"),
    rule("preference", "diet", r"(?P<object>(?:ich bin|je suis|soy|sou|sono|ik ben) (?:\w+ )?(?:vegetarier(?:in)?|vegetarisch|veganer(?:in)?|vegan|végétarien(?:ne)?|végane?|vegan[oa]|vegetarian[oa]|vegetariër|veganist|celíac[oa]|celiac[oa]|intolérante? au \w+|intolerante (?:a la|al|à) \w+))\b"),
    rule("preference", "diet", rf"(?P<object>(?:ich (?:esse|trinke|vertrage)|je ne (?:mange|bois)|no (?:como|bebo|tomo)|não (?:como|bebo)|non (?:mangio|bevo)|ik (?:eet|drink)) (?:kein\w* |pas (?:de |d')|plus (?:de |d')|geen |più )?{MEAT})\b"),
    rule("fact", "health", rf"{I_HAVE}(?:du |de l'|de la |la |el |l'|o |a )?(?P<object>{ILL})\b|(?:ich bin|je suis|soy|sou|sono|ik ben|estoy|estou|sono) (?P<name>diabeti\w+|diabéti\w+|schwanger|enceinte|embarazada|grávida|incinta|zwanger|asthmatiker\w*|asthmatique|asm[áa]tic[oa])\b"),
    rule("preference", "dislikes", rf"(?:ich (?:hasse|mag (?:absolut )?kein\w*)|je (?:déteste|n'aime pas|hais)|no me gustan?(?: nada)?|odio|no soporto|não gosto(?: nada)? d[eoa]s?|odeio|detesto|non (?:mi piac(?:e|ciono)|sopporto)|ik (?:haat|hou niet van|lust geen)) {THE}{VAL}", NOT_THIS),
    rule("preference", "dislikes", r"ich mag (?P<object>[\w -]{3,30}?) (?:gar |überhaupt )?nicht\b", NOT_THIS),
    rule("preference", "likes", rf"(?:ich bevorzuge|je préfère|prefiero|prefiro|preferisco|ik (?:verkies|drink liever|eet liever)) {THE}(?P<object>[^,.;:!?]{{2,40}}?)(?= (?:à|a|au|aux|al|als|gegenüber|dan|boven|ao|à)\b|[,.;!?]|$)", NOT_THIS + r"|(?:deuxième|première|second\w*|segund\w*|primer\w*|prim\w*|zweite\w*|erste\w*|tweede|eerste|ältere|autre|otr[oa]|outr[oa]|altr[oa])\b"),
    rule("fact", "other", r"(?:ich bin|je suis|soy|sou|sono|ik ben) (?P<object>linkshänder(?:in)?|gauch[eè]re?|zurd[oa]|canhot[oa]|mancin[oa]|linkshandig)\b"),
    rule("fact", "spouse", rf"(?:ich bin (?:mit )?|je suis mariée? (?:à|avec) |estoy casad[oa] con |sou casad[oa] com |sono sposat[oa] con |ik ben getrouwd met ){JOINED}(?: verheiratet)?"),
    rule("fact", "family", r"(?:ich bin|je suis|estoy|soy|sou|sono|ik ben) (?P<object>verheiratet|geschieden|ledig|mariée?|divorcée?|célibataire|casad[oa]|divorciad[oa]|solter[oa]|solteir[oa]|divorziat[oa]|sposat[oa]|single|getrouwd|gescheiden)\b"),
    rule("preference", "likes", rf"(?:ich (?:mag|liebe)|ich (?:esse|trinke|höre|lese|schaue) (?:sehr )?gerne?|j'(?:aime|adore)(?: beaucoup| bien)?|me (?:gustan?|encantan?|fascinan?)(?: mucho)?|gosto (?:muito )?d[eoa]s?|adoro|mi piac(?:e|ciono)(?: molto)?|ik hou (?:erg |heel erg )?van|ik ben (?:dol op|gek op)) {THE}{VAL}", NOT_THIS),
    rule("preference", "likes", r"(?:meine? lieblings\w+ ist|mon \w+ (?:préféré|favori) est|ma \w+ (?:préférée|favorite) est|mi \w+ (?:favorit[oa]|preferid[oa]) es|(?:o meu|a minha|meu|minha) \w+ (?:favorit[oa]|preferid[oa]) é|(?:il mio|la mia) \w+ preferit[oa] è|mijn favoriete \w+ is|mijn lievelings\w+ is) (?P<object>[^,.;!?]{2,40})"),
    *(rule("fact", english, rf"{MY} (?:{'|'.join(words.split())}) (?:ist|est|es|é|è|is|hat|a|tiene|tem|ha|heeft) (?:eine? |une? |una? |um |uma |een )?(?P<object>(?!müde|krank|da|hier|fatigu|là|ici|cansad|aquí|stanc|qui|moe|hier|wütend|böse|furios)(?-i:[a-zà-ÿ]|[A-ZÄÖÜ]\w+(?:in|er|ist)\b)[^,.;:!?]{{3,40}}?)(?=[,.;!?]|$| und | et | y | e | en )") for english, words in RELATIVES.items()),
    *(rule("fact", english, rf"{MY} (?:\w+ )?(?:{'|'.join(words.split())}){CALLED},? {JOINED}") for english, words in RELATIVES.items()),
    rule("fact", "pet", rf"{MY} (?:\w+ )?{PETS}{CALLED} {PLACE}"),
    rule("fact", "pet", rf"{I_HAVE}{SOME} (?:\w+ )?{PETS}(?:s|n|en|i|e)?,? (?:namens|que se llaman?|qui s'appelle|nommée?|chamad[oa]|que se chama|che si chiama|di nome|llamad[oa]|genaamd|die|der|el cual se llama) {JOINED}"),
    rule("fact", "pet", rf"{I_HAVE}(?P<object>{SOME} (?:\w+ )?{PETS}(?:s|n|en|i|e)?)\b"),
    rule("fact", "pet", rf"{I_HAVE}(?P<object>{SOME} (?:katten|honden|gatti|cani|chiens|chats|hunde|katzen|perros|gatos|cães|cachorros))\b"),
    rule("fact", "family", rf"{I_HAVE}(?P<object>{SOME} (?:\w+ )?(?:kind(?:er|eren)?|enfants?|fils|filles?|hij[oa]s?|filh[oa]s?|figli[oae]?|söhne|töchter|brüder|geschwister|sohn|tochter|zoons?|zonen|dochters?|hermanos?|hermanas?|irmãos?|irmãs?|frères?|sœurs?|fratelli|sorelle|broers?|zussen))\b(?:(?:,|:) (?P<names>(?-i:[A-ZÀ-Þ])\w+(?:(?:, | und | et | y | e | en )(?-i:[A-ZÀ-Þ])\w+)+))?"),
    rule("profile", "birthday", r"(?:mein geburtstag ist(?: am)?|ich habe am|mon anniversaire(?:, c'est| est) le|mi cumpleaños es(?: el)?|(?:o )?meu aniversário é (?:em|no dia|a|dia)?|il mio compleanno è (?:il|l')|mijn verjaardag is(?: op)?|ik ben jarig op|je suis née? le|nací el|nasci a|sono nat[oa] il|ich bin am) ?(?P<object>\d\d?(?:\.|º|er)? ?(?:d[ei] |de )?(?!uhr|ans?\b)[^\W\d]\w+)"),
    rule("profile", "age", r"(?:ich bin|j'ai|tengo|tenho|ho|ik ben) (?P<object>\d\d) (?:jahre? alt|ans|años|anos|anni|jaar)\b"),
    rule("fact", "speaks", rf"(?:ich (?:spreche|lerne)|je parle|j'apprends|hablo|estoy aprendiendo|aprendo|falo|estou a aprender|estou aprendendo|parlo|sto imparando|studio|ik (?:spreek|leer)){ADV} (?:fließend |couramment |auch |l'|le |il |l')?{VAL}", NOT_THIS + r"|(?:von|de|da|avec|mit|met|over|con|com|sul|pas|nicht|viel|auswendig)\b"),
    rule("fact", "studies", rf"(?:ich studiere|j'étudie|je fais des études de|estudio|estudo|ik studeer){ADV} {VAL}", NOT_THIS),
    rule("fact", "habit", rf"(?P<object>(?:ich spiele|je joue (?:du|de la|de l'|au|aux|à)|juego (?:al|a la)|toco|jogo|suono|gioco a|ik speel) ?{THE}(?!mit|nur|avec|con|com|met)[\w' ]{{3,30}}?){END}", r".*\b(?:rolle|rôle|gedanken)\b"),
    rule("event", "plan", r"(?P<object>(?:[^\W\d]+ (?:den |le |el |op )?(?:\w+ )?)?(?:habe ich|ich habe|j'ai|tengo|tenho|ho|ik heb|heb ik) (?:\w+ ){0,3}?(?:\w*termin|rendez-vous|cita|entrevista|consulta|appuntamento|afspraak|examen|prüfung|esame|exame|colloquio|sollicitatiegesprek|\w+prüfung|vuelo|vol)\b[^.!?]{4,60})"),
    rule("event", "plan", r"(?P<object>(?:(?:im|am|nächst\w+|ende|anfang) (?:\w+ )?)(?:ziehe|fliege|fahre|reise) ich (?:nach|in) [^.!?]{3,40})"),
    rule("event", "plan", r"(?P<object>(?:ich (?:ziehe|fliege|fahre|reise)|wir (?:ziehen|fliegen|fahren|reisen|heiraten)|je (?:déménage|pars|vais)|on (?:déménage|part|va)|nous (?:déménageons|partons|allons)|(?:me mudo|viajo|nos mudamos|viajamos|voy|vamos)|(?:mudo-me|vou|viajo)|(?:mi trasferisco|vado|parto|andiamo)|(?:ik verhuis|we verhuizen|ik vlieg|ik ga|we gaan)) [^.!?]*(?:nach|à|au|en|a|para|naar|in|im|em|ad) (?-i:[A-ZÀ-Þ])[^.!?]*)"),
]  # fmt: skip
FIRST = re.compile(
    r"(?:im|am|nächst\w+|seit|el (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)|prefiero|prefiro|preferisco|crecí|cresci|ben|bin|ich|wir|mein\w*|unser\w*|wohne|lebe|arbeite|habe|je|j'|nous|on|ma|mon|notre|yo|me|mi|mis|nuestr[oa]|soy|vivo|vivimos|viajo|voy|vamos|vengo|nac[íi]|trabajo|estudio|estoy|juego|toco|aprendo"
    r"|tengo|tenemos|no|nos|odio|hablo|eu|o|a|meu|minha|noss[oa]|moro|moramos|mudo-me|vou|sou|estou|estudo|jogo|nasci|trabalho|tenho|temos|não|gosto|odeio|adoro|detesto|falo|chamo|io|il|la|sono|sto"
    r"|abito|abitiamo|lavoro|faccio|ho|studio|suono|gioco|vado|parto|andiamo|abbiamo|non|parlo|mio|mia|nostr[oa]|ik|we|wij|mijn|onze?|ons|woon|werk)\b",
    re.IGNORECASE,
)
CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ONE = r"(?P<object>[^\s，。、！？,.!?のはがをにで]{1,12}?)"
OR_ONE = ONE.replace("object", "name")
AFTER = r"(?=[，。！,.!]|$)"
BEFORE = r"(?:^|[、。は])"
UNSPACED = [
    rule("profile", "name", rf"我(?:叫|的名字(?:是|叫)){ONE}{AFTER}|(?:私の名前は|{BEFORE}){OR_ONE}(?:と(?:申します|いいます)|といって)"),
    rule("profile", "name", rf"(?:私|僕)の名前は{ONE}(?:です|。|$)"),
    rule("profile", "home", rf"我(?:现在|現在|目前)?(?:住在|住){ONE}{AFTER}|{BEFORE}{OR_ONE}に(?:住んで|すんで|暮らして)"),
    rule("profile", "origin", rf"我(?:来自|來自|是从){ONE}{AFTER}|{BEFORE}(?P<name>[^\s、。はの]{{1,8}})(?:の)?出身"),
    rule("profile", "origin", r"出身は(?P<object>[^\s、。]{1,8}?)です"),
    rule("profile", "employer", rf"(?:我|，)在(?P<object>[^\s，。]{{2,12}}?)(?:工作|上班)|{BEFORE}(?P<name>[^\s、。は]{{2,12}})(?:で働いて|に勤めて|で勤務して)"),
    rule("profile", "job", rf"(?:我(?:是|是一名|是个|是一个)|我在\w{{2,6}}(?:当|做))(?P<object>(?:\w{{0,4}}?(?:老师|老師|医生|醫生|护士|護士|工程师|工程師|程序员|学生|學生|律师|律師|会计|设计师|厨师|司机|记者|作家|教授|教师)))|{BEFORE}(?P<name>[^\s、。は]{{0,8}}?(?:師|員|者|士|家|ニア|ナー|マー|ライター|バイト|シェフ))(?:をしてい|として働いて|で、)"),
    rule("profile", "job", rf"{BEFORE}(?P<object>[^\s、。は]{{0,6}}(?:教師|看護師|医者|医師|学生|エンジニア|デザイナー|会社員|弁護士|美容師|主婦|公務員|プログラマー|料理人))です"),
    rule("fact", "allergy", r"我对(?P<object>[^\s，。]{1,8}?)过敏|我對(?P<name>[^\s，。]{1,8}?)過敏"),
    rule("fact", "allergy", rf"{BEFORE}(?P<object>[^\s、。はの]{{1,8}}?)(?:の)?アレルギー(?:が(?:あ|ひど)|なので|です|持ち)"),
    rule("preference", "diet", rf"我(?:是)?(?P<object>吃素|素食者|不吃\w{{1,4}}?|纯素食者|不喝酒){AFTER}|(?P<name>(?<=、)\w{{1,6}}[はを](?:食べません|食べない|飲みません|飲まない)|ベジタリアン|ヴィーガン|菜食主義者?)(?:です|なので|だ)"),
    rule("preference", "dislikes", rf"我(?:很|最)?(?:不喜欢|不喜歡|讨厌|討厭){ONE}{AFTER}|{BEFORE}{OR_ONE}(?:が|は)(?:嫌い|苦手)", "这|那|你|它|これ|それ|私"),
    rule("preference", "likes", rf"我(?:很|最|特别|非常|也)?(?:喜欢|喜歡|爱|愛){ONE}{AFTER}|{BEFORE}{OR_ONE}が(?:大)?好き(?:です|だ|。|$)", "这|那|你|它|他|她|這|これ|それ|あれ|あなた|私"),
    rule("fact", "pet", rf"我(?:家)?(?:养|養|有)了?(?P<object>[一二两兩三四五]?[只隻条條][^\s，。]{{0,4}}[猫狗貓鸟鱼])|{BEFORE}(?P<name>[犬猫]|うさぎ|ハムスター)を(?:[一二三四五\d]?[匹頭羽])?飼って"),
    rule("fact", "family", rf"我(?:的)?(?:女儿|女兒|儿子|兒子|妻子|丈夫|老公|老婆|哥哥|弟弟|姐姐|妹妹)叫{ONE}{AFTER}|(?:我|，|、)有(?P<name>[一两二三四]个(?:孩子|女儿|儿子|哥哥|弟弟|姐姐|妹妹))"),
    rule("fact", "family", rf"{BEFORE}(?P<object>(?:娘|息子|子供|兄|弟|姉|妹)が[一二三四]?人?)い"),
    rule("fact", "pet", rf"我(?:家)?(?:养|養|有)了?[^，。]{{1,4}}[猫狗]，?(?:名字)?叫{ONE}{AFTER}"),
    rule("fact", "mother", r"我(?:的)?(?:妈妈|媽媽|母亲)(?:住在|是|叫)(?P<object>[^\s，。]{2,8})"),
    rule("fact", "father", r"我(?:的)?(?:爸爸|父亲)(?:住在|是|叫)(?P<object>[^\s，。]{2,8})"),
    rule("fact", "spouse", r"我(?:的)?(?:丈夫|妻子|老公|老婆|太太|先生)(?:住在|是|叫)(?P<object>[^\s，。]{2,8})|(?:妻|夫|主人|旦那)の名前は(?P<name>[^\s、。]{1,6}?)です"),
    rule("fact", "studies", r"我在(?:\w{2,8})(?:学|读|學|讀)(?P<object>[^\s，。]{2,8})|大学で(?P<name>[^\s、。]{1,8}?)を(?:勉強|専攻)して"),
    rule("fact", "habit", r"(?P<object>我每[天周週早][^\s，。]{2,12})|(?P<name>毎[朝日晩週]\w{0,10}?(?:を|に)\w{0,6}(?:してい|します|行って|行きます|走って))"),
    rule("event", "plan", r"(?P<object>(?:来週|明日|来月|来年|今度|\d+月|\d+日|[月火水木金土日]曜日?)[^。]{0,12}(?:予約|約束|面接|試験|手術|出張|引っ越し)(?:が|に|を)\w*)|(?P<name>来[月年週]から[^。、]{2,14}(?:働きます|住みます|始まります|通います))"),
    rule("profile", "birthday", r"我的生日是(?P<object>\d+月\d+[日号號])|誕生日は(?P<name>\d+月\d+日)"),
    rule("profile", "age", r"(?:我今年|，今年|我)(?P<object>[\d一二三四五六七八九十]{2,3}[岁歲])|(?:^|[、。は])(?P<name>\d\d[歳才])です"),
    rule("event", "plan", r"(?P<object>我(?:明天|下周|下个月|下個月|明年|下星期)(?:要)?(?:去|搬到|飞)\w{2,8})|(?P<name>(?:明日|来週|来月|来年|\d+月)(?:に|は)?\w{2,8}(?:に|へ)(?:行き|引っ越し|旅行し|出張し)\w*)"),
]  # fmt: skip
