"""The word list finds risk in many spellings, leaves everyday text alone, and survives any text."""

from __future__ import annotations

import time as stopwatch
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmonitor.lexicon import BadLexicon, Lexicon, TextKind, default_lexicon, lexicon_hash, screen
from riskmonitor.lexicon.findings import FOLDER
from riskmonitor.lexicon.phrases import Entry
from riskmonitor.lexicon.word_list import read

RISKY = [
    (TextKind.PASSIVE, "Ibland önskar jag att jag var död."),
    (TextKind.PASSIVE, "Jag vill inte leva längre"),
    (TextKind.PASSIVE, "Jag vill bara somna och aldrig mer vakna"),
    (TextKind.PASSIVE, "Det vore skönt att få somna in"),
    (TextKind.PASSIVE, "Jag orkar verkligen inte leva så här"),
    (TextKind.PASSIVE, "Hoppas att jag inte vaknar i morgon"),
    (TextKind.PASSIVE, "Jag är trött på livet"),
    (TextKind.PASSIVE, "Har mycket tankar på döden"),
    (TextKind.PASSIVE, "Jag kunde lika gärna vara död"),
    (TextKind.PASSIVE, "Önskar att jag aldrig hade blivit född, önskar att jag aldrig fötts"),
    (TextKind.PASSIVE, "Livet är inte värt något"),
    (TextKind.PASSIVE, "I just want to die"),
    (TextKind.ACTIVE, "Jag har självmordstankar varje kväll"),
    (TextKind.ACTIVE, "Tänker på att ta livet av mig"),
    (TextKind.ACTIVE, "jag tänker ta mitt liv"),
    (TextKind.ACTIVE, "jag vill avsluta mitt liv"),
    (TextKind.ACTIVE, "Vill göra slut på allt, göra slut på mitt liv"),
    (TextKind.ACTIVE, "suicidala tankar har kommit tillbaka"),
    (TextKind.ACTIVE, "funderar på att döda mig själv"),
    (TextKind.ACTIVE, "Min bror tog livet av sig i våras"),
    (TextKind.ACTIVE, "i want to kill myself"),
    (TextKind.PLAN, "Jag har bestämt hur jag ska dö"),
    (TextKind.PLAN, "Googlade på sätt att dö i natt"),
    (TextKind.PLAN, "Undrar hur många tabletter som behövs"),
    (TextKind.INTENT, "Jag ska dö i kväll"),
    (TextKind.INTENT, "När du läser det här är jag redan borta, när du läser detta är jag borta"),
    (TextKind.INTENT, "Det här är min sista natt i livet"),
    (TextKind.ATTEMPT, "Jag gjorde ett självmordsförsök i fjol"),
    (TextKind.ATTEMPT, "Jag försökte ta livet av mig i helgen"),
    (TextKind.ATTEMPT, "Tog en överdos i går"),
    (TextKind.ATTEMPT, "jag tog för många sömntabletter"),
    (TextKind.SELF_HARM, "Jag skär mig igen"),
    (TextKind.SELF_HARM, "har börjat med självskadebeteende"),
    (TextKind.SELF_HARM, "Jag vill skada mig själv"),
    (TextKind.SELF_HARM, "rispade armarna i går kväll, rispar mig ofta"),
    (TextKind.BURDEN, "Barnen får det bättre utan mig"),
    (TextKind.BURDEN, "Jag är bara en börda för familjen"),
    (TextKind.BURDEN, "Jag ligger alla till last"),
    (TextKind.BURDEN, "Ingen skulle sakna mig"),
    (TextKind.BURDEN, "Allt vore enklare om jag inte fanns"),
    (TextKind.HOPELESS, "Jag har ingenting att leva för"),
    (TextKind.HOPELESS, "Ser ingen framtid"),
    (TextKind.HOPELESS, "Det finns inget hopp"),
    (TextKind.HOPELESS, "Livet känns meningslöst"),
    (TextKind.HOPELESS, "Det finns ingen mening med livet"),
    (TextKind.GOODBYE, "Jag har skrivit ett avskedsbrev"),
    (TextKind.GOODBYE, "Farväl"),
    (TextKind.GOODBYE, "Ta hand om katten när jag inte finns"),
    (TextKind.GOODBYE, "Jag har tänkt mycket på min begravning"),
    (TextKind.MEANS, "Jag tänkte hoppa framför tåget"),
    (TextKind.MEANS, "Jag står på bron och funderar på att hoppa från bron"),
    (TextKind.MEANS, "Jag har sparat tabletter"),
    (TextKind.MEANS, "Ska hänga mig i garaget"),
    (TextKind.MEANS, "vill bara köra av vägen"),
    (TextKind.MEANS, "ta alla mina tabletter på en gång"),
    (TextKind.INDIRECT, "Jag vill bara försvinna"),
    (TextKind.INDIRECT, "Vill att allt ska ta slut"),
    (TextKind.INDIRECT, "Jag orkar inte mer."),
    (TextKind.INDIRECT, "Snart slipper ni mig"),
    (TextKind.INDIRECT, "Jag står inte ut längre"),
    (TextKind.PASSIVE, "Ingen lust att leva"),
    (TextKind.BURDEN, "Det är ingen som skulle bry sig om jag dog"),
    (TextKind.HOPELESS, "Vad är meningen med att leva"),
]

