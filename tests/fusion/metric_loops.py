"""The metrics of fusion from their definitions, pixel by pixel: the tests' oracle, slow and plain.

Images are lists of rows or arrays, of whole grey levels or floats between 0 and 255.
"""

import math

import numpy as np


def level(pixel):
    return math.floor(pixel + 0.5)


def bits(counts):
    total = sum(counts)
    return -sum(count / total * math.log2(count / total) for count in counts if count)


def en(F):
    counts = [0] * 256
    for row in F:
        for pixel in row:
            counts[level(pixel)] += 1
    return bits(counts)


def shared(A, F):
    joint, of_a, of_f = {}, {}, {}
    for row_a, row_f in zip(A, F, strict=True):
        for a, f in zip(row_a, row_f, strict=True):
            pair = level(a), level(f)
            joint[pair] = joint.get(pair, 0) + 1
            of_a[pair[0]] = of_a.get(pair[0], 0) + 1
            of_f[pair[1]] = of_f.get(pair[1], 0) + 1
    n = sum(joint.values())
    return sum(
        count / n * math.log2(count * n / (of_a[a] * of_f[f])) for (a, f), count in joint.items()
    )


def mi(A, B, F):
    return shared(A, F) + shared(B, F)


def sd(F):
    pixels = [pixel for row in F for pixel in row]
    mean = sum(pixels) / len(pixels)
    return math.sqrt(sum((pixel - mean) ** 2 for pixel in pixels) / len(pixels))


def sf(F):
    height, width = len(F), len(F[0])
    rows = [(F[i][j] - F[i][j - 1]) ** 2 for i in range(height) for j in range(1, width)]
    columns = [(F[i][j] - F[i - 1][j]) ** 2 for i in range(1, height) for j in range(width)]
    return math.sqrt(sum(rows) / len(rows) + sum(columns) / len(columns))


def central(line, k):
    if k == 0:
        return line[1] - line[0]
    if k == len(line) - 1:
        return line[k] - line[k - 1]
    return (line[k + 1] - line[k - 1]) / 2


def ag(F, divisor):
    height, width = len(F), len(F[0])
    total = 0.0
    for i in range(height):
        for j in range(width):
            right = central([F[i][k] for k in range(width)], j)
            down = central([F[k][j] for k in range(height)], i)
            total += math.sqrt((right**2 + down**2) / 2)
    return total / divisor


def pearson(X, Y):
    x, y = [v for row in X for v in row], [v for row in Y for v in row]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    below = sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y)
    return above / math.sqrt(below)


def minus(X, Y):
    return [[a - b for a, b in zip(r, s, strict=True)] for r, s in zip(X, Y, strict=True)]


def cc(A, B, F):
    return (pearson(A, F) + pearson(B, F)) / 2


def scd(A, B, F):
    return pearson(minus(F, B), A) + pearson(minus(F, A), B)


def psnr(A, B, F, peak):
    n = len(F) * len(F[0])
    error = sum(d**2 for X in (A, B) for row in minus(X, F) for d in row) / n / 2
    return 10 * math.log10(peak**2 / error)


def window_moments(X, Y, i, j, weights):
    """Means, variances and covariance of the window whose first corner is (i, j)."""
    side = len(weights)
    cells = [
        (weights[a][b], X[i + a][j + b], Y[i + a][j + b]) for a in range(side) for b in range(side)
    ]
    mx, my = sum(w * x for w, x, _ in cells), sum(w * y for w, _, y in cells)
    vx = sum(w * (x - mx) ** 2 for w, x, _ in cells)
    vy = sum(w * (y - my) ** 2 for w, _, y in cells)
    return mx, my, vx, vy, sum(w * (x - mx) * (y - my) for w, x, y in cells)


def gaussian(side, sigma):
    middle = side // 2
    weights = [
        [math.exp(-((a - middle) ** 2 + (b - middle) ** 2) / (2 * sigma**2)) for b in range(side)]
        for a in range(side)
    ]
    total = sum(map(sum, weights))
    return [[w / total for w in row] for row in weights]


def inside(X, side):
    for i in range(len(X) - side + 1):
        for j in range(len(X[0]) - side + 1):
            yield i, j


def ssim(X, Y, weights, sample, peak):
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    values = []
    for i, j in inside(X, len(weights)):
        mx, my, vx, vy, cov = window_moments(X, Y, i, j, weights)
        above = (2 * mx * my + c1) * (2 * sample * cov + c2)
        values.append(above / ((mx**2 + my**2 + c1) * (sample * (vx + vy) + c2)))
    return sum(values) / len(values)


