"""Secrets are masked before anything is stored, and nothing else is."""

import json
import random
import re
from base64 import urlsafe_b64encode
from string import ascii_letters, ascii_uppercase, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.acquire.redact import SECRETS, Masked, mask

ALNUM = ascii_letters + digits
HEX = "0123456789abcdef"
_lots = random.Random(7)


def drawn(size, letters=ALNUM):
    """Return a made-up token. None stands in this file, so that no scanner takes it for a leak."""
    return "".join(_lots.choices(letters, k=size))


def base64(value):
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def block(name, lines=5):
    """Return a private key as files hold it."""
    body = "\n".join(drawn(64) for _ in range(lines))
    return f"-----BEGIN {name}-----\n{body}\n-----END {name}-----"


JWT = f"{base64({'alg': 'HS256', 'typ': 'JWT'})}.{base64({'sub': 'ana', 'iat': 1516239022})}.{drawn(43)}"
UUID = "-".join(drawn(size, HEX) for size in (8, 4, 4, 4, 12))
PGP = block("PGP PRIVATE KEY BLOCK").replace("\n", "\nVersion: GnuPG v2 - x\n\n", 1)
SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
VISA, AMEX, DINERS = "4111 1111 1111 1111", "3782 822463 10005", "3056 930902 5904"

