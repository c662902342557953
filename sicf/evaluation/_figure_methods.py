"""The figures and the report of an evaluation, drawn where they are asked for."""


class FigureMethods:
    """What an evaluation draws; it needs matplotlib."""

    def plot_roc(self, name=None, *, ax=None):
        """Draw the ROC curves of one estimator, with bands over patients.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        matplotlib Axes
        """
        from sicf.evaluation.figures import plot_roc

        return plot_roc(self, self._check_name(name), ax=ax)

    def plot_pr(self, name=None, *, ax=None):
        """Draw precision against recall.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        matplotlib Axes
        """
        from sicf.evaluation.figures import plot_pr

        return plot_pr(self, self._check_name(name), ax=ax)

    def plot_confusion(self, name=None, *, ax=None):
        """Draw the confusion matrix.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        matplotlib Axes
        """
        from sicf.evaluation.figures import plot_confusion

        return plot_confusion(self, self._check_name(name), ax=ax)

    def plot_calibration(self, name=None, *, ax=None):
        """Draw how often what was predicted came true.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        matplotlib Axes
        """
        from sicf.evaluation.figures import plot_calibration

        return plot_calibration(self, self._check_name(name), ax=ax)

    def plot_decision_curve(self, name=None, *, ax=None):
        """Draw net benefit against the threshold.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        matplotlib Axes
        """
        from sicf.evaluation.figures import plot_decision_curve

        return plot_decision_curve(self, self._check_name(name), ax=ax)

    def plot_forest_plot(self, metric="AUC", *, ax=None):
        """Draw one metric of all estimators with its intervals.

        Parameters
        ----------
        metric : str, default="AUC"
            A name of :meth:`Evaluation.metrics`.
        ax : matplotlib Axes, default=None
            Where to draw. None makes a new figure.

        Returns
        -------
        matplotlib Axes
        """
        from sicf.evaluation.figures import plot_forest

        return plot_forest(self, metric, ax=ax)

    def report(self, path, *, title=None, images=None, notes=None):
        """Write one self-contained page of HTML.

        Parameters
        ----------
        path : path-like
            The file to write.
        title : str, default=None
            Heading of the page.
        images : array or list of n images, default=None
            To show the worst cases.
        notes : str or dict of str to str, default=None
            The question that the study asks, or what the authors have to say to it and to items of
            the lists: ``{"question": ..., "TRIPOD+AI 17": ..., "CLAIM 2024 5": ...}``.
        """
        from sicf.evaluation.report import write_report

        write_report(self, path, title=title, images=images, notes=notes)
