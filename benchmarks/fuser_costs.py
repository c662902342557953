"""The paper's Table 5, what fusion networks cost, with our measured figures beside the published.

All networks are built at full width and fuse two pictures of 224 x 224, enlarged where a network
takes no such size, as its fuser enlarges them. The paper names neither its input size nor its
device, and its parameters are of other networks than the published codes, so that rows compare
with each other. A pass of TSJNet takes half a minute on a CPU: it is timed once. With --fast it is
counted alone, on torch's device "meta", where nothing is computed, and the others are timed once.

    python -m benchmarks.fuser_costs [--fast] [--threads 2]
"""

import argparse
import time

import pandas as pd
import torch

from benchmarks.paper_tables_text import markdown
from sicf import (
    DenseFuse,
    FusionGAN,
    MedFusionGAN,
    TSJNet,
    complexity_report,
    published_tables,
)

SIDE = 224
# Timed passes, and how large a picture the network takes for one of 224 x 224.
NETWORKS = {
    "TSJNet": (TSJNet, SIDE, 1),
    "FusionGAN": (FusionGAN, SIDE, 3),
    "DenseFuse": (DenseFuse, SIDE, 3),
    "MedFusionGAN": (MedFusionGAN, 256, 3),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="count TSJNet, and do not time it")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    clock, processor = time.perf_counter(), time.process_time()
    print(table_5(measure(options.fast, options.threads)))
    print(
        f"\n{time.perf_counter() - clock:.0f} s in all, "
        f"{time.process_time() - processor:.0f} s of processor time."
    )


def measure(fast, threads):
    """Measure all networks.

    Parameters
    ----------
    fast : bool
    threads : int

    Returns
    -------
    DataFrame
        As of :func:`complexity_report`.
    """
    rows = [_measured(name, fast, threads) for name in NETWORKS]
    return pd.concat(rows)


def _measured(name, fast, threads):
    fuser, side, repeats = NETWORKS[name]
    counted_only = fast and name == "TSJNet"
    shapes = [(1, side, side)] * 2
    if fast:
        repeats = 0 if counted_only else 1
    with torch.device("meta" if counted_only else "cpu"):
        return complexity_report({name: fuser()}, shapes, repeats=repeats, n_threads=threads)


def table_5(report):
    """Ours before the published, in the paper's units."""
    published = published_tables()[5]
    columns = list(published.columns)
    rows = []
    for name, found in report.iterrows():
        ours = [f"{found['parameters'] / 1e6:.2f}", f"{found['GMAC']:.1f}", _time(found)]
        theirs = ["—"] * len(columns)
        if name in published.index:
            theirs = [f"{published.loc[name, column]:.1f}" for column in columns]
        cells = [f"{mine} / {other}" for mine, other in zip(ours, theirs, strict=True)]
        rows.append([name if name in published.index else f"*{name}*", *cells])
    threads = report["threads"].dropna()
    note = (
        "Our FLOPs are multiply-accumulates, half of the floating-point operations; papers print "
        f"either. Times are medians for one pair of pictures of {SIDE} x {SIDE} (MedFusionGAN: 256 "
        "x 256), with lowest and highest, on a CPU"
        + (f" with {int(threads.iloc[0])} thread(s)" if len(threads) else "")
        + ". —: not published, or not timed."
    )
    title = "Table 5. What fusion networks cost. Rows in italics are not in the paper."
    return markdown(title, ["Model", *columns], rows, note)


def _time(found):
    if found["ms"] != found["ms"]:
        return "—"
    return f"{found['ms']:,.0f} [{found['ms_lowest']:,.0f}, {found['ms_highest']:,.0f}]"


if __name__ == "__main__":
    main()