# what surrounds a secret, the secret, and its kind
SECRET = [
    ("Here is the key:\n{}\nkeep it", block("RSA PRIVATE KEY"), "private key"),
    ("{}", block("OPENSSH PRIVATE KEY"), "private key"),
    ("{} and more", block("ENCRYPTED PRIVATE KEY"), "private key"),
    ("mine: {}", PGP, "private key"),
    ('{{"private_key": "{}"}}', block("PRIVATE KEY").replace("\n", "\\n"), "private key"),
    ("cut off: {}", block("EC PRIVATE KEY").rpartition("\n")[0], "private key"),
    ("aws id {} in eu-west-1", "AKIA" + drawn(16, ascii_uppercase + "234567"), "AWS key"),
    ("{}", "ASIA" + drawn(16, ascii_uppercase), "AWS key"),
    ("aws_secret_access_key = {}\nregion = eu", drawn(38) + "/+", "AWS key"),
    ('"SecretAccessKey": "{}",', drawn(40), "AWS key"),
    ("My AWS secret key is {}.", drawn(40), "AWS key"),
    ("git clone with {} please", "ghp_" + drawn(36), "GitHub token"),
    ("{}", "gho_" + drawn(36), "GitHub token"),
    ("export GH_TOKEN={}", "ghs_" + drawn(36), "GitHub token"),
    ("password: {}", "github_pat_" + drawn(22) + "_" + drawn(59), "GitHub token"),
    ("GitLab: {}!", "glpat-" + drawn(20), "GitLab token"),
    ("{}", "glrt-" + drawn(24), "GitLab token"),
    (
        "bot {} posts",
        "-".join(["xoxb", drawn(12, digits), drawn(12, digits), drawn(24)]),
        "Slack token",
    ),
    (
        "{}",
        "-".join(["xapp", "1", "A" + drawn(9), drawn(13, digits), drawn(40, HEX)]),
        "Slack token",
    ),
    ("https://hooks.slack.com/services/{}", f"T{drawn(9)}/B{drawn(9)}/{drawn(24)}", "Slack token"),
    ("pay with {}", "sk_live_" + drawn(24), "Stripe key"),
    ("{}", "rk_test_" + drawn(24), "Stripe key"),
    ("OPENAI_API_KEY={}", "sk-proj-" + drawn(74) + "T3Blbk" + "FJ" + drawn(74), "OpenAI key"),
    ("openai {}", "sk-" + drawn(48), "OpenAI key"),
    ("key {},", "sk-ant-api03-" + drawn(93) + "AA", "Anthropic key"),
    ("maps?key={}&q=x", "AIza" + drawn(35), "Google key"),
    ("{}", "GOCSPX-" + drawn(28), "Google key"),
    ("login with {}", "hf_" + drawn(34, ascii_letters), "Hugging Face token"),
    ("//registry.npmjs.org/:_authToken={}", "npm_" + drawn(36), "npm token"),
    ("twine uses {}", "pypi-AgEIcHlwaS5vcmc" + drawn(80), "PyPI token"),
    (
        "https://api.telegram.org/bot{}/getMe",
        drawn(10, digits) + ":AA" + drawn(33),
        "Telegram token",
    ),
    ("BotFather gave me {}", drawn(9, digits) + ":AA" + drawn(33), "Telegram token"),
    ("client.run('{}')", f"M{drawn(25)}.{drawn(6)}.{drawn(38)}", "Discord token"),
    ("https://discord.com/api/webhooks/{}", drawn(18, digits) + "/" + drawn(68), "Discord token"),
    ("{}", f"SG.{drawn(22)}.{drawn(43)}", "SendGrid key"),
    ("twilio {}", "SK" + drawn(32, HEX), "Twilio key"),
    ("groq: {}", "gsk_" + drawn(52), "API key"),
    ("密钥是{}。", "ghp_" + drawn(36), "GitHub token"),
    ('"log\\n{}\\n"', "ghp_" + drawn(36), "GitHub token"),
    ("cookie: session={}; path=/", JWT, "JWT"),
    ("Authorization: Bearer {}", JWT, "JWT"),
    ("postgres://ana:{}@db.example.org:5432/app", "s3cr3t-Pa55", "password"),
    ("see https://bob:{}@example.com/a?b=c now", "hunter", "password"),
    ("redis://:{}@localhost:6379", "p%40ss", "password"),
    ("My card is {}.", VISA, "card number"),
    ("card: {} exp 12/27 cvv later", VISA.replace(" ", ""), "card number"),
    ("card={}", VISA.replace(" ", "-"), "card number"),
    ("{} 12/27", "5500 0000 0000 0004", "card number"),
    ("{}, thanks", AMEX, "card number"),
    ("{}", AMEX.replace(" ", ""), "card number"),
    ("diners {}", DINERS, "card number"),
    ("discover {}", "6011111111111117", "card number"),
    ("jcb {}", "3530111333300000", "card number"),
    ("mastercard {}", "2223003122003222", "card number"),
    ("old visa {}", "4222222222222", "card number"),
    ("unionpay {}", "6212345678901232", "card number"),
    ("My IBAN is {}, write it down", "DE89 3704 0044 0532 0130 00", "IBAN"),
    ("pay to {} BARCLAYS LONDON", "GB29 NWBK 6016 1331 9268 19", "IBAN"),
    ("{}", "FR1420041010050500013M02606", "IBAN"),
    ("iban: {}", "nl91 abna 0417 1643 00", "IBAN"),
    ("{}\nBIC BPOTBEB1", "BE68 5390 0754 7034", "IBAN"),
    ("{} Malta", "MT84MALT011000012345MTLCAST001S", "IBAN"),
    ("my SSN is {}", "123-45-6789", "social security number"),
    ("SSN: {}.", "123456789", "social security number"),
    ("Social Security number {} on file", "123 45 6789", "social security number"),
    ("{} is on the form", "219-09-9998", "social security number"),
    ("Your verification code is {}.", "123456", "one-time code"),
    ("Your WhatsApp code: {}. Don't share it", "123-456", "one-time code"),
    ("{} is your Google verification code.", "G-482913", "one-time code"),
    ("Use {} as your one-time passcode", "4829", "one-time code"),
    ("OTP {} valid for 5 minutes", "482913", "one-time code"),
    ("the security code for PayPal is {}", "482913", "one-time code"),
    ("2FA code: {}", "482 913", "one-time code"),
    ("My seed phrase is {}", SEED, "seed phrase"),
    ("recovery phrase: {}.\nNever lose it", SEED, "seed phrase"),
    ("Mnemonic:\n{}", f"{SEED} {SEED}", "seed phrase"),
    ("seed phrase:\n{}", "1. " + SEED.replace(" ", "\n2. "), "seed phrase"),
    ("my PIN is {}", "1234", "PIN"),
    ("The pin for my debit card is {}, ok?", "4821", "PIN"),
    ("PIN: {}", "482913", "PIN"),
    ("Meine PIN ist {}", "4821", "PIN"),
    ("password: {}", "hunter2", "password"),
    ("my password is {}", "hunter2", "password"),
    ("My password is {}", "hunter2!", "password"),
    ("password: {}", "correct horse battery", "password"),
    ("password: {}", "correct horse battery staple", "password"),
    ("my passphrase is {} and I like it", "correct horse battery staple", "password"),
    ("passphrase: {}", "correct-horse-battery-staple", "password"),
    ("Passphrase {}", "orbit7-lamp-tundra", "password"),
    ("My password is {}.", "swordfish", "password"),
    ("my password is {} and my user is bob", "swordfish", "password"),
    ("Password: {}", "Swordfish", "password"),
    ("pwd={}", "hunter2", "password"),
    ("pw: {}", "tr0ub4dor&3", "password"),
    ("DB_PASSWORD={}", "Zx9!kk_2", "password"),
    ("?user=bob&password={}&next=/", "hunter2", "password"),
    ('{{"user": "bob", "password": "{}", "x": 1}}', "purple rain 1", "password"),
    ("password = '{}'", "hunter2", "password"),
    ("password is “{}”", "swordfish", "password"),
    ("**Password:** {}", "hunter2", "password"),
    ("Password: `{}`", "hunter2", "password"),
    ("| wifi | password | {} |", "hunter2", "password"),
    ("the password for the wifi is {}", "sunny-Day8", "password"),
    ("The wifi password is {}", "Tulip2024", "password"),
    ("wifi key: {}", "k3tt1ng9", "API key"),
    ("I changed my password to {}", "blueHouse99", "password"),
    ("login bob password {}", "hunter22", "password"),
    ("pw {} of the laptop", "hunter22", "password"),
    ("Passwords: {}", "hunter2X", "password"),
    ("Password:\n{}\nUser: bob", "hunter2X", "password"),
    ("The password's {}.", "hunter2", "password"),
    ("my password used to be {}", "qwerty", "password"),
    ("the password for bob@example.org is {}", "hunter2", "password"),
    ('my password is "{}"', "the quick brown fox", "password"),
    ("password={};user=bob", "hunter2", "password"),
    ("la clave es {}", "gato1234", "password"),
    ("密码: {}", "hunter2", "password"),
    ("PUK = {}", "12345678", "PIN"),
    ("my pin's {}", "4821", "PIN"),
    ("cvv {} on the back", "123", "PIN"),
    ('seed phrase = "{}"', SEED, "seed phrase"),
    ("Password - {}", "Hunter22", "password"),
    ("passcode: {}", "482913", "password"),
    ("Mein Passwort ist {}", "Sommer2024!", "password"),
    ("Passwort: {}", "Sommer2024", "password"),
    ("mon mot de passe est {}", "soleil75", "password"),
    ("mot de passe : {}", "soleil75", "password"),
    ("mi contraseña es {}", "luna1999", "password"),
    ("minha senha é {}", "praia2020", "password"),
    ("api_key={}", "abc123def456", "API key"),
    ("my API key is {}", "a1b2c3d4e5f6a7b8", "API key"),
    ('apiKey: "{}"', drawn(32, HEX), "API key"),
    ("HEROKU_API_KEY={}", UUID, "API key"),
    ("encryption key: {}", drawn(64, HEX), "API key"),
    ("secret: {}", "s3cr3tv4lue", "access token"),
    ("client_secret = {}", "8dyfui" + drawn(20), "access token"),
    ("token = {}", "abc123", "access token"),
    ("token: {}", drawn(40, HEX), "access token"),
    ("Authorization: Bearer {}", drawn(40), "access token"),
]

