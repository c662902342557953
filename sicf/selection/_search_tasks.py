"""A search as the tasks of which scikit-learn's callbacks are told, from its version 1.9 on."""

from contextlib import contextmanager


@contextmanager
def told_as_tasks(search, evaluate, callback_ctx):
    """Tell callbacks of a search, its generations, and the fits in each.

    Parameters
    ----------
    search : LyrebirdSearchCV
    evaluate : callable
        The `evaluate_candidates` that scikit-learn hands to a search.
    callback_ctx : CallbackContext or None
        None where the installed version has no callbacks.

    Yields
    ------
    callable
        Evaluates as `evaluate` does, and tells.
    """
    if callback_ctx is None:
        yield evaluate
        return
    context = callback_ctx.subcontext(task_name="search", max_subtasks=None)
    context.call_on_fit_task_begin(estimator=search)

    def evaluate_and_tell(settings, cv):
        generation = context.subcontext(
            task_name="generation",
            max_subtasks=len(settings) * search.n_splits_,
            sequential_subtasks=False,
        ).call_on_fit_task_begin(estimator=search)
        try:
            return evaluate(settings, cv=cv, callback_ctx=generation)
        finally:  # the search may go on after fits that failed
            generation.call_on_fit_task_end(estimator=search)

    yield evaluate_and_tell
    context.call_on_fit_task_end(estimator=search)