EVERYDAY = """
Jag var dödstrött efter jobbet och somnade på soffan.
Mormor dog i fredags och begravningen är om två veckor.
Jag höll på att dö av skratt när katten ramlade.
Tack för allt stöd den här veckan!
Jag vill inte missa mötet på torsdag.
Vi hoppade från bryggan och badade.
Jag skar mig i fingret när jag lagade mat.
Jag har svårt att komma upp på morgonen och orkar inte mer än en kort promenad.
Det var skönt att vara ute i skogen.
Jag tar mina tabletter varje morgon som läkaren sa.
Livet känns lite lättare i dag.
Jag vill lära mig att leva med oron.
Jag hängde med mina vänner på stan.
Min plan för veckan är att gå ut tre gånger.
Jag försökte ringa men ingen svarade.
Hunden dog för tre år sedan men jag saknar den fortfarande.
Jag är rädd att jag ska bli sjuk.
Jag gjorde slut på mjölken så jag måste handla.
Jag tog en värktablett mot huvudvärken.
Filmen slutade sorgligt, men den var bra.
Jag vill bli bättre på att säga nej.
Hjärtat slår snabbt och jag får panik på bussen.
Jag lade mig tidigt och sov bra.
Chefen ställde mig mot väggen om rapporten.
Vi körde till Skövde och åt glass.
Det är ingen fara, jag klarar mig.
Jag vill att det ska bli sommar.
Jag skrev ner tankarna i tankedagboken.
Barnen ska ta hand om katten i helgen.
Jag ger mig själv beröm när jag gjort övningen.
Det här avsnittet var svårt men nyttigt.
Jag orkade diska och vika tvätten.
Jag kunde inte vakna i morse fast klockan ringde.
Vi ses nästa vecka, hej då!
Do you want to do the exercise together?
Jag fick panik och trodde att jag skulle dö.
Jag är rädd att jag ska dö av en hjärtattack.
Tanken var: jag kommer att dö om hjärtat slår så här.
Jag är borta i morgon men svarar på torsdag.
Mamma tar hand om barnen när jag är borta på kurs.
Arbetet är en belastning just nu.
Jag brände mig på spisen men det var inte så farligt.
Jag blir nog aldrig bra på att prata inför folk.
Om jag var borta en vecka hann jag vila.
Vi hängde på kaféet hela kvällen.
""".strip().splitlines()


def kinds(text: str) -> set[TextKind]:
    return {found.kind for found in screen(text)}


