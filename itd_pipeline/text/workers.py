"""Work on several cores: a pure function over tasks, results in the order of the tasks, few of them in memory.

Belongs here: processes, their beginning and end. Does not belong here: what they do.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import TypeVar

from itd_pipeline.errors import StorageError

Task = TypeVar("Task")
Result = TypeVar("Result")
_FORK_SERVER = "forkserver" in multiprocessing.get_all_start_methods()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered_map(
    function: Callable[[Task], Result], tasks: Iterable[Task], workers: int, preload: Sequence[str] = (),
    alone_s: float = 0.0,
) -> Iterator[Result]:
    """`function` of each task, in order. One task, or one worker, needs no further process.

    Args:
        function: importable by name, without side effects.
        tasks: read two ahead of the workers, not further.
        workers: processes; 0 means one for each core.
        preload: further modules whose import loads what workers then share, where the system can fork.
        alone_s: seconds of work after which it is worth starting other processes, which takes about one.

    Raises:
        StorageError: the system ended a worker, most likely for want of memory.
    """
    count = workers or cores()
    ahead = iter(tasks)
    first = list(islice(ahead, 2))
    ahead = chain(first, ahead)
    if count < 2 or len(first) < 2:
        yield from map(function, ahead)
        return
    started = time.monotonic()
    while alone_s and time.monotonic() - started < alone_s:
        task = next(ahead, _NONE)
        if isinstance(task, _None):
            return
        yield function(task)
    # Not forked from here: DuckDB, Arrow and Dagster keep threads, whose locks a fork would copy. The fork server is a
    # clean process that has imported the function's module once for all workers.
    context = multiprocessing.get_context("forkserver" if _FORK_SERVER else "spawn")
    if _FORK_SERVER:
        context.set_forkserver_preload([_module_of(function), *preload])
    with ProcessPoolExecutor(count, context, initializer=_begin) as pool:
        others = threading.Thread(target=_wake, args=(pool,), daemon=True)
        waiting: deque[Future[Result]] = deque()
        try:
            if alone_s:
                others.start()
            while others.is_alive():  # they take a second or two to come; until then this one goes on
                task = next(ahead, _NONE)
                if isinstance(task, _None):
                    return
                yield function(task)
            for task in ahead:
                with _main_module_hidden():  # submitting starts processes
                    waiting.append(pool.submit(function, task))
                if len(waiting) > count + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise StorageError(
                "A process that cleans texts was ended by the system, most likely for want of memory.",
                "Set `cleaning.workers` to 1, or free memory, and run the same command again.") from error
        finally:
            for future in waiting:
                future.cancel()
            if alone_s:
                others.join()


def _wake(pool: ProcessPoolExecutor) -> None:
    """Come back when the first of the other processes is there. Asking for it waits until the fork server has loaded
    its modules, so this is not for the thread that works."""
    with suppress(BrokenProcessPool), _main_module_hidden():
        pool.submit(os.getpid).result()


class _None:
    """No task is left."""


_NONE = _None()


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    """New processes run the main module of their parent again, for functions that are defined there. Ours are
    imported by name, so a script of a user's own need not be guarded against being run twice."""
    main = sys.modules["__main__"]
    held = {name: vars(main).get(name) for name in ("__file__", "__spec__")}
    try:
        for name in held:
            setattr(main, name, None)
        yield
    finally:
        for name, value in held.items():
            setattr(main, name, value)


def _module_of(function: Callable[..., object]) -> str:
    return str(getattr(function, "func", function).__module__)


def _begin() -> None:
    gc.freeze()  # what was loaded for all workers is not looked through again
    _end_with_parent()


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its workers; without this they would wait for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
