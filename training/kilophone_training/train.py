"""The training loop: a schedule over steps, an averaged copy of the weights, checkpoints.

A run is a folder with ``checkpoint.pt`` (everything that a stopped run needs to go on to the same
result), ``log.tsv`` (dev figures as they came) and, at the end, ``model.safetensors`` with its
``recipe.json``: the averaged float32 weights, from which the exports and later runs start.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm

from . import native, quantization, scoring
from .alphabets import ALPHABETS, Alphabet
from .corpus import IGNORED, Batch, Corpus, PackedCorpus
from .data import SPLITS, Pronunciations
from .model import Dimensions, Llama


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run beside its words, and which words they are.

    ``rate`` is AdamW's highest; ``splits`` the lists that were learned from, joined by ``+``. A
    ``quantized`` run learns in the pack's arithmetic after ``float_share`` of its steps, with a
    ``weight_step`` of weights in root mean squares of their group.
    ``damping`` is the share of the way to its rounded value that a weight goes after each step at
    the end of a quantized run (rising from 0 at its beginning), lest it swing between two values
    (Nagel et al. 2022, "Overcoming oscillations in quantization-aware training").
    ``alignment_weight`` is the weight of the loss of the head that looks at a phoneme's letters,
    ``teacher_share`` that of soft labels where a listed word has them (other words have nothing
    else). ``known_share`` is by how much less often a listed pronunciation is drawn as long as the
    model got it right when it last saw it, ``unlisted_weight`` what the weight of a word of no list
    is multiplied by. ``taught``: it learned from teachers' labels, of words of wordfreq, WikiPron
    and the census among others.
    """

    language: str
    dim: int
    layers: int
    heads: int
    ffn: int
    epochs: float
    batch: int
    rate: float
    warmup_steps: int = 300
    final_rate: float = 0.01
    weight_decay: float = 0.05
    dropout: float = 0.1
    label_smoothing: float = 0.1
    gradient_clip: float = 1.0
    average_steps: int = 2000
    quantized: bool = False
    weight_step: float = quantization.STEP
    float_share: float = 0.0
    damping: float = 0.0
    alignment_weight: float = 0.0
    teacher_share: float = 0.5
    rope_theta: float = 100.0
    seed: int = 1
    splits: str = "train"
    known_share: float = 1.0
    unlisted_weight: float = 1.0
    taught: bool = False
    backward: bool = False
    word_dropout: bool = True
    muon: bool = False

    @property
    def alphabet(self) -> Alphabet:
        """The recipe's alphabet, in its direction."""
        return replace(ALPHABETS[self.language], backward=self.backward)

    def dimensions(self) -> Dimensions:
        """The shape of the recipe's model."""
        alphabet = ALPHABETS[self.language]
        return Dimensions(
            alphabet.vocabulary, alphabet.outputs, self.dim, self.layers, self.heads, self.ffn,
            self.rope_theta,
        )  # fmt: skip


def loss_of(model: Llama, batch: Batch, recipe: Recipe) -> tuple[Tensor, Tensor]:
    """The mean loss of the batch's steps with that of the alignment head, and which examples
    ``(words,)`` the model gets right."""
    logits, attention = model.aligned(batch.tokens, batch.prefix)
    logs = logits.log_softmax(-1)
    is_step = batch.answers != IGNORED
    right = logs.gather(-1, batch.answers.clamp_min(0)[..., None])[..., 0]
    smoothing = recipe.label_smoothing
    loss = -(1 - smoothing) * right - smoothing * logs.mean(-1)
    if batch.soft_tokens.shape[-1]:
        soft = -(batch.soft_shares * logs.gather(-1, batch.soft_tokens)).sum(-1)
        share = torch.where(batch.listed, recipe.teacher_share, 1.0)[:, None]
        share = share * (batch.soft_shares.sum(-1) > 0)
        loss = (1 - share) * loss + share * soft
    total = loss[is_step].mean()
    if recipe.alignment_weight:
        aligned = -(batch.letters * attention).sum() / batch.letters.sum().clamp_min(1)
        total = total + recipe.alignment_weight * aligned
    return total, ((logs.argmax(-1) == batch.answers) | ~is_step).all(-1)