ORDINARY = """
My phone number is +49 170 1234567.
Call me on 030 1234 5678 or (555) 867-5309.
US office: 1-800-555-0199, ext. 4411
Order 4111111111111111 shipped today.
Order number 112-7366154-8265043 arrives Friday.
The tracking number is 9400 1118 9956 4824 2938 41.
1Z999AA10123456784 is the UPS parcel.
4111 1111 1111 1112 is not a valid number
my id is 4f9c2a7e-8b1d-4c3a-9e5f-0a1b2c3d4e5f
commit 9fceb02d0ae598e95dc970b74767f19372d61af8 fixed it
git checkout c862ac8 and run the tests
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
The MD5 is d41d8cd98f00b204e9800998ecf8427e.
ISBN 978-3-16-148410-0 is a good book.
ISBN-10: 0-306-40615-2
EAN 4006381333931 on the box of pens
2024-01-15T12:30:45.123456Z server started
2024-01-15 12:30:45,123 INFO ready
Meeting on 12/05/2024 at 14:30, room 4711.
Born 1990-03-04, moved 2015, married 2019.
epoch 1700000000000 or 1700000000000000000 in nanoseconds
Coordinates: 52.5200066, 13.4049540
38.897676, -77.036530 is the White House
write to ana.maria+news@example.org
https://example.com/a/b?page=2&sort=asc#top
https://user@example.com:8080/path
http://localhost:3000/login and ask me@example.com
https://twitter.com/jack/status/1234567890123456789
The IP is 192.168.100.200, the MAC 00:1B:44:11:3A:B7.
version 10.15.7 build 19H2026 of macOS
pi is 3.14159265358979323846264338327950288
0.4111111111111111 is a fraction
Water is CAS 7732-18-5.
Part no. 123-45-6789 is out of stock.
the score was 123-45-678 or so
Invoice 2024-00123456 over 1 234 567.89 EUR
The zip code is 94110 and the area code 415.
Our pin code is 560001, Bangalore.
the dress code is 2024 chic
LED on pin 13, button on pin: 7
roll it out with a rolling pin
My discount code is SAVE2024.
The code for chapter 12 is on GitHub.
room code 4711 at the hotel
DE89 3704 0044 0532 0130 01 has a wrong check sum
GB29 is a road, NL91 is another
my password is wrong
the password is required
My password is too long.
my password is not working
The password was changed yesterday.
password: required
Password must be at least 8 characters long.
The password is 8 characters or more
password: string, at least 12 characters
password reset: see the email
Password manager: 1Password
I use a password manager and a strong password.
my password is strong, protected and encrypted
Is my password safe?
I forgot my password again
what is the password policy?
the password is the name of my first dog
password: (same as before)
password: ********
password: <your password here>
password = request.form['password']
password = data.get('password')
User(username=username, password=hashed_password)
if not check_password_hash(user.password, password):
def login(self, user: str, password: str) -> bool:
password = os.environ["DB_PASSWORD"]
const apiKey = process.env.OPENWEATHER_API_KEY;
apiKey: 'YOUR_API_KEY',
API_KEY=your_api_key_here
GH_TOKEN: ${{ secrets.GITHUB_TOKEN }}
return jsonify({'token': 'some_token'})
postgres://user:${DB_PASSWORD}@localhost/app
token = tokens[0]
max_tokens = 4096 and the token limit is 8192
The CSRF token is missing from the form.
The secret: use cold butter and 24-hour rest.
the secret is 2-ingredient dough
secret: I like him
The key is to practise every day.
key: value
the primary key is id, the foreign key is user_id
cache key: users/2024/01/page2
public key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxq0000
pass: 80% of the students
the ski pass: 350eur for 6 days
PWD=/home/ana/projects
She is the bearer of good news.
the bearer token goes into the header
eyJust a word. And.More. Words
sk-learn and task-runner-with-a-very-long-name-2024
the mnemonic is easy to remember if you know the trick and practise it every day
I keep the seed phrase in a safe place that nobody but my sister and my mother know about
seed phrases have twelve words
-----BEGIN CERTIFICATE-----
It starts with -----BEGIN PRIVATE KEY----- and then base64.
My social security card was lost.
call 123-456-7890 about social security
mein Passwort ist falsch
Passwort vergessen? Mindestens 8 Zeichen.
mon mot de passe est trop court
mi contraseña es incorrecta
minha senha é fraca
The passport is valid until 2031.
the password game is fun, level 16
I changed my password to something stronger
We should change the password to the admin panel
My password is about to expire
the password is probably written on the router
The password is under the mat
The password is case sensitive
The password is a combination of my dog's name and birthday
My password is my dog's name
Password: see Bitwarden
Password: ask Ana
Password: same as email
Password: n/a
Passphrase: leave empty for none
:param password: Show asterisks instead of the actual letters
password hint: my first pet
password expiry: 90 days
password 2FA setup
password hashing with bcrypt, sha256 or argon2id
I share my Netflix password with 3 friends
The password 8 characters rule is silly
POSTGRES_PASSWORD=$PW docker compose up
if password == confirm_password:
password: Optional[str] = None
password: z.string().min(8)
<input type="password" placeholder="Enter your password">
{"password": {"type": "string", "minLength": 8}}
mysql -u root --password < dump.sql
my pin is blocked, it has 4 digits
the PIN is printed on page 1234 of the booklet
safety pin: 3 for 1 dollar
each token is 4 bytes
tokens per second: 1234.5
token = TEST_DATA_BASE64
UNEXPECTED_TOKEN=0x10100
Token: "#ddd0c0",
headers = {"Authorization": f"Bearer {token}"}
secret santa: Tom2 draws Ana
secret: never give up
Answer key: 1a 2b 3c 4d
The key is 440Hz tuning
key: "name"
sorted(names, key=len)
turkey: 12kg, monkey: 2
my api key is expired
boarding pass: seat 14C
passport no: C01X00T47
bypass: true
Verification code is sent by SMS
I never got the verification code, 3 tries, 15 minutes
The confirmation code of the hotel is 4829.
error code: 500123
promo code: 20OFF24
fixed signalCode (Linn) [#35223](https://github.com/nodejs/node/pull/35223)
Google code jam 2019
the security code of conduct from 2019
my seeds: tomato cucumber pepper basil thyme sage dill mint chive leek onion garlic
1234 5678 9012 3456 is the classic placeholder
4915112345678 is my German mobile
0041 79 123 45 67
IMEI: 356938035643809
[4220315081820346526, 7177518203184491332]
lottery: 4 8 15 16 23 42
https://docs.google.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit
https://example.com:8080/a@b
git@github.com:user/repo.git
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk
redact.py,sha256=r8_DrqAfn6QLwQnmXEggveiSU-UaIL2p2nuPINelfFc,14949
hf_transfer, glpat, AKIA and sk-ant- are prefixes
ssn: unknown
contraseña: obligatoria
desenha: 3 gatos
la clave es practicar
""".strip().splitlines()

