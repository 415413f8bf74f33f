"""The words that WhatsApp writes into a chat in the language of the phone."""

from __future__ import annotations

import re

MARKS = "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"  # of the direction of text, as in a class
MORNING = frozenset("am fm vm de öö pd сб дп πμ ص قظ sa pg 上午 凌晨 早上 清晨 午前 오전".split())
AFTERNOON = frozenset(
    "pm em nm du ös md чт пп μμ م بظ ch ptg 下午 晚上 中午 傍晚 午後 오후".split()
)  # without dots and spaces: "p. m." is "pm"

_MEDIA = (
    "image|video|audio|gif|sticker|document|contact card|photo|voice message|video note|media|"
    "bild|videonachricht|dokument|kontaktkarte|imagen|vídeo|documento|tarjeta de contacto|foto|"
    "vidéo|fiche contact|imagem|áudio|figurinha|cartão do contato|immagine|adesivo|contatto|"
    "afbeelding|contactkaart|изображение|видео|аудио|стикер|документ|görüntü|belge|çıkartma"
)
_OMITTED = (
    "omitted|weggelassen|ausgelassen|ausgeschlossen|omitid[oa]s?|omis(?:e|es)?|absente?|retirée?|"
    "ocultad[oa]s?|ocult[oa]|omess[oai]|weggelaten|pominięto|utelämnad|utelatt|udeladt|"
    "пропущено?|dahil edilmedi"
)
_ATTACHED = (
    "attached|angehängt|adjunto|adjunta|joint|jointe|anexado|anexo|allegato|bijgevoegd|załączono|"
    "załączony|bifogad|vedlagt|vedhæftet|liitetty|прикреплён|прикреплен|файл добавлен|ekli|ekte|"
    "添付|附件|첨부"
)
_EDITED = "edited|bearbeitet|edit[óa]\\w*|modifi\\w+|bewerkt|изменен\\w*|düzenlendi|redigera\\w*"

PLACEHOLDER = re.compile(
    rf"""(?: <(?=[^<>]*[^!-~])[^<>="\n]{{4,60}}>        # <Media omitted>, in any language
    | <[^<>:\n]{{3,25}}:\ ?[^<>\n]{{1,200}}>            # <attached: 00000012-PHOTO.jpg>
    | (?:{_MEDIA})\ (?:{_OMITTED})
    | [^\n]{{1,200}}\.\w{{2,5}}\ [(<][^()<>\n]{{0,40}}\b(?:{_ATTACHED})\b[^()<>\n]{{0,40}}[)>]
    | [^\n]{{1,200}}\.\w{{2,5}}\ •\ \u200e[^\n]*        # a document, its pages and its absence
    | null )""",
    re.VERBOSE | re.IGNORECASE,
)
EDITED = re.compile(
    rf"(?:\s?\u200e<[^<>\n]{{1,200}}>|\s?<[^<>\n]{{0,40}}\b(?:{_EDITED})\b[^<>\n]{{0,20}}>)\s*$",
    re.IGNORECASE,
)
INSTEAD = re.compile(
    r"""(?: This\ message\ was\ deleted(?:\ by\ admin\ .{1,100})? | You\ deleted\ this\ message
    (?:\ as\ admin)? | Message\ deleted | Waiting\ for\ this\ message.{0,80}
    | Missed\ (?:group\ )?(?:voice|video)\ call.{0,60} | Live\ location\ shared
    | Messages\ (?:and\ calls\ are|to\ this\ (?:chat|group)).{0,40}\ end-to-end\ encrypt.{0,200}
    | Diese\ Nachricht\ wurde\ .{0,40}gelöscht | Du\ hast\ diese\ Nachricht\ gelöscht
    | Se\ eliminó\ este\ mensaje | Eliminaste\ este\ mensaje | Este\ mensaje\ fue\ eliminado
    | Ce\ message\ a\ été\ supprimé | Vous\ avez\ supprimé\ ce\ message
    | (?:Esta\ )?mensagem\ (?:foi\ )?apagada | Você\ apagou\ (?:esta|essa)\ mensagem
    | Questo\ messaggio\ è\ stato\ eliminato | Hai\ eliminato\ questo\ messaggio
    | Dit\ bericht\ (?:is|werd)\ verwijderd | (?:U\ hebt|Je\ hebt)\ dit\ bericht\ verwijderd
    | (?:Данное|Это)\ сообщение\ удалено | Вы\ удалили\ (?:данное|это)\ сообщение
    | Bu\ mesaj\ silindi | Bu\ mesajı\ sildiniz | Bu\ mesajı\ sildin
    | Ta\ wiadomość\ została\ usunięta | Usunięto\ tę\ wiadomość | (?:Esta\ )?mensagem\ eliminada
    | (?:Eliminou|Apagou)\ esta\ mensagem | S'ha\ suprimit\ aquest\ missatge
    | Pesan\ ini\ (?:telah\ )?dihapus | Anda\ (?:telah\ )?menghapus\ pesan\ ini
    | Det\ här\ meddelandet\ (?:har\ )?raderat?s? | Du\ raderade\ det\ här\ meddelandet
    | Denne\ (?:meldingen|besked|meddelelse)\ ble?v?\ slettet | Du\ slettet\ denne\ meldingen
    | Tämä\ viesti\ poistettiin | Poistit\ tämän\ viestin
    | Tato\ zpráva\ byla\ (?:odstraněna|smazána)
    | Acest\ mesaj\ a\ fost\ șters | Ai\ șters\ acest\ mesaj | Ezt\ az\ üzenetet\ törölték
    | このメッセージは削除されました | このメッセージを削除しました
    | 삭제된\ 메시지입니다 | 이\ 메시지를\ 삭제했습니다
    | 此消息已(?:被)?删除 | [您你]删除了(?:这条|此)消息
    | [這此](?:則)?訊息已(?:被)?刪除 | [您你]已刪除[這此](?:則)?訊息
    | הודעה\ זו\ נמחקה | מחקת\ הודעה\ זו | تم\ حذف\ هذه\ الرسالة
    | (?:أنت\ )?حذفت\ هذه\ الرسالة )[.。]?""",
    re.VERBOSE | re.IGNORECASE,
)
_ENDS = " \t\r\n\xa0\u202f\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def spoken(text: str, *, marked: bool) -> str:
    """Return what a person wrote of a message, without what WhatsApp put in or in its place.

    With ``marked``, as on an iPhone, each line that is WhatsApp's own begins with a mark.
    """
    lines = (_spoken_line(line, marked=marked) for line in text.split("\n"))
    text = bare("\n".join(line for line in lines if line is not None))
    return "" if INSTEAD.fullmatch(text) else text


def bare(text: str) -> str:
    """Return a text without spaces and marks of direction at its ends."""
    return text.strip(_ENDS)


def afternoon(word: str) -> bool | None:
    """Say whether a word beside a time means the afternoon or the morning; None of any other."""
    word = re.sub(rf"[{MARKS}.\s/,]", "", word).casefold()
    return word in AFTERNOON if word in AFTERNOON | MORNING else None


def _spoken_line(line: str, *, marked: bool) -> str | None:
    if (marked and line.startswith("\u200e")) or PLACEHOLDER.fullmatch(bare(line)):
        return None
    return EDITED.sub("", line)