def halved(X, weights):
    side = len(weights)
    smooth = [
        [
            sum(weights[a][b] * X[i + a][j + b] for a in range(side) for b in range(side))
            for j in range(len(X[0]) - side + 1)
        ]
        for i in range(len(X) - side + 1)
    ]
    return [row[::2] for row in smooth[::2]]


def vif(X, Y):
    """Sheikh and Bovik in pixels: four scales, noise of variance 2."""
    tiny, kept, whole = 1e-10, 0.0, 0.0
    for scale, side in enumerate((17, 9, 5, 3)):
        weights = gaussian(side, side / 5)
        if scale:
            X, Y = halved(X, weights), halved(Y, weights)
        for i, j in inside(X, side):
            _, _, vx, vy, cov = window_moments(X, Y, i, j, weights)
            if vx < tiny:
                vx, gain, noise = 0.0, 0.0, vy
            else:
                gain = cov / (vx + tiny)
                noise = vy - gain * cov
                if gain < 0:
                    gain, noise = 0.0, vy
            if vy < tiny:
                gain, noise = 0.0, 0.0
            kept += math.log10(1 + gain**2 * vx / (max(noise, tiny) + 2))
            whole += math.log10(1 + vx / 2)
    return kept / whole


def sobel(X, i, j):
    """Gradients to the right and upwards; beyond the border the image is 0."""

    def at(a, b):
        return X[a][b] if 0 <= a < len(X) and 0 <= b < len(X[0]) else 0.0

    right = sum(w * (at(i + k, j + 1) - at(i + k, j - 1)) for k, w in ((-1, 1), (0, 2), (1, 1)))
    up = sum(w * (at(i - 1, j + k) - at(i + 1, j + k)) for k, w in ((-1, 1), (0, 2), (1, 1)))
    angle = math.pi / 2 if right == 0 else math.atan(up / right)
    return math.hypot(right, up), angle


def qabf(A, B, F, parity=False):
    above = below = 0.0
    for i in range(len(F)):
        for j in range(len(F[0])):
            g_f, a_f = sobel(F, i, j)
            for X in (A, B):
                g, a = sobel(X, i, j)
                of_ties = g_f if parity else 1.0
                ratio = of_ties if g == g_f else min(g, g_f) / max(g, g_f)
                agreement = 1 - abs(a - a_f) / (math.pi / 2)
                strength = 0.9994 / (1 + math.exp(-15 * (ratio - 0.5)))
                orientation = 0.9879 / (1 + math.exp(-22 * (agreement - 0.8)))
                above += strength * orientation * g
                below += g
    return above / below


def distribution(window):
    low, high = min(window), max(window)
    values = [1.0] * 9 if low == high else [(v - low) / (high - low) for v in window]
    return [v / sum(values) for v in values]


def window_information(x, y):
    """Shared information of two windows of nine places, from the Fréchet bounds cell by cell."""
    if x == y:
        return 1.0
    p, q = distribution(x), distribution(y)
    P, Q = list(np.cumsum(p)), list(np.cumsum(q))
    c = 0.0 if len(set(p)) == 1 or len(set(q)) == 1 else pearson([p], [q])
    spread = math.sqrt(place_variance(p)) * math.sqrt(place_variance(q))

    def bound(i, j):
        if i < 0 or j < 0:
            return 0.0
        return min(P[i], Q[j]) if c >= 0 else max(P[i] + Q[j] - 1, 0.0)

    mixed = 0.0
    if c != 0 and spread > 0:
        covariance = sum(bound(i, j) - P[i] * Q[j] for i in range(9) for j in range(9))
        mixed = c / (covariance / spread)
    joint = 0.0
    for i in range(9):
        for j in range(9):
            extreme = bound(i, j) - bound(i - 1, j) - bound(i, j - 1) + bound(i - 1, j - 1)
            cell = mixed * extreme + (1 - mixed) * p[i] * q[j]
            joint -= cell * math.log2(abs(cell)) if cell else 0.0
    single = -sum(v * math.log2(v) for v in p + q if v)
    return 2 * (single - joint) / single if single else 0.0


def place_variance(p):
    mean = sum(i * v for i, v in enumerate(p))
    return sum((i - mean) ** 2 * v for i, v in enumerate(p))


def fmi(A, B, F):
    """Over feature maps; the places of a window are counted column by column."""
    values = []
    for i, j in inside(F, 3):
        a, b, f = ([X[i + k][j + m] for m in range(3) for k in range(3)] for X in (A, B, F))
        values.append((window_information(a, f) + window_information(b, f)) / 2)
    return sum(values) / len(values)