@pytest.mark.hazard("H6b")
@pytest.mark.parametrize(("kind", "text"), RISKY)
def test_risky_words_are_found(kind: TextKind, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_text_is_left_alone(text: str) -> None:
    assert screen(text) == []


def without_dots(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


VARIANTS = {
    "capitals": str.upper,
    "small letters": str.lower,
    "letters and marks apart": lambda text: unicodedata.normalize("NFD", text),
    "letters and marks apart, in capitals": lambda text: unicodedata.normalize("NFD", text.upper()),
    "no dots and rings": without_dots,
    "wide spaces": lambda text: text.replace(" ", "   "),
    "line breaks": lambda text: text.replace(" ", "\n"),
    "hard spaces": lambda text: text.replace(" ", "\u00a0"),
    "zero width in words": lambda text: text.replace("ä", "\u200bä").replace("i", "i\u200d"),
    "zero width between words": lambda text: text.replace(" ", "\u200b"),
    "soft hyphens": lambda text: text.replace("l", "l\u00ad"),
    "NUL in words": lambda text: text.replace("v", "v\x00"),
    "NUL between words": lambda text: text.replace(" ", "\x00"),
    "underscores": lambda text: text.replace(" ", "_"),
    "commas": lambda text: text.replace(" ", ", "),
    "in quotation marks": lambda text: f"Hon sa: \u201d{text}\u201d och gick.",
    "emoji around": lambda text: f"\U0001f622\U0001f622{text}\U0001f622",
    "in the middle of a long text": lambda text: f"{EVERYDAY[0]} {text.rstrip('.')}. {EVERYDAY[1]}",
    "Danish letters": lambda text: text.replace("ö", "ø").replace("ä", "æ"),
    "drawn out": lambda text: text.replace("a", "aaaa").replace("e", "eee"),
    "wide letters": lambda text: "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in text),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_spelling_does_not_hide_risk(variant: str) -> None:
    missed = [text for kind, text in RISKY if kind not in kinds(VARIANTS[variant](text))]
    assert missed == []


@pytest.mark.parametrize("variant", ["capitals", "letters and marks apart", "no dots and rings", "wide spaces"])
def test_spelling_does_not_make_everyday_text_risky(variant: str) -> None:
    assert [text for text in EVERYDAY if screen(VARIANTS[variant](text))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Jag vill inte dö",
        "Jag vill absolut inte ta livet av mig",
        "Jag har inga självmordstankar",
        "Jag skär mig aldrig",
    ],
)
def test_a_negation_never_silences(text: str) -> None:
    assert screen(text)


@pytest.mark.parametrize("text", ["Jag är redo att lämna", "ja e redo å lämna", "Jag är redo o lämna"])
def test_small_words_are_read_as_they_are_written_in_a_chat(text: str) -> None:
    assert screen(text)


@pytest.mark.parametrize("text", ["Tanken att allt kan sluta gör mig lugn", "Det är för sent att rädda mig"])
def test_two_words_of_the_list_are_not_taken_for_one(text: str) -> None:
    """Else "kan sluta" begins as a misspelled word does, and "sluta" is lost."""
    assert screen(text)


def test_an_idiom_silences_itself_only() -> None:
    assert screen("Jag trodde jag skulle dö av skratt och vill dö av skratt") == []
    assert kinds("Jag ville dö av skratt men nu vill jag dö") == {TextKind.PASSIVE}
    assert screen("Jag vill dö. Av skratt ser man inget."), "the idiom does not reach over a full stop"


@pytest.mark.parametrize(
    "text",
    [
        "hänga mig på vinden",
        "hänga mig med ett rep",
        "skär mig på armarna",
        "slänga mig in framför tåget",
        "skär mig i armen",
    ],
)
def test_no_idiom_hides_what_may_be_danger(text: str) -> None:
    assert screen(f"Jag tänker {text}")


def test_a_phrase_marked_for_the_end_of_a_sentence_needs_it() -> None:
    assert screen("Jag orkar inte mer!")
    assert screen("Jag orkar inte mer\nHej")
    assert screen("Jag orkar inte mer")
    assert screen("Jag orkar inte mer \U0001f622 förlåt")
    assert not screen("Jag orkar inte mer jobb")


def test_two_letters_alone_need_their_dots() -> None:
    assert screen("dö")
    assert not screen("do")


def test_fillers_may_stand_between_but_not_without_end() -> None:
    own = Lexicon(LIST_WITH_GAPS)
    assert own.screen("kliva av")
    assert own.screen("kliva för och för och för av")
    assert not own.screen("kliva för och för och för och av")
    assert not own.screen("kliva upp av")


def test_positions_are_code_points_of_the_text_as_received() -> None:
    text = "\U0001f600 Na\u0308r jag\u200b  vill  inte  do\u0308. Hej"
    (found,) = screen(text)
    assert text[found.start : found.end] == "vill  inte  do\u0308"
    assert found.phrase == "vill inte do\u0308"
    assert found.why == "wants to be dead (negated)"


def test_of_the_same_kind_in_the_same_words_only_the_longest_is_told() -> None:
    found = screen("Jag vill ta livet av mig.")
    assert [(each.kind, each.phrase) for each in found] == [(TextKind.ACTIVE, "ta livet av mig")]


def test_the_phrase_can_be_stored() -> None:
    (found,) = screen("vi\x00ll \ud83d d\u200bö")
    assert found.phrase == "vill \ufffd dö"
    found.phrase.encode()


# -- any text ----------------------------------------------------------------------------------------------------------

HEAVY = {
    "everyday": ("Jag gick ut i parken med hunden i dag, det var skönt. ", 20_000),
    "risky": ("Jag vill inte leva längre och ska ta livet av mig. ", 5_000),
    "fillers": ("vill inte inte inte ", 15_000),
    "half phrases": ("vill vill ta ta inte leva livet av ", 10_000),
    "one word": ("a", 1_000_000),
    "decomposed": ("a\u030a", 500_000),
    "emoji": ("\U0001f600", 100_000),
    "joined emoji": ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 20_000),
    "NUL": ("\x00", 1_000_000),
    "NUL and words": ("vill\x00leva ", 30_000),
    "lone surrogates": ("\ud800 vill \udfff", 50_000),
    "blanks": (" \n", 500_000),
}


@pytest.mark.parametrize("name", HEAVY)
def test_large_texts_of_any_kind_are_read(name: str) -> None:
    piece, count = HEAVY[name]
    text = piece * count
    began = stopwatch.process_time()
    screen(text)
    took = stopwatch.process_time() - began
    print(f"{name}: {len(text)} code points in {took:.2f} s")
    assert took < 10  # a hang bound: the budget is 1 s, these machines are noisy


def test_risk_at_the_end_of_a_megabyte_is_found() -> None:
    text = HEAVY["everyday"][0] * 18_000 + "jag vill dö"
    (found,) = screen(text)
    assert text[found.start : found.end] == "vill dö"


letters = st.characters() | st.sampled_from("\x00\u200b\u0308\ud800 .\n")
words = st.sampled_from([word for _kind, text in RISKY[:20] for word in text.split()])


@settings(max_examples=200, deadline=None)
@given(st.lists(words | st.text(letters, max_size=6), max_size=30), st.sampled_from([" ", "", "\x00", "\u200b", "\n"]))
def test_no_text_breaks_it_and_every_finding_points_into_the_text(parts: list[str], between: str) -> None:
    text = between.join(parts)
    for found in screen(text):
        assert 0 <= found.start < found.end <= len(text)
        assert found.phrase
        assert found.phrase.encode()
        assert "\x00" not in found.phrase


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(RISKY), st.text(letters, max_size=30), st.text(letters, max_size=30))
def test_what_stands_around_does_not_hide_risk(risky: tuple[TextKind, str], before: str, after: str) -> None:
    kind, text = risky
    assert kind in kinds(f"{before} . {text} . {after}")


