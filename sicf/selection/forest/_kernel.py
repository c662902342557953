"""The compiled loops: codes of a column, the best split of a node, the votes of a forest.

All in one file, since numba's cache of a function does not notice a change in another file.
Rules are those of scikit-learn's `BestSplitter` and `DepthFirstTreeBuilder`.
"""

import numpy as np

from sicf._compiled import compiled

N_CODES = 256
# Nodes up to this size are put in order by bits; larger ones are counted by code.
LINKED_UP_TO = 250
# scikit-learn: values that differ by less are the same value.
SAME_VALUE = np.float32(1e-7)
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
BIT_PLACES = np.zeros(64, np.int64)
for _bit in range(64):
    BIT_PLACES[((1 << _bit) * int(DE_BRUIJN) % 2**64) >> 58] = _bit

# Places in the array of a forest's limits.
MAX_FEATURES, MAX_DEPTH, MIN_SPLIT, MIN_LEAF, ENTROPY = range(5)
BOOTSTRAP, DRAW_BY_WEIGHT, OUT_OF_BAG = range(5, 8)


@compiled
def encode_column(numbers, order, codes, values):
    """Write the code of each number, and what each code stands for.

    With more than 256 different numbers a bin closes once it has its share of the rows that are
    left, or once each number that is left can have a code of its own. Equal numbers are never
    parted.
    """
    n = len(numbers)
    n_left = _n_different(numbers, order)
    code, start, first = 0, 0, numbers[order[0]]
    different = first
    for place in range(n):
        number = numbers[order[place]]
        if number > different + SAME_VALUE:
            different = number
            n_left -= 1
            full = (place - start) * (N_CODES - code) >= n - start
            if full or n_left <= N_CODES - 1 - code:
                code += 1
                start, first = place, number
        codes[order[place]] = code
        values[code] = first / np.float32(2) + number / np.float32(2)


@compiled
def _n_different(numbers, order):
    """How many numbers there are that scikit-learn can tell apart."""
    n_different, different = 1, numbers[order[0]]
    for place in order:
        if numbers[place] > different + SAME_VALUE:
            n_different += 1
            different = numbers[place]
    return n_different