def rate_at(recipe: Recipe, step: int, steps: int) -> float:
    """Warm-up, then a cosine from ``rate`` down to ``final_rate`` of it."""
    warm = min(1.0, (step + 1) / recipe.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return recipe.rate * warm * (recipe.final_rate + (1 - recipe.final_rate) * cosine)


FREQUENCY_LANGUAGES = {"en-us": "en", "ko": "ko"}
"""Names that wordfreq gives to the languages."""


def zipf_frequencies(language: str) -> dict[str, float]:
    """Word → log10 of its occurrences in 10^9 words, by wordfreq; rare words are not listed."""
    import wordfreq

    frequencies = wordfreq.get_frequency_dict(FREQUENCY_LANGUAGES[language], "best")
    return {word: wordfreq.freq_to_zipf(f) for word, f in frequencies.items()}


OTHERS_WEIGHT = 0.15


def released(alphabet: Alphabet, words: Pronunciations) -> Corpus:
    """The corpus of a model that ships, which says the first pronunciation of a word: the others
    are drawn 0.15 times an epoch, so that they come next."""
    pairs = [(word, p) for word, listed in words.items() for p in listed]
    weights = [
        OTHERS_WEIGHT if place else 1.0 for listed in words.values() for place in range(len(listed))
    ]
    return Corpus(alphabet, pairs, weights)


def evaluate(
    speaker: Llama | native.Engine, alphabet: Alphabet, words: Pronunciations
) -> scoring.Scores:
    """Greedy scores of a model, or of the parameters that an engine has: for choosing only,
    published figures come from the library."""
    rows = speaker.say([alphabet.encode_word(word) for word in words], alphabet.separator)
    said = {w: alphabet.decode_phonemes(list(r)) for w, r in zip(words, rows, strict=True)}
    return scoring.score(said, words, alphabet)


def train(
    recipe: Recipe,
    corpus: Corpus,
    dev: Pronunciations,
    run: Path,
    start: Path | None = None,
    evaluations: int = 12,
    threads: int = 2,
) -> Llama:
    """Trains, or goes on with the run in ``run``; returns the averaged model.

    ``start`` is the folder of a finished run whose weights this one begins with (:func:`begin`).
    """
    alphabet = recipe.alphabet
    torch.manual_seed(recipe.seed)
    model = Llama(recipe.dimensions(), recipe.dropout)
    if start is not None:
        begin(model, load(start)[0])
    flat = native.flatten(model)
    gradient = torch.zeros_like(flat)
    optimizer = native.Optimizer(recipe.dimensions(), flat, recipe.muon, threads)
    engine = native.Engine(recipe.dimensions(), threads)
    packed = PackedCorpus(corpus.examples, alphabet.separator)
    per_epoch = -(-sum(e.weight for e in corpus.examples) // recipe.batch)
    steps = max(1, round(per_epoch * recipe.epochs))
    every = max(1, steps // evaluations)

    run.mkdir(parents=True, exist_ok=True)
    checkpoint, log = run / "checkpoint.pt", run / "log.tsv"
    step = epoch = 0
    shares = np.ones(len(corpus.examples))
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if Recipe(**saved["recipe"]) != recipe:
            raise ValueError(f"{run} holds a run of another recipe: {saved['recipe']}")
        for name, tensor in optimizer.state().items():
            tensor.copy_(saved[name])
        optimizer.steps = step = saved["step"]
        epoch, shares = saved["epoch"], saved["shares"].numpy()
    else:
        log.write_text("step\tloss\tdev_per\tdev_wer\n")

    weight_step = recipe.weight_step if recipe.quantized else None
    averaged = Llama(recipe.dimensions()).quantize(weight_step).eval()
    matrices = native.matrices(flat, model)
    losses: list[float] = []
    with tqdm(total=steps, initial=step, unit="step", desc=run.name, mininterval=10) as progress:
        while step < steps:
            # An epoch's order and dropout depend on its number alone, so that a run that was
            # stopped goes on, from the beginning of its epoch, as if it had not been.
            drawn = corpus.draw(np.random.default_rng([recipe.seed, epoch]), shares)
            for first in range(0, len(drawn), recipe.batch):
                if step >= steps:
                    break
                indices = drawn[first : first + recipe.batch]
                is_float = step < recipe.float_share * steps
                engine.load(flat, None if is_float else weight_step, training=True)
                loss, right = engine.gradients(
                    packed, indices, recipe, recipe.seed * 1_000_003 + step, gradient
                )
                if recipe.known_share < 1:
                    known = (right != 0) & (packed.listed[indices] != 0)
                    shares[indices] = np.where(known, recipe.known_share, 1.0)
                step += 1
                decay = min(1 - 1 / recipe.average_steps, step / (step + 10))
                optimizer.step(
                    gradient, rate_at(recipe, step - 1, steps), recipe.weight_decay,
                    recipe.gradient_clip, 1 - decay,
                )  # fmt: skip
                if recipe.damping and not is_float:
                    for matrix in matrices:
                        rounded = quantization.weights(matrix, recipe.weight_step)
                        matrix.lerp_(rounded, recipe.damping * step / steps)
                losses.append(loss)
                progress.update()
                if step % every == 0 or step == steps:
                    if step == steps:  # in the pack's arithmetic, activations and all
                        native.unflatten(optimizer.mean, averaged)
                        scores = evaluate(averaged, alphabet, dev)
                    else:
                        engine.load(optimizer.mean, weight_step)
                        scores = evaluate(engine, alphabet, dev)
                    loss_mean = sum(losses) / len(losses)
                    row = f"{step}\t{loss_mean:.4f}\t{scores.per:.3f}\t{scores.wer:.2f}"
                    progress.write(row)
                    with log.open("a") as file:
                        file.write(row + "\n")
                    losses.clear()
            epoch += 1
            state = {
                "recipe": asdict(recipe),
                **optimizer.state(),
                "step": step,
                "epoch": epoch,
                "shares": torch.from_numpy(shares),
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
    native.unflatten(optimizer.mean, averaged)
    save(averaged, recipe, run)
    return averaged


def begin(model: Llama, earlier: Llama) -> None:
    """Gives a model the weights of an earlier one. Layers that the earlier one lacks come before
    its last one and change nothing at first: what they add is zeros."""
    added = len(model.blocks) - len(earlier.blocks)
    new = list(model.blocks)[-1 - added : -1]
    for block in new:
        nn.init.zeros_(block.get_parameter("out.weight"))
        nn.init.zeros_(block.get_parameter("down.weight"))
    earlier.blocks = nn.ModuleList([*earlier.blocks[:-1], *new, earlier.blocks[-1]])
    model.load_state_dict(earlier.state_dict())


def save(model: Llama, recipe: Recipe, folder: Path) -> None:
    """Writes ``model.safetensors`` and ``recipe.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")


def load(folder: Path) -> tuple[Llama, Recipe]:
    """The float model of a finished run, and its recipe."""
    recipe = Recipe(**json.loads((folder / "recipe.json").read_text()))
    model = Llama(recipe.dimensions())
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval(), recipe


ALIGNMENT_WEIGHT = 0.1

ENGLISH_RECIPE = Recipe(
    "en-us", dim=128, layers=4, heads=4, ffn=256, epochs=32, batch=128, rate=2e-3
)
KOREAN_RECIPE = Recipe(
    "ko", dim=64, layers=2, heads=2, ffn=128, epochs=10, batch=64, rate=2e-3,
    dropout=0.0, label_smoothing=0.05, average_steps=1000,
)  # fmt: skip
TEACHER_RECIPE = replace(
    ENGLISH_RECIPE, dim=256, ffn=512, epochs=12, batch=256, rate=2.5e-3, warmup_steps=200,
    average_steps=500, muon=True,
)  # fmt: skip
STUDENT_RECIPE = replace(
    ENGLISH_RECIPE, layers=5, epochs=39, batch=256, rate=2e-3, warmup_steps=200,
    average_steps=1000, muon=True, dropout=0.0, label_smoothing=0.05, known_share=0.5,
    unlisted_weight=0.5, quantized=True, weight_step=0.65, alignment_weight=ALIGNMENT_WEIGHT,
)  # fmt: skip
SETTLING_RECIPE = replace(STUDENT_RECIPE, epochs=3, rate=4e-4, damping=0.004)
RECIPES = {
    "en-us": {
        "float": ENGLISH_RECIPE,
        "teacher": TEACHER_RECIPE,
        "student": STUDENT_RECIPE,
        "settling": SETTLING_RECIPE,
    },
    "ko": {"float": KOREAN_RECIPE},
}
"""The recipes of a language by name: of the float model that all begins with, of a teacher, of the
student, with the teachers' labels, and of its last epochs, which make the split pack of it."""


def finetuning(recipe: Recipe, epochs: float, rate: float) -> Recipe:
    """The quantisation-aware recipe that goes on from a trained float model, on the same words."""
    return replace(
        recipe, epochs=epochs, rate=rate, warmup_steps=100, average_steps=500, quantized=True,
        float_share=0.0, dropout=recipe.dropout / 2, alignment_weight=ALIGNMENT_WEIGHT,
    )  # fmt: skip


def releasing(recipe: Recipe, epochs: float, rate: float) -> Recipe:
    """The fine-tuning of a model that is shipped, on every list, without dropout, and more often on
    the words that it does not know yet, since the lists have to be known in the end: what the
    model does not say of them is corrected."""
    return replace(
        finetuning(recipe, epochs, rate), dropout=0.0, label_smoothing=0.02,
        splits="+".join(SPLITS), known_share=0.4,
    )  # fmt: skip