FILLED = [
    tuple(text.replace("{{", "{").replace("}}", "}").replace("{}", part) for part in (secret, f"[secret: {kind}]"))
    for text, secret, kind in SECRET
]  # fmt: skip
PIECES = [
    "password",
    "passphrase",
    "token",
    "is",
    ": ",
    "=",
    '"',
    "`",
    "1234",
    "4111 1111 1111 1111",
    "@",
    "://a:",
    "[secret: PIN]",
    "[secret: ",
    "]",
    "\n",
]
ANYTHING = st.text() | st.lists(
    st.sampled_from([text for text, _ in FILLED] + ORDINARY + PIECES) | st.text(max_size=5),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(("text", "secret", "kind"), SECRET)
def test_secrets_are_masked(text, secret, kind):
    """What is secret is replaced by its kind; all that stands around it stays."""
    before, after = text.replace("{{", "{").replace("}}", "}").split("{}")
    assert kind in SECRETS
    assert mask(before + secret + after) == Masked(f"{before}[secret: {kind}]{after}", (kind,))


def test_every_kind_is_tried():
    """No kind is promised that the table above does not show."""
    assert {kind for *_, kind in SECRET} == set(SECRETS)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_notes_stay(text):
    """No false alarm: the very same text comes back."""
    assert mask(text).secrets == ()
    assert mask(text).text is text


def test_ordinary_notes_stay_together():
    """Lines that stay alone stay in one text as well."""
    text = "\n".join(ORDINARY)
    assert mask(text) == Masked(text, ())


def test_several_secrets():
    """Each place counts, in the order of the kinds; the words around them stay."""
    found = mask("My pin is 1234, my password is hunter2 and the old one: password=hunter3.")
    assert found.text == (
        "My pin is [secret: PIN], my password is [secret: password]"
        " and the old one: password=[secret: password]."
    )
    assert found.secrets == ("PIN", "password", "password")


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1112", "card 1111 1111 1111 1117", "4111 1111 1111 1111-1111",
        "94111111111111111", "4111111111111111.5", "DE89 3704 0044 0532 0130 0",
        "DE89370400440532013000X", "000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567",
        "123-45-0000", "123-45-67890", f"eyJhbGciOiJ.{'a' * 20}.{'b' * 20}", "ghp_" + "x" * 36,
        "seed phrase: " + SEED.rpartition(" ")[0], "AKIA" + "A" * 15,
    ],
)  # fmt: skip
def test_almost_a_secret(text):
    """A wrong check digit, range or length is no secret."""
    assert mask(text) == Masked(text, ())


