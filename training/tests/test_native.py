"""The training engine against PyTorch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import tiny
from numpy.typing import NDArray

from kilophone_training import native, train
from kilophone_training.alphabets import ENGLISH, Alphabet
from kilophone_training.corpus import TOP, Corpus, Example, PackedCorpus
from kilophone_training.model import Llama

PAIRS = [
    ("cat", ("K", "AE1", "T")),
    ("dog", ("D", "AO1", "G")),
    ("act", ("AE1", "K", "T")),
    ("hello", ("HH", "AH0", "L", "OW1")),
    ("a", ("AH0",)),
    ("zyzzyva", ("Z", "IH1", "Z", "IH0", "V", "AH0")),
]


def corpus() -> Corpus:
    """Aligned pairs, of which two have soft labels, one of them no listed pronunciation."""
    made = Corpus(ENGLISH, PAIRS)
    made.align()
    rng = np.random.default_rng(1)

    def taught(example: Example) -> Example:
        steps = len(example.phonemes) + 1
        tokens = np.stack([rng.permutation(ENGLISH.outputs)[:TOP] for _ in range(steps)])
        shares = rng.dirichlet(np.ones(TOP), steps)
        return replace(example, soft=(tokens.astype(np.uint8), shares.astype(np.float16)))

    made.examples[0] = taught(made.examples[0])
    made.examples[1] = replace(taught(made.examples[1]), is_listed=False)
    return made


def recipe() -> train.Recipe:
    return replace(tiny("en-us"), dropout=0.0, alignment_weight=0.3)


def english() -> Llama:
    torch.manual_seed(3)
    made = Llama(recipe().dimensions())
    with torch.no_grad():
        made.embedding.mul_(3)
        for parameter in made.parameters():
            if parameter.dim() == 1:
                parameter.uniform_(0.5, 1.5)
    return made


def engine(model: Llama, step: float | None = None, threads: int = 2) -> native.Engine:
    made = native.Engine(model.dims, threads)
    made.load(native.flatten(model), step, training=True)
    return made


def numbers(*values: int) -> NDArray[np.int32]:
    return np.array(values, np.int32)


@pytest.mark.parametrize("step", [None, 0.45, 0.7])
def test_loss_and_gradients_are_pytorch_s(step: float | None) -> None:
    """Words of several lengths in one packed batch, against PyTorch's autograd batch by batch."""
    words, model = corpus(), english().quantize(step)
    parts = []
    for length in sorted({len(e.graphemes) for e in words.examples}):
        same = [i for i, e in enumerate(words.examples) if len(e.graphemes) == length]
        batch = words.batch(same)
        count = int((batch.answers != -100).sum())
        spans = int(batch.letters.sum())
        plain = train.loss_of(model, batch, replace(recipe(), alignment_weight=0.0))[0]
        both = train.loss_of(model, batch, replace(recipe(), alignment_weight=1.0))[0]
        parts.append((plain, both - plain, count, spans))
    steps = sum(count for _, _, count, _ in parts)
    aligned = sum(spans for _, _, _, spans in parts)
    total = sum(p * (c / steps) + 0.3 * a * (n / aligned) for p, a, c, n in parts)
    wanted_loss = float(total.detach())
    total.backward()
    wanted = torch.cat([p.grad.flatten() for p in native.parameters(model)])

    made, gradient = engine(model, step), torch.empty(wanted.numel())
    packed = PackedCorpus(words.examples, ENGLISH.separator)
    everything = numbers(*range(len(words.examples)))
    loss, _ = made.gradients(packed, everything, recipe(), 1, gradient)
    assert loss == pytest.approx(wanted_loss, rel=0.01)
    for mine, its in zip(native.split(gradient, model), native.split(wanted, model), strict=True):
        # bfloat16 has 8 bits; int8 activations, which PyTorch simulates here, are no finer
        assert (mine - its).norm() < (0.1 if step else 0.02) * its.norm()


def test_gradients_do_not_depend_on_threads_or_order() -> None:
    words, model = corpus(), english()
    packed = PackedCorpus(words.examples, ENGLISH.separator)
    found = []
    for threads, order in ((1, range(6)), (2, range(6)), (1, range(5, -1, -1))):
        gradient = torch.empty(native.flatten(model).numel())
        made = engine(model, threads=threads)
        _, right = made.gradients(packed, numbers(*order), recipe(), 1, gradient)
        found.append((gradient, sorted(zip(order, right.tolist(), strict=True))))
    for gradient, right in found[1:]:
        assert right == found[0][1]
        assert (gradient - found[0][0]).norm() < 0.01 * found[0][0].norm()


