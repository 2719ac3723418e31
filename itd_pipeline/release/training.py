"""Ready configurations for TRL, Axolotl and LLaMA-Factory, and what the card tells `datasets`.

All paths are relative to the release folder, so a command is run there: `trl sft --config training/trl.yaml`. The base
model in them is an example that fits two processor cores.

Belongs here: files that other programs read. Does not belong here: the shapes of records (`formats.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from itd_pipeline.release.encode import json_bytes

_BASE_MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
_LONGEST_TOKENS = 2048
FULL, STRONG, STRONG_CHAT = "full", "strong", "strong-chat"


def configs(splits: Sequence[str], strong_splits: Sequence[str]) -> dict[str, dict[str, str]]:
    """Name of a configuration -> split -> its file. `full` comes first: it is the default.

    The training shapes are none of them: `datasets` reads all configurations of a folder with one reader, and
    they are JSON lines. `load_dataset(folder + "/formats/chat")` reads those.
    """
    found = {FULL: {split: parquet_path("data", split) for split in splits}}
    if strong_splits:
        found[STRONG] = {split: parquet_path("strong", split) for split in strong_splits}
    return found


def parquet_path(folder: str, split: str) -> str:
    """File of a split, named as the Hub names shards."""
    return f"{folder}/{split}-00000-of-00001.parquet"


def training_files(name: str, splits: Sequence[str], strong_splits: Sequence[str]) -> dict[str, bytes]:
    """Path -> bytes. Nothing where there is no training split."""
    if "train" not in splits:
        return {}
    held = "validation" in splits
    return {
        "training/trl.yaml": _yaml(_trl(held)),
        "training/axolotl.yaml": _yaml(_axolotl(held)),
        "training/llamafactory.yaml": _yaml(_llamafactory(name, held)),
        "formats/dataset_info.json": json_bytes(_dataset_info(name, splits, strong_splits)),
    }


def _trl(held: bool) -> dict[str, Any]:
    return {
        "model_name_or_path": _BASE_MODEL, "dataset_name": "formats/chat",
        "dataset_train_split": "train", **({"dataset_test_split": "validation"} if held else {}),
        "eval_strategy": "epoch" if held else "no", "output_dir": "outputs/trl", "num_train_epochs": 1,
        "per_device_train_batch_size": 1, "gradient_accumulation_steps": 16, "learning_rate": 2.0e-5,
        "max_length": _LONGEST_TOKENS, "packing": False, "bf16": False, "seed": 7,
        "report_to": "none",
    }


def _axolotl(held: bool) -> dict[str, Any]:
    def listed(split: str) -> list[dict[str, Any]]:
        return [{
            "path": f"formats/chat/{split}.jsonl", "ds_type": "json", "type": "chat_template", "split": "train",
            "field_messages": "messages", "message_property_mappings": {"role": "role", "content": "content"},
            "roles_to_train": ["assistant"],
        }]

    return {
        "base_model": _BASE_MODEL, "chat_template": "tokenizer_default", "datasets": listed("train"),
        **({"test_datasets": listed("validation")} if held else {}), "output_dir": "outputs/axolotl",
        "sequence_len": _LONGEST_TOKENS, "sample_packing": False, "micro_batch_size": 1,
        "gradient_accumulation_steps": 16, "num_epochs": 1, "learning_rate": 2.0e-5, "optimizer": "adamw_torch",
        "lr_scheduler": "cosine", "seed": 7,
    }


def _llamafactory(name: str, held: bool) -> dict[str, Any]:
    return {
        "model_name_or_path": _BASE_MODEL, "stage": "sft", "do_train": True, "finetuning_type": "lora",
        "lora_target": "all", "dataset_dir": "formats", "dataset": f"{name}_train",
        **({"eval_dataset": f"{name}_validation", "eval_strategy": "epoch"} if held else {}), "template": "smollm2",
        "cutoff_len": _LONGEST_TOKENS, "output_dir": "outputs/llamafactory", "num_train_epochs": 1.0,
        "per_device_train_batch_size": 1, "gradient_accumulation_steps": 16, "learning_rate": 2.0e-5, "seed": 7,
        "report_to": "none",
    }


def _dataset_info(name: str, splits: Sequence[str], strong_splits: Sequence[str]) -> dict[str, Any]:
    """LLaMA-Factory's list of data sets; it looks for it in `dataset_dir`."""
    openai = {"formatting": "sharegpt", "columns": {"messages": "messages"},
              "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user",
                       "assistant_tag": "assistant", "system_tag": "system"}}
    sharegpt = {"formatting": "sharegpt", "columns": {"messages": "conversations", "system": "system"}}
    alpaca = {"formatting": "alpaca",
              "columns": {"prompt": "instruction", "query": "input", "response": "output"}}
    found: dict[str, Any] = {}
    for split in splits:
        found[f"{name}_{split}"] = {"file_name": f"chat/{split}.jsonl", **openai}
        found[f"{name}_sharegpt_{split}"] = {"file_name": f"sharegpt/{split}.jsonl", **sharegpt}
        found[f"{name}_alpaca_{split}"] = {"file_name": f"alpaca/{split}.jsonl", **alpaca}
    for split in strong_splits:
        found[f"{name}_strong_{split}"] = {"file_name": f"{STRONG_CHAT}/{split}.jsonl", **openai}
    return found


def front_matter_configs(found: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """`configs` of the card's front matter, as the Hub reads them."""
    return [
        {"config_name": name, **({"default": True} if name == FULL else {}),
         "data_files": [{"split": split, "path": path} for split, path in files.items()]}
        for name, files in found.items() if files
    ]


def _yaml(content: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=120).encode()
