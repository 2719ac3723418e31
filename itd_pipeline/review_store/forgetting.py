"""Records that are forgotten go from the review application, too: what was shown, what was answered, what was typed.

Belongs here: removing. Does not belong here: finding out which records (`pipeline/forget.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from itd_pipeline.review_store.database import Store, note


def forget_items(store: Store, records: Sequence[str]) -> int:
    """Remove records, pairs that hold one, and everything about them; returns how many items went.

    The free pages of the file are overwritten, so that no text stays behind in it.
    """
    with store.writing() as connection:
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS gone (item_id TEXT PRIMARY KEY)")
        connection.execute("DELETE FROM gone")
        connection.executemany("INSERT OR IGNORE INTO gone SELECT item_id FROM items WHERE item_id = ?1 OR "
                               "json_extract(content, '$.first.record_id') = ?1 OR "
                               "json_extract(content, '$.second.record_id') = ?1", [(r,) for r in records])
        tasks = "(SELECT 'task ' || task_id FROM tasks WHERE item_id IN (SELECT item_id FROM gone) " \
                "UNION SELECT 'dispute ' || item_id FROM gone)"
        connection.execute(f"DELETE FROM drafts WHERE about IN {tasks}")
        connection.execute(f"DELETE FROM events WHERE about IN {tasks}")
        for table in ("tasks", "opinions", "items"):
            connection.execute(f"DELETE FROM {table} WHERE item_id IN (SELECT item_id FROM gone)")
        count = int(connection.execute("SELECT count(*) FROM gone").fetchone()[0])
        if count:
            note(connection, "program", "forgotten", str(count))
    if count:
        store.compact()
    return count