@given(ANYTHING)
@settings(max_examples=400, deadline=None)
def test_masking_twice(text):
    """A masked text holds no more secrets, and is left alone."""
    once = mask(text)
    assert mask(once.text) == Masked(once.text, ())
    assert (once.text is text) == (not once.secrets)


@given(ANYTHING)
@settings(max_examples=400, deadline=None)
def test_only_cuts(text):
    """What is not masked stays as it was, in its order: each mask stands for one stretch."""
    once = mask(text)
    stays, pieces = 0, re.split(rf"\[secret: (?:{'|'.join(SECRETS)})\]", once.text)
    for piece in pieces:
        stays = text.find(piece, stays)
        assert stays >= 0
        stays += len(piece)
    assert once.text.count("[secret: ") - text.count("[secret: ") == len(once.secrets)


@given(st.lists(st.sampled_from(FILLED) | st.sampled_from([(line, line) for line in ORDINARY])))
@settings(max_examples=100, deadline=None)
def test_lines_do_not_touch_each_other(lines):
    """A secret is masked, and its neighbours stay, whatever stands on the lines around."""
    masked = mask("\n\n--\n\n".join(text for text, _ in lines)).text
    assert masked == "\n\n--\n\n".join(text for _, text in lines)


@pytest.mark.parametrize(
    "unit",
    [
        *"a1 -.:=@&'\"`\\\n[{(/_é中", "password", "password: ", "password is ", "pw=", "token=&a", "key: ",
        "ghp_", "sk-", "hvs./", "eyJ", "eyJa.", "://a:", "://:@", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ",
        "4111 ", "4111 1111 1111 1111 ", "123-45-6789 ", "DE89 ", "ssn ", "otp 1234 ", "1234 is your ",
        "seed phrase ", "mnemonic legal ", "pin is ", "bearer a1", "password for the ", 'password: "\\',
        "[secret: ", "[secret: password] is ", "password: a_", "aws secret ", "A1", "1:A", "order no ",
        "curl -u a:", "sshpass -p ", "mysql -p", "WIFI:P:a;", "recovery codes 1a ", "heslo je ", "wallet legal ",
        "Private-Lines: 1\n", "A" * 30 + " ", "123456-", "４", "recovery codes 1abc-",
    ],
)  # fmt: skip
def test_hostile_texts_end(unit):
    """A hundred thousand characters of anything are read in a second or so, not in hours."""
    text = unit * (100_000 // len(unit))
    once = mask(text)
    assert mask(once.text).secrets == ()


def test_deep_header():
    """A token whose header is no JSON, or too deep to read, is no JWT and no error."""
    for header in ('{"a":' * 5000, "[1]", "{'a'}"):
        token = "eyJ" + urlsafe_b64encode(header.encode()).decode().rstrip("=")
        assert "JWT" not in mask(f"{token}.{'a' * 20}.b").secrets
