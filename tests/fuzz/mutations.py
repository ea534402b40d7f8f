"""Ways to make another command of one, most of them wrong; each is given the random numbers to use."""

from collections.abc import Callable, Iterator
from random import Random

from tests.fuzz.seeds import Example, Literal, Token, examples, words

Tokens = list[Token]

NUMBERS = (
    *(b"0", b"1", b"2", b"3", b"*", b"1:*", b"*:1", b"1:3", b"2,1,2", b"$", b"-1", b"01", b"1:2:3", b"1,,2"),
    *(b"4294967295", b"4294967295:*", b"*:4294967295", b"4294967296", b"18446744073709551616", b"9" * 30),
    *(b"1:100", b"-1:-5", b"-5:1", b"1:", b","),
)
WORDS = (
    *(b"INBOX", b"inbox", b"Sent", b"nowhere", b"a/b", b"Work", b"&AOQ-", b"&", b"%", b"*", b"NIL", b'""', b'"a b"'),
    *(b"\\Seen", b"\\Deleted", b"\\Recent", b"\\*", b"$Junk", b"ada", b"secret", b'"\\"\\\\"', b"\x80", b"\xc3\xa4"),
    *(b"1-Jan-2024", b'" 1-Jan-2024 00:00:00 +0000"', b"BODY[]", b"BODY.PEEK[1.HEADER.FIELDS (TO)]<0.9>", b"BINARY[1]"),
    *(b"<0.1>", b"[", b"]", b"{", b"}", b"{1}", b"{9+}", b"~", b"()", b"(", b")"),
    *(b"RETURN", b"RETURN (SAVE)", b"RETURN (UNHEARD)", b"(UNHEARD 1)", b"CHARSET", b"UTF-8"),
)
"""Words that stand everywhere, and some that stand nowhere."""

MAX_OCTETS = 150_000
"""Of one command, twice what a line may have: each mutation may make it many times longer."""


def mutated(random: Random, example: Example) -> Example:
    """Return `example` after some mutations, or none."""
    tokens = list(example.tokens)
    for _ in range(random.choice((0, 0, 0, 1, 1, 2, 3))):
        tokens = list(_bounded(random.choice(MUTATIONS)(random, tokens)))
    verb = random.choice(list(examples())) if random.random() < 0.02 else example.verb
    return Example(verb if random.random() < 0.9 else verb.lower(), tuple(tokens))


def _bounded(tokens: Tokens) -> Iterator[Token]:
    """Yield tokens as long as they are not too many octets."""
    octets = 0
    for token in tokens:
        octets += len(text_of([token])) + 1
        if octets > MAX_OCTETS:
            return
        yield token


def any_token(random: Random) -> Token:
    """Return something that may stand in a command."""
    kind = random.random()
    if kind < 0.25:
        return random.choice(NUMBERS)
    if kind < 0.5:
        return random.choice(words())
    if kind < 0.75:
        return random.choice(WORDS)
    if kind < 0.8:
        return Literal(random.randbytes(random.randrange(300)), random.random() < 0.5, random.random() < 0.5)
    return random.choice([b" ", *any_example(random)])


def any_example(random: Random) -> tuple[Token, ...]:
    """Return the tokens of any command."""
    return random.choice(random.choice(list(examples().values()))).tokens


def place(random: Random, tokens: Tokens) -> int:
    """Return where in `tokens` something is done."""
    return random.randrange(len(tokens) + 1)


def run(random: Random, tokens: Tokens) -> tuple[Tokens, Tokens, Tokens]:
    """Return `tokens` in three: the middle is what something is done with."""
    start, stop = sorted((place(random, tokens), place(random, tokens)))
    return tokens[:start], tokens[start:stop], tokens[stop:]


def one(random: Random, tokens: Tokens) -> tuple[Tokens, Tokens, Tokens]:
    """Return `tokens` in three, of which the middle has one, or at the end none."""
    at = place(random, tokens)
    return tokens[:at], tokens[at : at + 1], tokens[at + 1 :]


def text_of(tokens: Tokens) -> bytes:
    """Return the octets of tokens, literals or not."""
    return b"".join(token if isinstance(token, bytes) else token.octets for token in tokens)


def replace(random: Random, tokens: Tokens) -> Tokens:
    """One token is another."""
    before, _, after = one(random, tokens)
    return [*before, any_token(random), *after]