# -- ways of writing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (TextKind.ACTIVE, "har själv mords tankar"),
        (TextKind.ACTIVE, "själv-mord"),
        (TextKind.ACTIVE, "jag tarlivetavmig"),
        (TextKind.ACTIVE, "tänker ta livetavmig"),
        (TextKind.PASSIVE, "villinteleva lr asså"),
        (TextKind.PASSIVE, "jag vill d ö d a mig o bara vill dö"),
        (TextKind.ACTIVE, "s j ä l v m o r d"),
        (TextKind.ACTIVE, "sj4lvm0rd"),
        (TextKind.ACTIVE, "själ*mord"),
        (TextKind.ACTIVE, "sjävlmord"),
        (TextKind.ACTIVE, "självvmord"),
        (TextKind.ACTIVE, "sjalvmordstakar"),
        (TextKind.ACTIVE, "självmördstankar"),
        (TextKind.MEANS, "orkar inte leva \U0001f52a"),
        (TextKind.PASSIVE, "I don\u2019t want to live anymore"),
        (TextKind.PASSIVE, "leva vill jag inte"),
        (TextKind.PASSIVE, "det är så att jag inte längre vill leva"),
        (TextKind.PASSIVE, "v\u0456ll dö"),
        (TextKind.INDIRECT, "jag vill försivnna"),
    ],
)
def test_ways_of_writing_are_known(kind: TextKind, text: str) -> None:
    assert kind in kinds(text)


