from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ares.core import Capability, Effect
from ares.errors import ModelError
from ares.inference.grammar import Chars, Group, Literal, Name, Repeat, build_grammar, check_grammar

Says = Callable[[str], str]


@pytest.mark.parametrize(
    ("grammar", "says"),
    [
        ("", "no rule called 'root'"),
        ('start ::= "a"\n', "no rule called 'root'"),
        ("root ::= \n", "grammar:1: an alternative is empty"),
        ('root ::= "a" |\n', "grammar:1: an alternative is empty"),
        ('root ::= | "a"\n', "grammar:1: an alternative is empty"),
        ('root ::= "a" ()\n', "grammar:1: an alternative is empty"),
        ('root ::= ""\n', "a literal is empty"),
        ('root ::= "\\x00"\n', "holds NUL"),
        ("root ::= []\n", "a character class is empty"),
        ("root ::= [z-a]\n", "a range runs backwards"),
        ('root ::= "a\n', "cannot be read from"),
        ("root ::= [a\n", "cannot be read from"),
        ('root ::= "\\q"\n', "cannot be read from"),
        ('root ::= "\\ud800"\n', "0xd800 is no character"),
        ('root ::= "\\U00110000"\n', "0x110000 is no character"),
        ('root ::= ("a"\n', "is not closed"),
        ('root ::= "a")\n', "closes nothing"),
        ("root ::= (" * 40 + "\n", "cannot be read|nested more than"),
        ("root ::= " + "(" * 40 + '"a"' + ")" * 40 + "\n", "nested more than 32 deep"),
        ("root ::= ?\n", "repeats nothing"),
        ('root ::= "a"{3,2}\n', "is empty or goes over 1000"),
        ('root ::= "a"{0,0}\n', "is empty or goes over 1000"),
        ('root ::= "a"{1,1001}\n', "is empty or goes over 1000"),
        ('root ::= "a"??\n', "a repetition of a repetition"),
        ('root ::= ("a"?){2}\n', "repeats something that may be empty"),
        ('root ::= x{2}\nx ::= "a"?\n', "repeats something that may be empty"),
        ('root ::= "a"?\n', "allows an empty answer"),
        ('root ::= "a"*\n', "cannot be read from"),
        ('root ::= "a" # why\n', "cannot be read from"),
        ("root ::= x\n", "'root' refers to 'x', which is not defined"),
        ("root ::= root\n", "rules refer to themselves: root -> root"),
        ('root ::= "a" x\nx ::= y | "b"\ny ::= "c" x\n', "rules refer to themselves"),
        ('root ::= "a"\nroot ::= "b"\n', "grammar:2: the rule 'root' is written twice"),
        ('root ::= "a"\n\nx ::= "b"\n', "grammar:2: not a rule"),
        ('ro_ot ::= "a"\n', "grammar:1: not a rule"),
        ("".join(f'x{n} ::= "a"\n' for n in range(6000)), "more than 5000 rules"),
        ("root ::= " + '"a"{1000} ' * 60 + "\n", "60000 repetitions"),
        ('root ::= "' + "a" * (1 << 20) + '"\n', "longer than 1048576 bytes"),
    ],
)
def test_a_grammar_that_llama_cpp_should_not_see_is_refused(grammar: str, says: str) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        check_grammar(grammar)
    assert "\n" not in str(caught.value)


def test_a_grammar_is_read_as_it_is_meant() -> None:
    rules = check_grammar('root ::= "a\\"\\u00e9" x{2,3} | (x "c")?  "d"\nx ::= [^a-c\\]-]\n')
    x = Name("x")
    assert list(rules) == ["x", "root"]
    assert rules["x"] == Group(((Chars(True, ((97, 99), (93, 93), (45, 45))),),))
    assert rules["root"] == Group(
        (
            (Literal('a"é'), Repeat(x, 2, 3)),
            (Repeat(Group(((x, Literal("c")),)), 0, 1), Literal("d")),
        )
    )


def test_llama_cpp_itself_takes_a_good_grammar_and_no_rule_that_is_missing(llama_says: Says) -> None:
    assert llama_says("root ::= missing\n") != "accepted"
    assert llama_says('root ::= "a"\n') == "accepted"


SEED = build_grammar(
    [
        Capability(
            module="m",
            name="n",
            description="d",
            effect=Effect.READ,
            input_schema={
                "type": "object",
                "properties": {
                    "text": {"type": "string", "maxLength": 9},
                    "count": {"type": "integer", "minimum": 3, "maximum": 120},
                    "day": {"type": "string", "format": "date"},
                },
                "required": ["text"],
            },
            output_schema={},
        )
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid grammar with a few characters taken out, put in or replaced."""
    text = SEED
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 3))
        put = draw(st.text(alphabet='"\\|()[]{}?^-,:=\n azx019*+.é', max_size=3))
        text = text[:at] + put + text[at + gone :]
    return text


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grammar=mutated())
def test_whatever_the_check_lets_through_llama_cpp_accepts(llama_says: Says, grammar: str) -> None:
    try:
        check_grammar(grammar)
    except ModelError:
        return
    assert llama_says(grammar) == "accepted"
