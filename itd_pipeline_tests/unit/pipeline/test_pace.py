from itd_pipeline.pipeline.pace import paced


def test_rate_and_time_left_are_told_twice_a_second_and_at_the_end():
    now, told = [0.0], []
    tell = paced(lambda step, progress: told.append(f"{step}: {progress.sentence}"), lambda: now[0])
    assert tell is not None
    for done, at in ((0, 0.0), (100, 0.4), (200, 1.0), (1000, 1.2)):
        now[0] = at
        tell("each record", done, 1000)
    assert told == ["each record: 0 of 1,000 records, 0/s", "each record: 200 of 1,000 records, 200/s, 4 s left",
                    "each record: 1,000 of 1,000 records, 833/s"]


def test_nobody_is_told_nothing():
    assert paced(None) is None
