from threading import Barrier, Thread

from sicf.features._kept import Kept


def test_made_once_and_the_one_not_asked_for_goes_first():
    made, kept = [], Kept(2)

    def get(key):
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abacb"] == ["A", "B", "A", "C", "B"]
    assert made == ["a", "b", "c", "b"]
    kept.clear()
    get("c")
    assert made[-1] == "c"
    assert len(made) == 5


def test_threads_that_ask_at_once_get_the_same_thing():
    kept, start, got = Kept(2), Barrier(8), []

    def ask():
        start.wait()
        got.append(kept.get("key", object))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len(set(map(id, got))) == 1
