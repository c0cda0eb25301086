"""The exported checkpoint gives the same logits in transformers."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch

from kilophone_training import transformers_export
from kilophone_training.alphabets import Alphabet
from kilophone_training.model import Llama, attention_mask, positions

transformers = pytest.importorskip("transformers")


def test_logits_are_those_of_transformers(model: Llama, alphabet: Alphabet, tmp_path: Path) -> None:
    transformers_export.export(model, alphabet, tmp_path)
    llama, loading = transformers.LlamaForCausalLM.from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert not any(loading[k] for k in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert llama.dtype == torch.float32
    assert llama.lm_head.weight.data_ptr() == llama.model.embed_tokens.weight.data_ptr()

    rng = random.Random(1)
    for graphemes, phonemes in ((1, 0), (3, 2), (9, 9), (25, 22)):
        rows = [
            [
                *rng.choices(range(alphabet.separator + 1, alphabet.vocabulary), k=graphemes),
                alphabet.separator,
                *rng.choices(range(1, alphabet.outputs), k=phonemes),
            ]
            for _ in range(4)
        ]
        tokens = torch.tensor(rows)
        length = tokens.shape[1]
        with torch.no_grad():
            ours = model(tokens, graphemes)
            theirs = llama.eval()(
                input_ids=tokens,
                attention_mask=attention_mask(graphemes, length).expand(4, 1, -1, -1),
                position_ids=positions(graphemes, length).expand(4, -1),
                use_cache=False,
            ).logits[:, graphemes:, : alphabet.outputs]
        assert (ours - theirs).abs().max() < 1e-4


def test_the_tokens_are_listed(model: Llama, alphabet: Alphabet, tmp_path: Path) -> None:
    transformers_export.export(model, alphabet, tmp_path)
    tokens = json.loads((tmp_path / "tokens.json").read_text(encoding="utf-8"))
    assert len(tokens) == alphabet.vocabulary
    assert tokens[0] == "<eos>"
    assert tokens[alphabet.separator] == "<sep>"
    assert all(tokens[t] == p for p, t in alphabet.phoneme_token.items())
    assert all(tokens[t] == g for g, t in alphabet.grapheme_token.items())
    assert f":{alphabet.outputs}]" in (tmp_path / "README.md").read_text(encoding="utf-8")
