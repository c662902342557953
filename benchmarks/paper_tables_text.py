"""The text of `paper_tables`: each table in the paper's layout, ours before the published."""

from sicf import confusion_feasible, published_tables

# The paper's heading, and what `evaluate` calls it.
COLUMNS = {
    "Sensitivity (%)": "sensitivity",
    "Accuracy (%)": "accuracy",
    "AUC": "AUC",
    "F-score (%)": "F1",
    "F1-score (%)": "F1",
    "Specificity (%)": "specificity",
}
# The paper's rows, and our names for them; a row that these pictures allow no figure is empty.
TABLE_3 = {
    "DWT + SVM (21)": "DWT + SVM",
    "GLCM+RBF (21)": "GLCM + SVM",
    "LBP + SVM (21)": "LBP + SVM",
    "MedFusionGAN (18)": "MedFusionGAN",
    "PatchResNet (13)": "PatchResNet",
    "BgNet (16)": "BgNet",
    "SICF (LO-RF) [Proposed]": "SIFT + VGG16 → LO-RF",
}
TABLE_6 = {
    "SIFT → RF": "SIFT → RF",
    "VGG16 → RF": "VGG16 → RF",
    "SIFT + VGG16 → RF": "SIFT + VGG16 → RF",
    "VGG16 → LO-RF": "VGG16 → LO-RF",
    "SIFT + VGG16 → LO-RF (Proposed)": "SIFT + VGG16 → LO-RF",
}


def table_2(study):
    """k nearest neighbours on the columns that Lyrebird selects in each training fold."""
    published = published_tables()[2]
    rows = []
    for k, values in published.iterrows():
        found = study.evaluation.metrics(f"k={k}")
        cells = [
            f"{found['AUC' if name == 'AUC' else name.lower()]} / {value:.2f}"
            for name, value in values.items()
        ]
        rows.append([f"{k}{' (best)' if k == study.best_k else ''}", *cells])
    title = "Table 2. Nearest neighbours on the selected columns of SIFT + VGG16, by their number."
    note = "With k = 1 scores are 0 or 1, and AUC is not comparable with the others."
    return markdown(title, ["k", *published.columns], rows, note)


def table_3(result, pairs):
    """Two evaluations of the same slices: of classifiers of slices, and of patients."""
    published = published_tables()[3]

    def cells(ours, values):
        holder = next((found for found in (pairs, result) if ours in found.scores), None)
        return _cells(holder, ours, values)

    rows = [[name, *cells(ours, published.loc[name])] for name, ours in TABLE_3.items()]
    extra = [name for name in result.scores if "kNN" in name or "thumbnail" in name]
    extra += [name for name in result.scores if name == "SIFT + EfficientNet-lite0 → LO-RF"]
    extra += [name for name in result.scores if "PatchResNet's" in name]
    extra += [name for name in ("DenseFuse", "FusionGAN", "TSJNet") if name in result.scores]
    extra += [name for name in pairs.scores if name not in TABLE_3.values()]
    rows += [[f"*{name}*", *cells(name, published.iloc[0] * float("nan"))] for name in extra]
    title = "Table 3. Existing and proposed techniques. Rows in italics are not in the paper."
    return markdown(
        title,
        ["Methods", *published.columns],
        rows,
        "—: not published, or not for one sequence alone.",
    )


def table_6(result):
    published = published_tables()[6]
    rows = [[name, *_cells(result, ours, published.loc[name])] for name, ours in TABLE_6.items()]
    extra = ["SIFT → LO-RF"]
    extra += [n for n in result.scores if "EfficientNet" in n and "→" in n]
    rows += [
        [f"*{name}*", *_cells(result, name, published.iloc[0] * float("nan"))] for name in extra
    ]
    title = "Table 6. Ablations. Rows in italics are not in the paper."
    return markdown(title, ["Model variant", *published.columns], rows, "")


def table_selectors(result):
    """The selector's rivals, on the same columns; here balanced accuracy stands in full."""
    names = ["SIFT + VGG16 → RF", "SIFT + VGG16 → LO-RF"]
    names += [name for name in result.scores if name.count("→") == 2]
    metrics = ["accuracy", "balanced accuracy", "AUC"]
    rows = []
    for name in names:
        found = result.metrics(name)
        seconds = f"{sum(result.fit_seconds[name]):.0f}"
        rows.append([name, *(str(found[metric]) for metric in metrics), seconds])
    title = (
        "Selectors on SIFT + VGG16. SelectKBest, RFE and random take as many columns as Lyrebird."
    )
    note = (
        "Seconds are of all five fits. The search that rows share is counted where it is first "
        "needed."
    )
    return markdown(title, ["Selector", *metrics, "fit, s"], rows, note)


def audit_text():
    """Which published rows one confusion matrix of two classes can give."""
    published = published_tables()
    rows = []
    for number, f1, unit in ((2, None, 100), (3, "F-score (%)", 1), (6, "F1-score (%)", 1)):
        end = "" if number == 2 else " (%)"
        for name, values in published[number].iterrows():
            figures = {
                key.lower(): float(values[f"{key}{end}"]) * unit
                for key in ("Sensitivity", "Specificity", "Accuracy")
            }
            if f1:
                figures["f1"] = float(values[f1])
            audit = confusion_feasible(**_rounded(figures), decimals=0 if unit == 100 else 2)
            verdict = "yes" if audit.feasible else f"no, misses by {audit.miss:.2f} points"
            implied = [
                _between(audit.implied.get(("sensitivity", "specificity", last)))
                for last in ("accuracy", "F1")
            ]
            rows.append([str(number), f"k = {name}" if number == 2 else name, verdict, *implied])
    head = ["Table", "Row", "One matrix?", "prevalence by accuracy", "prevalence by F1"]
    title = "Audit of the published figures (`confusion_feasible`): is there one two-class matrix?"
    return markdown(
        title,
        head,
        rows,
        "Prevalences are what the row's sensitivity and specificity "
        "imply together with its accuracy, or with its F1.",
    )


def markdown(title, head, rows, note):
    lines = [title, "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", note] if note else lines)


def _cells(result, ours, published):
    found = None if result is None else result.metrics(ours)
    return [_cell(found, name, value) for name, value in published.items()]


def _cell(found, name, value):
    of_percent = name != "AUC"
    mine = "—" if found is None else _interval(found[COLUMNS[name]], of_percent)
    theirs = "—" if value != value else f"{value:.2f}"
    return f"{mine} / {theirs}"


def _interval(interval, of_percent):
    if not of_percent:
        return str(interval)
    return f"{100 * interval.value:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _rounded(figures):
    return {name: round(value, 2) for name, value in figures.items()}


def _between(ends):
    return "none" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"
