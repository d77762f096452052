from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ares.errors import ModelError
from ares.inference.command import Engine as Steps
from ares.inference.engine import BATCH, Engine, read_header

Write = Callable[..., Path]
GRAMMAR = 'root ::= "yes" | "no, " [a-z]{3,5}\n'


@pytest.fixture(scope="module")
def engine(tiny_model: Path) -> Iterator[Engine]:
    with Engine.open(tiny_model, threads=1, context=1024) as opened:
        yield opened


def tokens(engine: Engine, text: str) -> list[int]:
    return engine.tokenize(text.encode(), special=True, begin=True)


def test_the_same_prompt_gives_the_same_answer_whatever_came_before(engine: Engine, tiny_model: Path) -> None:
    long = tokens(engine, "a prompt that is longer than one batch of tokens " * 8)
    assert len(long) > BATCH
    first = engine.generate(long, max_tokens=40)
    again = engine.generate(long, max_tokens=40)
    engine.generate(tokens(engine, "something else"), max_tokens=40)
    engine.generate([*long, *tokens(engine, "and more")], max_tokens=40)
    after_others = engine.generate(long, max_tokens=40)
    with Engine.open(tiny_model, threads=1, context=1024) as fresh:
        elsewhere = fresh.generate(long, max_tokens=40)
    assert first.text == again.text == after_others.text == elsewhere.text != ""
    assert first.probability == again.probability == after_others.probability == elsewhere.probability


def test_an_answer_says_what_it_took(engine: Engine) -> None:
    prompt = tokens(engine, "hello")
    answer = engine.generate(prompt, grammar=GRAMMAR)
    assert answer.finished
    assert answer.prompt_tokens == len(prompt)
    assert len(answer.text) <= answer.answer_tokens * 2
    assert answer.read_seconds > 0
    assert answer.write_seconds > 0
    assert 0 < answer.probability < 1


def test_an_answer_keeps_to_its_grammar_at_any_temperature(engine: Engine) -> None:
    prompt = tokens(engine, "hello")
    seen = {engine.generate(prompt, grammar=GRAMMAR, temperature=5.0, seed=seed).text for seed in range(40)}
    assert len(seen) > 5
    assert "yes" in seen
    for text in seen - {"yes"}:
        assert text.startswith("no, ")
        assert 3 <= len(text.removeprefix("no, ")) <= 5