@compiled
def _random(state):
    """The next 64 bits of SplitMix64 (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def _below(state, n):
    """An integer in [0, n)."""
    return np.int64(((_random(state) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@compiled
def _uniform(state):
    """A number in [0, 1)."""
    return np.float64(_random(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def forest_votes(
    codes, values, columns, labels, n_classes, train, weights, test, seeds, limits, importances
):
    """Sum over the trees of each test row's class probabilities, and 0 for every other row.

    Parameters
    ----------
    codes : uint8 (p, n); values : float32 (p, 256)
        Of all columns.
    columns : int32 (q,)
        Those that the forest may use.
    labels : int64 (n,)
    n_classes : int
    train, test : int64
        Rows of the fold, each once. Out of bag, a tree is not asked for `test`, but for the rows
        of `train` that its bootstrap did not draw.
    weights : float64 (len(train),)
    seeds : uint64 (n_trees,)
    limits : int64 (8,)
        See the places above.
    importances : float64 (p,) or (0,)
        To which each tree adds the share of each column in what its splits gained; nothing is
        added to an empty one. Branches without test rows are not grown.

    Returns
    -------
    float64 (n, n_classes)
    """
    votes = np.zeros((len(labels), n_classes))
    test = test.copy()  # rows move about in it
    cumulative = np.cumsum(weights)
    weight_of = np.zeros(len(labels))
    features = columns.copy()
    node = _new_node(len(train), n_classes)
    gains = np.zeros(len(importances))
    state = np.zeros(1, np.uint64)
    for seed in seeds:
        state[0] = seed
        rows, not_drawn = _draw_rows(train, weights, cumulative, weight_of, state, limits)
        asked = not_drawn if limits[OUT_OF_BAG] else test
        gains[:] = 0
        _grow(
            codes,
            values,
            features,
            labels,
            weight_of,
            rows,
            asked,
            votes,
            limits,
            state,
            node,
            gains,
        )
        if gains.sum() > 0:
            importances += gains / gains.sum()
    return votes


@compiled
def _new_node(n_rows, n_classes):
    """Room for what is known of one node; each node writes over it.

    Returns label and weight of each row, the weight of each class in all and on either side, and
    what `_scan_linked` and `_scan_counted` need to put the rows in order.
    """
    return (
        np.empty(n_rows, np.int64),
        np.empty(n_rows),
        np.empty(n_classes),
        np.empty(n_classes),
        np.empty(n_classes),
        np.empty(N_CODES, np.int64),
        np.empty(n_rows, np.int64),
        np.empty(N_CODES // 64, np.uint64),
        np.empty((N_CODES, n_classes)),
        np.empty(N_CODES, np.int64),
    )


@compiled
def _draw_rows(train, weights, cumulative, weight_of, state, limits):
    """Write each training row's weight in this tree; give the rows with any, and those not drawn.

    A row without weight can be drawn: it then is in neither.
    """
    n = len(train)
    if not limits[BOOTSTRAP]:
        weight_of[train] = weights
        return train[weights > 0], train[:0]
    n_draws = np.zeros(n)
    for _ in range(n):
        if limits[DRAW_BY_WEIGHT]:
            point = _uniform(state) * cumulative[-1]
            place = min(np.searchsorted(cumulative, point, side="right"), n - 1)
        else:
            place = _below(state, n)
        n_draws[place] += 1
    weight_of[train] = n_draws if limits[DRAW_BY_WEIGHT] else n_draws * weights
    return train[weight_of[train] > 0], train[n_draws == 0]


@compiled
def _grow(
    codes, values, features, labels, weight_of, rows, test, votes, limits, state, node, gains
):
    """Grow one tree depth first, taking the test rows along; a leaf votes for those it holds."""
    total = node[2]
    stack = np.empty((len(rows) + 2, 5), np.int64)
    stack[0] = (0, len(rows), 0, len(test), 0)
    height = 1
    while height:
        height -= 1
        start, end, first, last, depth = stack[height]
        if first == last:
            continue
        n_present = _describe(rows[start:end], labels, weight_of, node)
        feature, cut, purity = -1, 0, 0.0
        if n_present > 1 and depth < limits[MAX_DEPTH] and end - start >= limits[MIN_SPLIT]:
            feature, cut, purity = _best_split(
                codes, values, features, rows[start:end], limits, state, node
            )
        if feature < 0:
            total /= total.sum()
            for row in test[first:last]:
                votes[row] += total
            continue
        if len(gains):
            gains[feature] += purity - _unsplit(total, limits[ENTROPY])
        column = codes[feature]
        middle = start + _partition(column, rows[start:end], cut)
        parted = first + _partition(column, test[first:last], cut)
        stack[height] = (middle, end, parted, last, depth + 1)
        stack[height + 1] = (start, middle, first, parted, depth + 1)
        height += 2


@compiled
def _describe(rows, labels, weight_of, node):
    """Write a node's labels, weights and class weights; give the number of classes present."""
    node_labels, node_weights, total = node[:3]
    total[:] = 0
    for place in range(len(rows)):
        label, weight = labels[rows[place]], weight_of[rows[place]]
        node_labels[place] = label
        node_weights[place] = weight
        total[label] += weight
    n_present = 0
    for weight in total:
        n_present += weight > 0
    return n_present


@compiled
def _partition(codes, rows, cut):
    """Move the rows with codes up to `cut` to the front; give their number."""
    left, right = 0, len(rows)
    while left < right:
        if codes[rows[left]] <= cut:
            left += 1
        else:
            right -= 1
            rows[left], rows[right] = rows[right], rows[left]
    return left


@compiled
def _best_split(codes, values, features, rows, limits, state, node):
    """The column, or -1 where nothing can be split; the largest code that goes left; the score.

    Columns are drawn without replacement. Constant ones count, as in scikit-learn, but the search
    goes on until one column is not constant. It ends early once both sides are pure, which nothing
    later can better.
    """
    total = node[2]
    weight = total.sum()
    perfect = 0.0 if limits[ENTROPY] else weight * (1 - 1e-12)
    best, feature, low, high = -np.inf, -1, 0, 0
    n_features, visited, n_constant = len(features), 0, 0
    while visited < n_features and (visited < limits[MAX_FEATURES] or visited == n_constant):
        other = visited + _below(state, n_features - visited)
        column = features[other]
        features[other] = features[visited]
        features[visited] = column
        visited += 1
        if len(rows) <= LINKED_UP_TO:
            score, below, above = _scan_linked(codes[column], rows, weight, limits, node)
        else:
            score, below, above = _scan_counted(codes[column], rows, weight, limits, node)
        if below < 0:
            n_constant += above < 0
        elif score > best:
            best, feature, low, high = score, column, below, above
            if score >= perfect:
                break
    if feature < 0:
        return -1, 0, 0.0
    return feature, _cut(values[feature], low, high), best


@compiled
def _cut(values, low, high):
    """The largest code below the midpoint of two codes that are neighbours in a node."""
    midpoint = np.float64(values[low]) / 2 + np.float64(values[high]) / 2
    cut = low
    while cut + 1 < high and values[cut + 1] <= midpoint:
        cut += 1
    return cut