def test_what_is_known_everyday_is_not_taken_for_a_slip() -> None:
    assert screen("Jag har lite litet livs att handla") == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Jag vill inte dö", "(negated)"),
        ("Jag ville dö då", "(past)"),
        ("Jag försökte aldrig ta livet av mig förut", "(negated, past)"),
    ],
)
def test_negation_and_tense_are_told(text: str, mark: str) -> None:
    assert any(found.why.endswith(mark) for found in screen(text))


def test_a_gap_does_not_reach_over_a_full_stop_unless_the_phrase_says_so() -> None:
    own = Lexicon(LIST_WITH_GAPS)
    assert own.screen("vattnet som alltid drar")
    assert not own.screen("vattnet. det drar")
    assert own.screen("nyckeln. den är till skåpet")
    assert own.screen("skåpet har en nyckel") == []
    assert own.screen("tabletter och vin")
    assert own.screen("vin och tabletter")
    assert own.screen("fickorna, en sten i vattnet"), "parts of a phrase keep their own order"
    assert not own.screen("vattnet, en sten i fickorna")


def test_an_exception_silences_its_own_phrase_only_and_only_nearby() -> None:
    own = Lexicon(LIST_WITH_GAPS)
    assert own.screen("försvinna ut i skogen") == []
    assert own.screen("försvinna för gott och sedan aldrig se skogen")


LIST_WITH_GAPS = Path(__file__).with_name("list_with_gaps")
IDIOMS = [entry for entry in read(FOLDER).entries if entry.kind is None]


@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda entry: entry.written[:40])
def test_no_idiom_elsewhere_silences_a_phrase(idiom: Entry) -> None:
    words = " ".join(min(slot).strip("*~") for slot in idiom.slots)
    silenced = [text for kind, text in RISKY if kind not in kinds(f"{words}. {text}. {words}")]
    assert silenced == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(RISKY) - 1), st.text(alphabet="abcåäö \u0308.\U0001f600", max_size=20))
def test_places_follow_what_is_put_in_front(which: int, before: str) -> None:
    _kind, text = RISKY[which]
    moved = f"{before}. {text}"
    shift = len(moved) - len(text)
    here = {(found.kind, found.start + shift, found.end + shift) for found in screen(text)}
    there = {(found.kind, found.start, found.end) for found in screen(moved)}
    assert here <= there or len(there) >= len(here)
    assert all(moved[start:end].strip() for _kind, start, end in there)


