import numpy as np
import pytest

from itd_pipeline.errors import ConfigError, StorageError
from itd_pipeline.llm.embedding import StoredEmbedder, open_embedder
from itd_pipeline.llm.minilm import CARRIED_EMBEDDER, MiniLM


class Counting:
    name = "counting@1"
    local, hosts = True, ()

    def __init__(self):
        self.asked = []

    def embed(self, texts):
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], np.float32)


def test_no_text_is_embedded_twice(tmp_path):
    embedder = Counting()
    first = StoredEmbedder(embedder, tmp_path / "v.sqlite").embed(["a", "bb", "a"])
    second = StoredEmbedder(embedder, tmp_path / "v.sqlite").embed(["bb", "ccc"])
    assert embedder.asked == ["a", "bb", "ccc"]
    assert first.tolist() == [[1, 1], [2, 1], [1, 1]]
    assert second.tolist() == [[2, 1], [3, 1]]


def test_another_model_has_vectors_of_its_own(tmp_path):
    StoredEmbedder(Counting(), tmp_path / "v.sqlite").embed(["a"])
    other = Counting()
    other.name = "counting@2"
    StoredEmbedder(other, tmp_path / "v.sqlite").embed(["a"])
    assert other.asked == ["a"]


def test_a_damaged_store_names_its_file(tmp_path):
    (tmp_path / "v.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError, match=r"v\.sqlite"):
        StoredEmbedder(Counting(), tmp_path / "v.sqlite").embed(["a"])


def test_an_unknown_local_embedder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="local/other"):
        open_embedder("local/other", tmp_path / "v.sqlite")


def test_the_carried_model_puts_paraphrases_nearer_than_other_topics(tmp_path):
    vectors = open_embedder(CARRIED_EMBEDDER, tmp_path / "v.sqlite").embed([
        "How is high blood pressure treated?", "What is the therapy of hypertension?",
        "Which vaccine do travellers to Kenya need?"])
    cosine = vectors @ vectors.T
    assert np.diag(cosine) == pytest.approx(1, abs=1e-5)
    assert cosine[0, 1] > 0.7 > 0.4 > cosine[0, 2]


def test_company_does_not_change_a_vector():
    alone = MiniLM().embed(["One of them."])
    among = MiniLM().embed(["A longer text that stands beside it.", "One of them.", "Two of them."])
    assert among[1] == pytest.approx(alone[0], abs=1e-5)
