"""A few models to begin with. Sizes are about; a pull asks the hub for the true ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be had by a short name."""

    name: str
    source: str
    size: float  # GB on disk, about
    ram: float  # GB wanted with a context of 8192 tokens, about
    licence: str
    good_for: str


OFFERS = (
    Offer("qwen2.5-0.5b", "hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q4_K_M", 0.5, 1.0,
          "Apache-2.0", "trying memcli out; the oldest machines"),
    Offer("qwen2.5-1.5b", "hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q4_K_M", 1.1, 2.0,
          "Apache-2.0", "short answers on a laptop, many languages"),
    Offer("smollm2-1.7b", "hf:HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M", 1.1, 3.0,
          "Apache-2.0", "short answers on a laptop, English"),
    Offer("llama-3.2-3b", "hf:bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", 2.0, 3.5,
          "Llama 3.2 (terms of use)", "conversation in European languages"),
    Offer("qwen2.5-7b", "hf:Qwen/Qwen2.5-7B-Instruct-GGUF:Q4_K_M", 4.7, 6.0,
          "Apache-2.0", "good answers with 8 GB of memory, many languages"),
    Offer("granite-3.3-8b", "hf:ibm-granite/granite-3.3-8b-instruct-GGUF:Q4_K_M", 4.9, 7.0,
          "Apache-2.0", "good answers, careful with facts"),
    Offer("bge-small-en", "hf:CompendiumLabs/bge-small-en-v1.5-gguf:Q8_0", 0.04, 0.2,
          "MIT", "no chat: search by meaning in English (embedder.model)"),
)  # fmt: skip


def offer(name: str) -> Offer | None:
    """Return the model with a short name."""
    return next((one for one in OFFERS if one.name == name), None)