def insert(random: Random, tokens: Tokens) -> Tokens:
    """One more, with a space or without."""
    at = place(random, tokens)
    return [*tokens[:at], *random.choice(([b" "], [])), any_token(random), *tokens[at:]]


def delete(random: Random, tokens: Tokens) -> Tokens:
    """Some less."""
    at = place(random, tokens)
    return [*tokens[:at], *tokens[at + random.choice((1, 1, 2, 5)) :]]


def swap(random: Random, tokens: Tokens) -> Tokens:
    """Two in each other's places."""
    before, middle, after = run(random, tokens)
    return [*before, *middle[-1:], *middle[1:-1], *middle[:1], *after]


def repeat(random: Random, tokens: Tokens) -> Tokens:
    """Some of them again, once or very often."""
    before, middle, after = run(random, tokens)
    again = middle if middle[:1] == [b" "] else [b" ", *middle]
    return [*before, *middle, *again * random.choice((1, 1, 2, 20, 300)), *after]


def nest(random: Random, tokens: Tokens) -> Tokens:
    """Some of them in parentheses, a few or very many."""
    before, middle, after = run(random, tokens)
    depth = random.choice((1, 1, 2, 50, 120))
    return [*before, *[b"("] * depth, *middle, *[b")"] * depth, *after]


def chain(random: Random, tokens: Tokens) -> Tokens:
    """Prefixes that nest without parentheses."""
    at = place(random, tokens)
    prefix = random.choice((b"NOT ", b"OR ALL ", b"FUZZY "))
    return [*tokens[:at], prefix * random.choice((2, 90, 150)), *tokens[at:]]


def huge_set(random: Random, tokens: Tokens) -> Tokens:
    """A set of very many runs."""
    before, _, after = one(random, tokens)
    runs = b",".join(b"%d" % number for number in range(1, random.choice((50, 3000, 30000)), 2))
    return [*before, runs, *after]


def as_literal(random: Random, tokens: Tokens) -> Tokens:
    """A token said in a literal, where it may be one or not."""
    before, middle, after = one(random, tokens)
    literal = Literal(text_of(middle).strip(b'"'), random.random() < 0.2, random.random() < 0.5)
    return [*before, literal, *after]


def as_quoted(random: Random, tokens: Tokens) -> Tokens:
    """A token in quotes, or in what is none."""
    before, middle, after = one(random, tokens)
    mark = random.choice((b'"', b'"', b"\\", b'\\"'))
    return [*before, mark + text_of(middle) + mark, *after]


def spoil(random: Random, tokens: Tokens) -> Tokens:
    """Some octets are others."""
    before, middle, after = one(random, tokens)
    octets = bytearray(text_of(middle))
    for _ in range(random.choice((1, 1, 3))):
        if octets:
            octets[random.randrange(len(octets))] = random.randrange(256)
    spoiled: list[Token] = [
        bytes(octets) if isinstance(token, bytes) else Literal(bytes(octets), token.binary, token.waits)
        for token in middle
    ]
    return [*before, *spoiled, *after]


def splice(random: Random, tokens: Tokens) -> Tokens:
    """The beginning of one, the end of another."""
    others = list(any_example(random))
    return [*tokens[: place(random, tokens)], *others[place(random, others) :]]


def truncate(random: Random, tokens: Tokens) -> Tokens:
    """It ends too early."""
    return tokens[: place(random, tokens)]


def respell(random: Random, tokens: Tokens) -> Tokens:
    """Words in another case."""
    change: Callable[[bytes], bytes] = random.choice((bytes.lower, bytes.upper, bytes.swapcase))
    return [change(token) if isinstance(token, bytes) else token for token in tokens]


def lengthen(random: Random, tokens: Tokens) -> Tokens:
    """A token of very many octets."""
    before, _, after = one(random, tokens)
    long = random.choice((b"a", b"\\a", b"%", b"a/", b"&AOQ-")) * random.choice((30, 300, 20000))
    return [*before, long, *after]


MUTATIONS: tuple[Callable[[Random, Tokens], Tokens], ...] = (
    *(replace, replace, replace, insert, insert, delete, swap, repeat, nest, chain, huge_set),
    *(as_literal, as_literal, as_quoted, spoil, spoil, splice, truncate, respell, lengthen),
)