@pytest.mark.parametrize("piece", ["vill inte leva dö livet ", "inte ", "jag mig ", "{} ".format("å" * 59), "dödödödö"])
def test_twice_the_text_takes_about_twice_the_time(piece: str) -> None:
    def took(text: str) -> float:
        began = stopwatch.process_time()
        screen(text)
        return stopwatch.process_time() - began

    half = piece * (250_000 // len(piece))
    took(half)  # the words are known after this
    assert took(half + half) < 6 * took(half) + 0.5


# -- the file ----------------------------------------------------------------------------------------------------------

GOOD = """version: "1"
fillers: inte
idiom_fillers: att
endings: men
negations: inte
past: ville
key_words: livströtthet
everyday: litet
words:
  vilja: vill ville
phrases:
  passive:
    does not want to live: |
      {vilja} leva|finnas
      livstrött*
idioms:
  what is liked: |
    vill leva gott
"""


def write(folder: Path, text: str) -> Path:
    (folder / "list.yaml").write_text(text, "utf-8")
    return folder


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    own = Lexicon(write(tmp_path, GOOD))
    assert [found.phrase for found in own.screen("ville inte finnas, LIVSTRÖTTHET")] == [
        "ville inte finnas",
        "LIVSTRÖTTHET",
    ]
    assert own.screen("vill leva gott") == []
    assert own.version == "1"


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("  passive:", "  sad:", 12, "unknown kind"),
        ("{vilja}", "{lust}", 14, "unknown word group"),
        ("livstrött*", "livs-trött", 15, "not a word"),
        ("livstrött*", "inte", 15, "filler"),
        ("livstrött*", "li*", 15, "three letters"),
        ("livstrött*", " . ", 15, "empty"),
        ("livstrött*", "vill ..", 15, "end with a gap"),
        ("livstrött*", "a +", 15, "two to 4 parts"),
        ("livstrött*", "a & b & c & d & e", 15, "two to 4 parts"),
        ("fillers: inte", "fillers: [inte]", 2, "text is expected"),
        ("fillers: inte", "filler: inte", 2, "unknown section 'filler'"),
        ("everyday: litet\n", "", 1, "'everyday' is missing"),
        ("idioms:", "version:", 16, "twice"),
        ("vill ville", "[vill, ville", 11, "not YAML"),
    ],
)
def test_a_bad_file_stops_with_line_and_reason(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    assert old in GOOD
    with pytest.raises(BadLexicon, match=f", line {line}: .*{reason}"):
        Lexicon(write(tmp_path, GOOD.replace(old, new, 1)))


def test_an_empty_and_a_missing_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadLexicon, match="no file"):
        Lexicon(tmp_path)
    with pytest.raises(BadLexicon, match="empty"):
        Lexicon(write(tmp_path, ""))
    (tmp_path / "list.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadLexicon, match="cannot be read"):
        Lexicon(tmp_path)


def test_the_shipped_list_has_every_kind_and_a_hash() -> None:
    assert {kind for kind, _text in RISKY} == set(TextKind)
    assert default_lexicon() is default_lexicon()
    assert len(lexicon_hash()) == 64


@pytest.mark.parametrize(
    "text",
    [
        "Ibland tänker jag att jag inte vill leva längre.",
        "Det är som att jag inte vill finnas.",
        "jag inte vill vara med längre",
        "Jag önskar att jag inte fanns.",
    ],
)
def test_the_word_order_of_a_subordinate_clause_is_known(text: str) -> None:
    assert screen(text)


@pytest.mark.parametrize(
    "text", ["Jag vill inte vara med på mötet.", "Hon ville inte leva på landet som barn, sa mamma?"]
)
def test_wishes_about_other_things_are_read_as_they_stand(text: str) -> None:
    assert bool(screen(text)) == ("leva" in text)