@compiled
def _scan_linked(codes, rows, weight, limits, node):
    """Best split of a small node along one column: score, and the codes on both sides.

    Rows are put in order by a set of 256 bits, and those of one code in a linked list. Without any
    split both codes are -1; where only the size of leaves forbids one, the second is 0.
    """
    node_labels, node_weights, total, left, right, head, following, bits = node[:8]
    _link(codes, rows, head, following, bits)
    n = len(rows)
    best, low, high = -np.inf, -1, -1
    left[:] = 0
    right[:] = total
    left_purity, right_purity, left_weight = 0.0, _purity(total, limits[ENTROPY]), 0.0
    n_left, here = 0, -1
    for word in range(len(bits)):
        left_bits = bits[word]
        while left_bits:
            code = 64 * word + _lowest_bit(left_bits)
            left_bits &= left_bits - np.uint64(1)
            if here >= 0:
                if min(n_left, n - n_left) >= limits[MIN_LEAF]:
                    score = _score(
                        left_purity, left_weight, right_purity, weight - left_weight, limits
                    )
                    if score > best:
                        best, low, high = score, here, code
                elif high < 0:
                    high = 0
            here = code
            place = head[code]
            while place >= 0:
                label, moved = node_labels[place], node_weights[place]
                left_purity += _gain(left[label], moved, limits[ENTROPY])
                right_purity += _gain(right[label], -moved, limits[ENTROPY])
                left[label] += moved
                right[label] -= moved
                left_weight += moved
                n_left += 1
                place = following[place]
    return best, low, high


@compiled
def _link(codes, rows, head, following, bits):
    """Mark the codes that occur, and chain the places of each."""
    bits[:] = 0
    for place in range(len(rows)):
        code = np.int64(codes[rows[place]])
        bit = np.uint64(1) << np.uint64(code & 63)
        word = code >> 6
        following[place] = head[code] if bits[word] & bit else -1
        head[code] = place
        bits[word] |= bit


@compiled
def _lowest_bit(word):
    """Place of the lowest bit that is set, by de Bruijn's sequence (Leiserson et al. 1998)."""
    lowest = word & (~word + np.uint64(1))
    return BIT_PLACES[(lowest * DE_BRUIJN) >> np.uint64(58)]


@compiled
def _scan_counted(codes, rows, weight, limits, node):
    """The same for a large node, by the weight of each class at each code."""
    node_labels, node_weights, total, left, right = node[:5]
    histogram, counts = node[8:]
    histogram[:] = 0
    counts[:] = 0
    for place in range(len(rows)):
        code = codes[rows[place]]
        histogram[code, node_labels[place]] += node_weights[place]
        counts[code] += 1
    best, low, high = -np.inf, -1, -1
    left[:] = 0
    right[:] = total
    left_purity, right_purity, left_weight = 0.0, _purity(total, limits[ENTROPY]), 0.0
    n_left, here = 0, -1
    for code in range(N_CODES):
        if counts[code] == 0:
            continue
        if here >= 0:
            if min(n_left, len(rows) - n_left) >= limits[MIN_LEAF]:
                score = _score(left_purity, left_weight, right_purity, weight - left_weight, limits)
                if score > best:
                    best, low, high = score, here, code
            elif high < 0:
                high = 0
        here = code
        n_left += counts[code]
        for label in range(len(total)):
            moved = histogram[code, label]
            if moved > 0:
                left_purity += _gain(left[label], moved, limits[ENTROPY])
                right_purity += _gain(right[label], -moved, limits[ENTROPY])
                left[label] += moved
                right[label] -= moved
                left_weight += moved
    return best, low, high


@compiled
def _purity(side, entropy):
    """Sum over classes of w^2, or of w log w: what `_score` makes of one side."""
    purity = 0.0
    for part in side:
        purity += _gain(0.0, part, entropy)
    return purity


@compiled
def _gain(part, moved, entropy):
    """What a side's purity gains when the weight of one class changes from `part` by `moved`."""
    if entropy:
        return _xlogx(part + moved) - _xlogx(part)
    return moved * (2 * part + moved)


@compiled
def _score(left, left_weight, right, right_weight, limits):
    """How pure both sides are, larger is purer: the decrease of impurity but for what all share."""
    if left_weight <= 0 or right_weight <= 0:
        return -np.inf  # a side whose weight is lost in rounding
    if limits[ENTROPY]:
        return left - _xlogx(left_weight) + right - _xlogx(right_weight)
    return (left * right_weight + right * left_weight) / (left_weight * right_weight)


@compiled
def _unsplit(total, entropy):
    """What `_score` would say of a node that is left whole."""
    if entropy:
        return _purity(total, entropy) - _xlogx(total.sum())
    return _purity(total, entropy) / total.sum()


@compiled
def _xlogx(x):
    return x * np.log(x) if x > 0 else 0.0