def test_a_seed_draws_the_same_answer_again_and_another_seed_another(engine: Engine) -> None:
    prompt = tokens(engine, "hello")
    drawn = [engine.generate(prompt, max_tokens=20, temperature=1.0, seed=seed).text for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_bytes_that_make_no_text_are_never_written(engine: Engine) -> None:
    prompt = tokens(engine, "hello")
    for seed in range(20):
        answer = engine.generate(
            prompt, grammar='root ::= [^a-z]{8} "."\n', temperature=9.0, seed=seed, max_tokens=60
        )
        assert answer.finished
        assert len(answer.text) == 9
        assert "\ufffd" not in answer.text


def test_a_special_token_never_stands_for_the_text_of_its_name(engine: Engine) -> None:
    prompt = tokens(engine, "hello")
    for seed in range(20):
        answer = engine.generate(prompt, grammar='root ::= "a<|im_start|>b"\n', temperature=9.0, seed=seed)
        assert answer.text == "a<|im_start|>b"


def test_an_answer_that_reaches_max_tokens_is_not_finished(engine: Engine) -> None:
    answer = engine.generate(tokens(engine, "hello"), grammar='root ::= "a"{50}\n', max_tokens=10)
    assert (answer.text, answer.finished, answer.answer_tokens) == ("a" * 10, False, 10)


def test_an_answer_ends_where_the_context_ends(tiny_model: Path) -> None:
    with Engine.open(tiny_model, threads=1, context=64) as small:
        prompt = tokens(small, "x" * 40)
        answer = small.generate(prompt, grammar='root ::= "a"{500}\n', max_tokens=500)
        assert not answer.finished
        assert answer.answer_tokens == small.context - len(prompt)
        with pytest.raises(ModelError, match="leaves no room in the context of 64"):
            small.generate(tokens(small, "x" * 64))
        with pytest.raises(ModelError, match="prompt of 0 tokens"):
            small.generate([])
        assert small.generate(prompt, max_tokens=5).answer_tokens == 5


def test_a_stop_cuts_the_answer_off_and_is_not_streamed(engine: Engine) -> None:
    given: list[str] = []
    answer = engine.generate(
        tokens(engine, "hello"),
        grammar='root ::= "one two three"\n',
        stop=("two", "three"),
        on_text=given.append,
    )
    assert answer.text == "".join(given) == "one "
    assert answer.finished


def test_the_text_is_streamed_as_it_comes(engine: Engine) -> None:
    given: list[str] = []
    answer = engine.generate(
        tokens(engine, "hello"), grammar='root ::= "räv 日本 one"\n', stop=("never",), on_text=given.append
    )
    assert "".join(given) == answer.text == "räv 日本 one"
    assert len(given) > 3


def test_a_callback_that_raises_leaves_the_engine_usable(engine: Engine) -> None:
    prompt = tokens(engine, "hello")
    expected = engine.generate(prompt, max_tokens=10).text

    def refuse(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.generate(prompt, max_tokens=10, on_text=refuse)
    assert engine.generate(prompt, max_tokens=10).text == expected


def test_threads_take_turns(engine: Engine) -> None:
    prompts = [tokens(engine, f"prompt number {index}") for index in range(4)]
    alone = [engine.generate(prompt, max_tokens=30).text for prompt in prompts]
    together = [""] * len(prompts)

    def run(index: int) -> None:
        for _ in range(5):
            together[index] = engine.generate(prompts[index], max_tokens=30).text

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_names_of_special_tokens_are_text_unless_asked_for(engine: Engine) -> None:
    text = b"a<|im_end|>b"
    plain, special = engine.tokenize(text), engine.tokenize(text, special=True)
    assert b"".join(map(engine.piece, plain)) == text
    assert len(special) < len(plain)
    assert [engine.piece(token, special=True) for token in special] == [b"a", b"<|im_end|>", b"b"]
    assert (engine.begin, engine.end) == ("<s>", "</s>")


def test_the_steps_of_reading_can_be_taken_one_by_one(engine: Engine) -> None:
    stepwise: Steps = engine
    assert stepwise.tokenize(b"one") == engine.tokenize(b"one")
    prompt = tokens(engine, "one step after the other")
    engine.rewind(0)
    with pytest.raises(ModelError, match="no token was read"):
        engine.logits()
    engine.eval(prompt)
    whole = engine.logits()
    engine.eval(tokens(engine, "further"))
    assert (engine.logits() != whole).any()
    engine.rewind(len(prompt) - 1)
    engine.eval(prompt[-1:])
    assert abs(engine.logits() - whole).max() < 0.05
    assert engine.logits().argmax() == whole.argmax()
    with pytest.raises(ModelError, match="do not fit the context of 1024"):
        engine.eval([5] * 1024)


def test_a_grammar_is_checked_before_llama_cpp_sees_it(engine: Engine) -> None:
    with pytest.raises(ModelError, match="grammar:1: an alternative is empty"):
        engine.generate(tokens(engine, "hello"), grammar="root ::= \n")


def test_a_grammar_that_the_vocabulary_cannot_spell_is_an_error(engine: Engine) -> None:
    # Every other character is in this vocabulary; llama.cpp reads no token that begins with NUL.
    with pytest.raises(ModelError, match="no token for what must come next"):
        engine.generate(tokens(engine, "hello"), grammar="root ::= [\\x00]\n")


def test_a_closed_model_says_so(tiny_model: Path) -> None:
    engine = Engine.open(tiny_model, threads=1, context=64)
    engine.close()
    engine.close()
    with pytest.raises(ModelError, match="was closed"):
        engine.generate([1, 2])


def test_the_context_is_at_most_what_the_model_was_trained_for(write_tiny: Write) -> None:
    with Engine.open(write_tiny(context=128), threads=1, context=4096) as engine:
        assert engine.context == 128
    with pytest.raises(ModelError, match="a context of 3 tokens"):
        Engine.open(write_tiny(context=128), context=3)


def test_an_unknown_architecture_is_named_with_llama_cpps_reason(write_tiny: Write) -> None:
    path = write_tiny()
    data = path.read_bytes().replace(b"llama.", b"klama.")
    at = data.index(b"general.architecture") + len(b"general.architecture") + 4
    path.write_bytes(data[:at] + struct.pack("<Q", 5) + b"klama" + data[at + 13 :])
    with pytest.raises(ModelError, match="cannot load this klama model: unknown model architecture: 'klama'"):
        Engine.open(path)


def test_a_model_that_lacks_a_tensor_is_named_with_llama_cpps_reason(write_tiny: Write) -> None:
    path = write_tiny()
    path.write_bytes(path.read_bytes().replace(b"blk.1.ffn_up.weight", b"blk.9.ffn_up.weight"))
    with pytest.raises(ModelError, match=r"llama model: tensor 'blk\.1\.ffn_up\.weight' not found"):
        Engine.open(path)


def test_a_model_larger_than_the_memory_is_refused_before_it_is_loaded(write_tiny: Write) -> None:
    path = write_tiny()
    os.truncate(path, 8 << 40)
    with pytest.raises(ModelError, match=r"needs about 81\d\d\.\d GiB of memory"):
        Engine.open(path)


def test_a_context_larger_than_the_memory_is_refused(write_tiny: Write) -> None:
    path = write_tiny(context=2**31 - 1, llama__attention__key_length=4096)
    with pytest.raises(ModelError, match=r"set inference\.context lower"):
        Engine.open(path, context=2**31 - 1)


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120
    )


def test_llama_cpp_writes_nothing_to_the_terminal(write_tiny: Write) -> None:
    good, bad = write_tiny("good.gguf"), write_tiny("bad.gguf")
    bad.write_bytes(bad.read_bytes().replace(b"blk.1.ffn_up.weight", b"blk.9.ffn_up.weight"))
    code = """
import sys
from pathlib import Path
from ares.errors import ModelError
from ares.inference.engine import Engine
with Engine.open(Path(sys.argv[1]), threads=1, context=64) as engine:
    engine.generate([1, 2, 3], grammar='root ::= "a"\\n')
try:
    Engine.open(Path(sys.argv[2]))
except ModelError:
    sys.exit(3)
"""
    done = run(code, str(good), str(bad))
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


def test_importing_and_reading_headers_loads_neither_llama_cpp_nor_numpy(tiny_model: Path) -> None:
    code = """
import sys
from pathlib import Path
import ares.inference.chat, ares.inference.engine, ares.inference.grammar, ares.inference.models
ares.inference.engine.read_header(Path(sys.argv[1]))
heavy = {"llama_cpp", "numpy", "jinja2", "psutil", "yaml"} & set(sys.modules)
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    done = run(code, str(tiny_model))
    assert (done.returncode, done.stderr) == (0, "")


def damaged(whole: bytes, seed: int) -> bytes:
    """Return the file with some bytes of its header or some number in it changed."""
    chance = random.Random(seed)
    data = bytearray(whole)
    header = data.rindex(b"blk.1.ffn_down.weight") + 60
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(24, header)
        if chance.random() < 0.5:
            data[at] ^= 1 << chance.randrange(8)
        else:
            struct.pack_into(
                "<I", data, at, chance.choice([0, 1, 7, 33, 1 << 16, (1 << 31) - 1, (1 << 32) - 1])
            )
    return bytes(data)


def test_damaged_models_that_pass_the_check_do_not_crash_llama_cpp(tiny_model: Path, tmp_path: Path) -> None:
    whole = tiny_model.read_bytes()
    passed: list[str] = []
    for seed in range(150):
        path = tmp_path / f"{seed}.gguf"
        path.write_bytes(damaged(whole, seed))
        try:
            read_header(path)
        except ModelError:
            path.unlink()
        else:
            passed.append(str(path))
    assert 20 < len(passed) < 130
    code = """
import sys
from pathlib import Path
from ares.errors import ModelError
from ares.inference.engine import Engine
for path in sys.argv[1:]:
    print(path, flush=True)
    try:
        with Engine.open(Path(path), threads=1, context=128) as engine:
            engine.generate(engine.tokenize(b"hi", begin=True), max_tokens=3, grammar='root ::= [a-z]{2}\\n')
    except ModelError:
        pass
"""
    done = run(code, *passed)
    assert done.returncode == 0, done.stdout.splitlines()[-1] + done.stderr
