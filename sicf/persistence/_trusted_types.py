"""The types that a saved estimator may hold beside those that skops trusts by itself."""

OWN = (
    "sicf._augmented_fit.AugmentedFit",
    "sicf.features._cached_rows.CachedRows",
    "sicf.features._dwt_features.DWTFeatures",
    "sicf.features._glcm_features.GLCMFeatures",
    "sicf.features._lbp_features.LBPFeatures",
    "sicf.features._sicf.SICF",
    "sicf.features._sift_bovw.SIFTBoVW",
    "sicf.features._sift_descriptors.SIFTDescriptors",
    "sicf.features._thumbnail_features.ThumbnailFeatures",
    "sicf.features._torch_embedder.TorchEmbedder",
    "sicf.features._training_recipe.TrainingRecipe",
    "sicf.features._vgg16_embedder.VGG16Embedder",
    "sicf.features._visual_words.VisualWords",
    "sicf.images._hist_equalize.HistEqualize",
    "sicf.images._mask_roi.MaskROI",
    "sicf.images._mri_augmenter.MRIAugmenter",
    "sicf.images._quadrant_roi.QuadrantROI",
    "sicf.images._read_images.ReadImages",
    "sicf.selection._boruta_selector.BorutaSelector",
    "sicf.selection._lyrebird_search_cv.LyrebirdSearchCV",
    "sicf.selection._lyrebird_selector.LyrebirdSelector",
    "sicf.selection._random_columns.RandomColumns",
)
# Followed by compiled code without a look: what they hold is checked after loading.
TREES = (
    "sklearn.tree._tree.Tree",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.metrics._dist_metrics.ChebyshevDistance64",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
)
# As `cv` of a search, of a calibration, of a selector.
SPLITTERS = (
    "sklearn.model_selection._split.GroupKFold",
    "sklearn.model_selection._split.GroupShuffleSplit",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.LeaveOneGroupOut",
    "sklearn.model_selection._split.LeaveOneOut",
    "sklearn.model_selection._split.LeavePGroupsOut",
    "sklearn.model_selection._split.LeavePOut",
    "sklearn.model_selection._split.PredefinedSplit",
    "sklearn.model_selection._split.RepeatedKFold",
    "sklearn.model_selection._split.RepeatedStratifiedKFold",
    "sklearn.model_selection._split.ShuffleSplit",
    "sklearn.model_selection._split.StratifiedGroupKFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.model_selection._split.StratifiedShuffleSplit",
    "sklearn.model_selection._split.TimeSeriesSplit",
)
CALIBRATION = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
)
# Of votes and stacks, and of a threshold that was tuned.
HOLDERS = (
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
)
# Of gradient boosting; newer versions of skops trust them by themselves.
LOSSES = (
    "sklearn._loss._loss.CyAbsoluteError",
    "sklearn._loss._loss.CyExponentialLoss",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss._loss.CyHuberLoss",
    "sklearn._loss._loss.CyPinballLoss",
    "sklearn._loss.link.HalfLogitLink",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.AbsoluteError",
    "sklearn._loss.loss.ExponentialLoss",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.loss.HuberLoss",
    "sklearn._loss.loss.PinballLoss",
)
# As `score_func` of a filter of columns.
FILTERS = (
    "sklearn.feature_selection._mutual_info.mutual_info_classif",
    "sklearn.feature_selection._mutual_info.mutual_info_regression",
    "sklearn.feature_selection._univariate_selection.chi2",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.feature_selection._univariate_selection.f_oneway",
    "sklearn.feature_selection._univariate_selection.f_regression",
    "sklearn.feature_selection._univariate_selection.r_regression",
)
# As `scorer_` of a search; the functions are those behind scikit-learn's names of metrics.
SCORERS = (
    "sklearn.metrics._scorer._CurveScorer",
    "sklearn.metrics._scorer._MultimetricScorer",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.metrics._classification.accuracy_score",
    "sklearn.metrics._classification.balanced_accuracy_score",
    "sklearn.metrics._classification.brier_score_loss",
    "sklearn.metrics._classification.d2_brier_score",
    "sklearn.metrics._classification.d2_log_loss_score",
    "sklearn.metrics._classification.f1_score",
    "sklearn.metrics._classification.jaccard_score",
    "sklearn.metrics._classification.log_loss",
    "sklearn.metrics._classification.matthews_corrcoef",
    "sklearn.metrics._classification.precision_score",
    "sklearn.metrics._classification.recall_score",
    "sklearn.metrics._ranking.average_precision_score",
    "sklearn.metrics._ranking.roc_auc_score",
    "sklearn.metrics._ranking.top_k_accuracy_score",
    "sklearn.metrics._regression.d2_absolute_error_score",
    "sklearn.metrics._regression.explained_variance_score",
    "sklearn.metrics._regression.max_error",
    "sklearn.metrics._regression.mean_absolute_error",
    "sklearn.metrics._regression.mean_absolute_percentage_error",
    "sklearn.metrics._regression.mean_gamma_deviance",
    "sklearn.metrics._regression.mean_poisson_deviance",
    "sklearn.metrics._regression.mean_squared_error",
    "sklearn.metrics._regression.mean_squared_log_error",
    "sklearn.metrics._regression.median_absolute_error",
    "sklearn.metrics._regression.r2_score",
    "sklearn.metrics._regression.root_mean_squared_error",
    "sklearn.metrics._regression.root_mean_squared_log_error",
    "sklearn.metrics._scorer.negative_likelihood_ratio",
    "sklearn.metrics._scorer.positive_likelihood_ratio",
    "sklearn.metrics.cluster._supervised.adjusted_mutual_info_score",
    "sklearn.metrics.cluster._supervised.adjusted_rand_score",
    "sklearn.metrics.cluster._supervised.completeness_score",
    "sklearn.metrics.cluster._supervised.fowlkes_mallows_score",
    "sklearn.metrics.cluster._supervised.homogeneity_score",
    "sklearn.metrics.cluster._supervised.mutual_info_score",
    "sklearn.metrics.cluster._supervised.normalized_mutual_info_score",
    "sklearn.metrics.cluster._supervised.rand_score",
    "sklearn.metrics.cluster._supervised.v_measure_score",
)


def trusted_types():
    """Name the types that a fitted pipeline of sicf may hold, for skops.

    Returns
    -------
    list of str
        Full names, sorted: the estimators of sicf, and of scikit-learn the trees, splitters,
        calibrators, losses, filters and scorers that skops does not trust by itself.

    See Also
    --------
    save, load : With a checksum, versions and weights; they need no list.

    Notes
    -----
    For whoever uses skops itself: ``skops.io.load(file, trusted=sicf.trusted_types())``. That
    checks the types and nothing of their content. A crafted decision tree can crash the process
    that predicts with it; :func:`load` refuses one.

    Examples
    --------
    >>> import sicf
    >>> "sicf.features._sicf.SICF" in sicf.trusted_types()
    True
    """
    return sorted((*OWN, *TREES, *SPLITTERS, *CALIBRATION, *HOLDERS, *LOSSES, *FILTERS, *SCORERS))