def test_right_are_the_words_that_are_said_as_listed() -> None:
    """A random model's answers go on for ever; larger logits of <eos> make them end."""
    model = english()
    words = [ENGLISH.encode_word(w) for w, _ in PAIRS]
    with torch.no_grad():
        model.embedding[0] *= 3
    made = engine(model)
    said = made.say(words, ENGLISH.separator)
    ended = [(w, s) for w, s in zip(words, said, strict=True) if len(s) < 20]
    assert ended
    examples = [Example(w, list(s)) for w, s in ended] + [Example(words[0], [1, 2, 3])]
    gradient = torch.empty(native.flatten(model).numel())
    packed = PackedCorpus(examples, ENGLISH.separator)
    _, right = made.gradients(packed, numbers(*range(len(examples))), recipe(), 1, gradient)
    assert right.tolist() == [1] * len(ended) + [0]


def test_dropout_is_repeated_by_its_seed_and_keeps_the_mean() -> None:
    words, model = corpus(), english()
    packed = PackedCorpus(words.examples, ENGLISH.separator)
    made = engine(model)

    def loss(seed: int, word_dropout: bool, rate: float = 0.3) -> float:
        chosen = replace(recipe(), dropout=rate, word_dropout=word_dropout)
        gradient = torch.empty(native.flatten(model).numel())
        return made.gradients(packed, numbers(*range(6)), chosen, seed, gradient)[0]

    for word_dropout in (False, True):
        assert loss(1, word_dropout) == loss(1, word_dropout)
        assert len({loss(seed, word_dropout) for seed in range(10)}) == 10
    assert loss(1, False) != loss(1, True)
    assert loss(1, True, 1e-6) == pytest.approx(loss(1, True, 0.0), rel=1e-3)


def test_probabilities_and_answers_are_pytorch_s(alphabet: Alphabet, model: Llama) -> None:
    made = engine(model)
    words = [[alphabet.separator + 1 + (i * k) % 20 for i in range(k)] for k in (1, 2, 5, 9)]
    said = made.say(words, alphabet.separator)
    examples = [Example(w, list(s)[:30]) for w, s in zip(words, said, strict=True)]
    soft = made.probabilities(PackedCorpus(examples, alphabet.separator), numbers(0, 1, 2, 3))
    at = 0
    for example in examples:
        n, steps = len(example.graphemes), len(example.phonemes) + 1
        tokens = torch.tensor([[*example.graphemes, alphabet.separator, *example.phonemes]])
        with torch.no_grad():
            wanted = model(tokens, n)[0].softmax(-1).numpy()
        assert np.abs(soft[at : at + steps] - wanted).max() < 0.02
        for row, token in zip(wanted, example.phonemes, strict=False):
            assert row[token] > row.max() - 0.02
        at += steps
    assert at == len(soft)


def test_muon_makes_matrices_orthogonal() -> None:
    """The published coefficients bring singular values into about 0.7 … 1.2 in five steps, but for
    very small ones; directions stay."""
    torch.manual_seed(1)
    matrices = [torch.randn(96, 32), torch.randn(32, 64)]
    made = [native.orthogonal(matrix) for matrix in matrices]
    for before, after in zip(matrices, made, strict=True):
        u, _, v = torch.linalg.svd(before, full_matrices=False)
        inner = u.T @ after @ v.T
        assert ((inner.diag() > 0.6) & (inner.diag() < 1.3)).all()
        assert (inner - inner.diag().diag()).abs().max() < 0.1


@pytest.mark.parametrize("muon", [False, True])
def test_adamw_is_pytorch_s(muon: bool) -> None:
    """Embedding and gains by either optimizer, and the matrices without Muon."""
    model = english()
    flat = native.flatten(model)
    optimizer = native.Optimizer(model.dims, flat, muon)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    gains = [p for p in model.parameters() if p.dim() == 1]
    reference = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": gains, "weight_decay": 0.0}],
        lr=1e-2, betas=(0.9, 0.98),
    )  # fmt: skip
    generator = torch.Generator().manual_seed(2)
    for _ in range(3):
        gradient = torch.randn(flat.numel(), generator=generator)
        for p, part in zip(native.parameters(model), native.split(gradient, model), strict=True):
            p.grad = part.clone()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        reference.step()
        optimizer.step(gradient, 1e-2, 0.1, 1.0, 0.5)
    for index, (mine, its) in enumerate(
        zip(native.split(flat, model), native.parameters(model), strict=True)
    ):
        if its.dim() == 1 or index == 0 or not muon:
            assert torch.allclose(mine, its, atol=1e-5)
    assert not torch.equal(optimizer.mean, flat)


def test_what_does_not_fit_is_refused() -> None:
    dims = recipe().dimensions()
    with pytest.raises(ValueError, match="multiples of 32"):
        native.Engine(replace(dims, ffn=40))
    with pytest.raises(ValueError, match="not those of"):
        native.Engine(dims).load(torch.zeros(5))


def test_without_a_compiler_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    native.library.cache_clear()
    with pytest.raises(native.CompilerError, match="no-such-compiler"):
        native.library()
    native.library.cache_clear()
