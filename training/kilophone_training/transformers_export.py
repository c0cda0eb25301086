"""Exports a float run as a ``transformers`` checkpoint: ``config.json``, ``model.safetensors``.

``LlamaForCausalLM.from_pretrained(folder)`` gives the logits of :class:`.model.Llama`, to 1e-4,
over the whole vocabulary (the first ``outputs`` tokens can be answers), when it is given the mask
and the position ids that the folder's ``README.md`` describes: :func:`kilophone_training.model.
attention_mask` and :func:`kilophone_training.model.positions`. ``tokens.json`` lists the tokens.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from .alphabets import Alphabet
from .model import Block, Dimensions, Llama

POSITIONS_MAX = 256
"""Written to the configuration, where it limits nothing: RoPE has no table there."""

README = """\
# Kilophone, {name}

A grapheme-to-phoneme model in the shape of `LlamaForCausalLM` (float32, tied embeddings).

A sequence is: graphemes, `<sep>`, phonemes, `<eos>`; `tokens.json` lists the tokens by number. It
is not a plain causal text model, so two inputs must be given beside the tokens:

* `position_ids`: 0, 1, … over graphemes and `<sep>`; then 1, 2, … over the phonemes, so that the
  i-th phoneme has position i;
* `attention_mask`, 4-D and additive, `(batch, 1, length, length)`: 0 where a token may look,
  `torch.finfo(torch.float32).min` elsewhere. Graphemes and `<sep>` look at each other in both
  directions; a phoneme looks at all of them and at the phonemes up to itself.

```python
n = graphemes.shape[1]                        # graphemes in the word(s), without <sep>
length = tokens.shape[1]                      # graphemes, <sep>, phonemes so far
at = torch.arange(length)
allowed = (at[None, :] <= at[:, None]) | (at[None, :] <= n)
mask = torch.zeros(length, length).masked_fill(~allowed, torch.finfo(torch.float32).min)
positions = torch.cat([torch.arange(n + 1), torch.arange(1, length - n)])
logits = model(
    input_ids=tokens,
    attention_mask=mask.expand(len(tokens), 1, -1, -1),
    position_ids=positions.expand(len(tokens), -1),
    use_cache=False,
).logits[:, n:, :{outputs}]                   # the tokens that can be answers
```

The next phoneme is the largest of the last row; 0 is `<eos>`.
"""


def export(model: Llama, alphabet: Alphabet, folder: Path) -> None:
    """Writes the checkpoint of a float model."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    write_json(folder / "config.json", configuration(model.dims))
    write_json(folder / "tokens.json", tokens(alphabet))
    readme = README.format(name=alphabet.name, outputs=alphabet.outputs)
    (folder / "README.md").write_text(readme, encoding="utf-8")


def configuration(dims: Dimensions) -> dict[str, Any]:
    """``config.json``; the rotary base in the keys of transformers 4 and of transformers 5."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": None,
        "dtype": "float32",
        "eos_token_id": 0,
        "head_dim": dims.head_dim,
        "hidden_act": "silu",
        "hidden_size": dims.dim,
        "intermediate_size": dims.ffn,
        "max_position_embeddings": POSITIONS_MAX,
        "mlp_bias": False,
        "num_attention_heads": dims.heads,
        "num_hidden_layers": dims.layers,
        "num_key_value_heads": dims.heads,
        "pretraining_tp": 1,
        "rms_norm_eps": dims.norm_eps,
        "rope_parameters": {"rope_theta": dims.rope_theta, "rope_type": "default"},
        "rope_theta": dims.rope_theta,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "vocab_size": dims.vocabulary,
    }


def weights(model: Llama) -> dict[str, Tensor]:
    """The weights under the names of ``LlamaForCausalLM``."""
    named: dict[str, Tensor] = {
        "model.embed_tokens.weight": model.embedding,
        "model.norm.weight": model.norm.weight,
    }
    for index, block in enumerate(model.blocks):
        assert isinstance(block, Block)
        q, k, v = block.qkv.weight.chunk(3)
        gate, up = block.gate_up.weight.chunk(2)
        layer = {
            "input_layernorm": block.attention_norm.weight,
            "self_attn.q_proj": q,
            "self_attn.k_proj": k,
            "self_attn.v_proj": v,
            "self_attn.o_proj": block.out.weight,
            "post_attention_layernorm": block.ffn_norm.weight,
            "mlp.gate_proj": gate,
            "mlp.up_proj": up,
            "mlp.down_proj": block.down.weight,
        }
        named |= {f"model.layers.{index}.{name}.weight": w for name, w in layer.items()}
    return {name: w.detach().to(torch.float32).contiguous().clone() for name, w in named.items()}


def tokens(alphabet: Alphabet) -> list[str]:
    """The tokens' names, by number."""
    return ["<eos>", *(p.name for p in alphabet.phonemes), "<sep>", *alphabet.graphemes]


def write_json(path: Path, content: Any) -> None:
    """Writes indented JSON."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
