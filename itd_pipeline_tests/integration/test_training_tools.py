"""Training configurations are accepted by the tools they are for, and a model takes two steps on them.

The tools are large and disagree on versions, so each lives in an environment of its own. Name its interpreter:

    python -m venv trl && trl/bin/pip install trl             ITD_TRL_PYTHON=trl/bin/python
    python -m venv lf && lf/bin/pip install llamafactory      ITD_LLAMAFACTORY_PYTHON=lf/bin/python
    python -m venv ax && ax/bin/pip install axolotl           ITD_AXOLOTL_PYTHON=ax/bin/python

Without it a test is skipped and says so. A model of a few thousand weights is made on the spot: no network, no GPU.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from itd_pipeline.release import build_release
from itd_pipeline_tests.unit.release import conftest as made

pytestmark = pytest.mark.full

_MODEL = """
import glob, sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
pieces = Tokenizer(models.BPE())
pieces.pre_tokenizer, pieces.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
lines = [line for path in sorted(glob.glob("formats/chat/*.jsonl")) for line in open(path, encoding="utf-8")]
pieces.train_from_iterator(lines, trainers.BpeTrainer(
    vocab_size=400, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=pieces, eos_token="<|im_end|>", bos_token="<|im_start|>",
                                    pad_token="<|endoftext|>", unk_token="<|endoftext|>")
tokenizer.chat_template = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
tokenizer.save_pretrained("model")
LlamaForCausalLM(LlamaConfig(
    vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
    num_key_value_heads=2, max_position_embeddings=2048, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)).save_pretrained("model")
"""
_TRL = """
import json
from datasets import load_dataset
from trl import ModelConfig, ScriptArguments, SFTConfig, SFTTrainer, TrlParser
script, training, model = TrlParser((ScriptArguments, SFTConfig, ModelConfig)).parse_args_and_config([
    "--config", "training/trl.yaml", "--model_name_or_path", "model", "--max_steps", "2", "--use_cpu", "true",
    "--eval_strategy", "no", "--save_strategy", "no", "--gradient_accumulation_steps", "1"])
data = load_dataset(script.dataset_name, name=script.dataset_config)
trainer = SFTTrainer(model=model.model_name_or_path, args=training, train_dataset=data[script.dataset_train_split],
                     eval_dataset=data[script.dataset_test_split])
trainer.train()
print(json.dumps({"train": len(trainer.train_dataset), "validation": len(trainer.eval_dataset),
                  "steps": trainer.state.global_step}))
"""
_LLAMAFACTORY = """
import json, yaml
from llamafactory.data.loader import _get_merged_dataset
from llamafactory.data.template import TEMPLATES
from llamafactory.hparams import get_train_args
args = yaml.safe_load(open("training/llamafactory.yaml"))
model, data, training, *_ = get_train_args({**args, "model_name_or_path": "model"})
assert args["template"] in TEMPLATES
def loaded(name):
    found = _get_merged_dataset([name], model, data, training, "sft")
    assert found[0]["_prompt"][0]["content"] and found[0]["_response"][0]["content"], name
    return len(found)
print(json.dumps({"train": loaded(data.dataset[0]), "validation": loaded(data.eval_dataset[0]),
                  "listed": {name: loaded(name) for name in json.load(open("formats/dataset_info.json"))}}))
"""
_AXOLOTL = """
import json, yaml
import axolotl.utils.data.sft as loading
from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets
loading.save_preprocessed_dataset = lambda *a, **k: None  # loading is asked for, no cache on disk
config = yaml.safe_load(open("training/axolotl.yaml"))
config |= {"base_model": "model", "dataset_num_proc": 1, "dataset_prepared_path": "prepared"}
yaml.safe_dump(config, open("axolotl.yaml", "w"))
found = load_datasets(cfg=load_cfg("axolotl.yaml"))
row = found.train_dataset[0]
learnt = sum(label != -100 for label in row["labels"])
print(json.dumps({"train": len(found.train_dataset), "validation": len(found.eval_dataset),
                  "only_the_answer": 0 < learnt < len(row["labels"])}))
"""


def _interpreter(variable: str) -> str:
    found = os.environ.get(variable, "")
    if not found:
        pytest.skip(f"{variable} names no interpreter; see the head of this file")
    assert Path(found).is_file(), f"{variable}: there is no {found}"
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release with every configuration."""
    content = build_release(made.inputs_of(
        release={"validation_share": 0.2, "test_share": 0.1},
        strong={f"r{n:03}": {"rank": n + 1, "complexity": 0.5, "quality": 0.5} for n in range(12)}))
    for path, raw in content.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(raw)
    return tmp_path


def _run(python: str, program: str, folder: Path) -> dict:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf"), "AXOLOTL_DO_NOT_TRACK": "1",
                   "CUDA_VISIBLE_DEVICES": "", "TOKENIZERS_PARALLELISM": "false"}
    for code in (_MODEL, program):
        done = subprocess.run([python, "-c", code], cwd=folder, env=environment, capture_output=True, text=True,
                              check=False, timeout=300, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def _rows(folder: Path) -> dict[str, int]:
    return json.loads((folder / "RELEASE.json").read_text())["rows_per_split"]


def test_trl_trains_on_it(folder: Path) -> None:
    found = _run(_interpreter("ITD_TRL_PYTHON"), _TRL, folder)
    rows = _rows(folder)
    assert found == {"train": rows["train"], "validation": rows["validation"], "steps": 2}


def test_llamafactory_loads_every_data_set_of_its_list(folder: Path) -> None:
    found = _run(_interpreter("ITD_LLAMAFACTORY_PYTHON"), _LLAMAFACTORY, folder)
    rows = _rows(folder)
    assert (found["train"], found["validation"]) == (rows["train"], rows["validation"])
    assert len(found["listed"]) == len(json.loads((folder / "formats" / "dataset_info.json").read_text()))
    assert found["listed"]["tiny_itd_alpaca_test"] == found["listed"]["tiny_itd_sharegpt_test"] == rows["test"]


def test_axolotl_loads_it_and_learns_the_answers_alone(folder: Path) -> None:
    found = _run(_interpreter("ITD_AXOLOTL_PYTHON"), _AXOLOTL, folder)
    rows = _rows(folder)
    assert found == {"train": rows["train"], "validation": rows["validation"], "only_the_answer": True}
