"""Tiny GGUF models with random weights, written with the ``gguf`` package."""

import gguf
import numpy as np

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}"
    "{% endfor %}{{ '<|im_start|>assistant\n' }}"
)
CONTROLS = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]


def byte_characters():
    """GPT-2's table of visible characters for all bytes."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in visible}
    hidden = (byte for byte in range(256) if byte not in visible)
    table.update({byte: chr(256 + i) for i, byte in enumerate(hidden)})
    return [table[byte] for byte in range(256)]


MERGES = ["t h", "th e", "Ġ the", "i n", "Ġ a", "e r", "o n", "Ġ i", "Ġ w", "a t"]


def vocabulary():
    merged = [merge.replace(" ", "") for merge in MERGES]
    return [*CONTROLS, *byte_characters(), *merged]


def write_llama(
    path,
    *,
    template=CHATML,
    context=256,
    seed=0,
    layers=2,
    width=64,
    heads=4,
    kv=None,
    feed=None,
    q8=False,
    eos=True,
    pre="gpt-2",
    extra=(),
    eos_id=3,
    kind=3,
    controls=CONTROLS,
    name="",
):
    """Write a llama with a byte-level BPE vocabulary and random weights.

    Without ``eos`` its likeliest token is never a control token, so its answers do not end.
    ``extra`` are more tokens at the end of the vocabulary. There are ``heads`` for queries and
    ``kv`` for keys and values; ``feed`` is the width of the feed-forward part; with ``q8`` weights
    are in Q8_0. ``controls`` begin the vocabulary; but for the
    first two they are of a ``kind``: 3, control; 4, user defined.
    """
    rng = np.random.default_rng(seed)
    tokens = [*controls, *vocabulary()[len(CONTROLS) :], *extra]
    kv, feed = kv or heads, feed or 2 * width
    narrow = width // heads * kv
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(name or f"tiny-{seed}")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(feed)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    types = [3, 3, *[kind] * (len(controls) - 2)]
    types += [1] * (len(tokens) - len(types))
    writer.add_token_types(types)
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(0)
    if eos:
        writer.add_eos_token_id(eos_id)
    writer.add_add_bos_token(True)
    if template:
        writer.add_chat_template(template)

    def tensor(name, *shape):
        weights = rng.normal(0, 0.3, shape).astype(np.float32)
        if q8:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(weights, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, weights)

    tensor("token_embd.weight", len(tokens), width)
    for i in range(layers):
        writer.add_tensor(f"blk.{i}.attn_norm.weight", np.ones(width, dtype=np.float32))
        writer.add_tensor(f"blk.{i}.ffn_norm.weight", np.ones(width, dtype=np.float32))
        for name, rows in (("q", width), ("k", narrow), ("v", narrow), ("output", width)):
            tensor(f"blk.{i}.attn_{name}.weight", rows, width)
        tensor(f"blk.{i}.ffn_gate.weight", feed, width)
        tensor(f"blk.{i}.ffn_up.weight", feed, width)
        tensor(f"blk.{i}.ffn_down.weight", width, feed)
    writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
    output = rng.normal(0, 0.3, (len(tokens), width)).astype(np.float32)
    if not eos:
        output[: len(controls)] = 0
    writer.add_tensor("output.weight", output)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_mamba(path, *, context=256, seed=0, layers=2, width=64, state=8, convolution=4):
    """Write a mamba, which has a state instead of cells, with the same vocabulary and template."""
    rng = np.random.default_rng(seed)
    tokens, inner, rank = vocabulary(), 2 * width, 4
    writer = gguf.GGUFWriter(str(path), "mamba")
    writer.add_name(f"mamba-{seed}")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_ssm_conv_kernel(convolution)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(CONTROLS) + [1] * (len(tokens) - len(CONTROLS)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHATML)

    def tensor(name, *shape):
        writer.add_tensor(name, rng.normal(0, 0.3, shape).astype(np.float32))

    tensor("token_embd.weight", len(tokens), width)
    for i in range(layers):
        writer.add_tensor(f"blk.{i}.attn_norm.weight", np.ones(width, dtype=np.float32))
        tensor(f"blk.{i}.ssm_in.weight", 2 * inner, width)
        tensor(f"blk.{i}.ssm_conv1d.weight", inner, convolution)
        tensor(f"blk.{i}.ssm_conv1d.bias", inner)
        tensor(f"blk.{i}.ssm_x.weight", rank + 2 * state, inner)
        tensor(f"blk.{i}.ssm_dt.weight", inner, rank)
        tensor(f"blk.{i}.ssm_dt.bias", inner)
        decay = -np.tile(np.arange(1, state + 1, dtype=np.float32), (inner, 1))
        writer.add_tensor(f"blk.{i}.ssm_a", decay)
        writer.add_tensor(f"blk.{i}.ssm_d", np.ones(inner, dtype=np.float32))
        tensor(f"blk.{i}.ssm_out.weight", width, inner)
    writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
    output = rng.normal(0, 0.3, (len(tokens), width)).astype(np.float32)
    output[: len(CONTROLS)] = 0
    writer.add_tensor("output.weight", output)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
