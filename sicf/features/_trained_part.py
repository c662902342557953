"""Which weights of a network are trained, and whether the rest can be computed beforehand."""

from dataclasses import dataclass

import torch

from sicf.features._network import run_to_layer

SCOPES = ("head", "all")


@dataclass(frozen=True)
class TrainedPart:
    """What is trained of a network, up to one of its layers.

    Parameters
    ----------
    parameters : list of str
        Names of the trained parameters.
    buffers : list of str
        Names of what training changes beside them, such as the running means of a normalisation.
    modules : list of str
        Modules that are in training mode while it trains; for "all" the whole network.
    chain : list of str or None
        For "head", where from the first trained module on each module takes what the one before it
        gave: these modules. Then what comes before them need be computed only once a picture.
    """

    parameters: list
    buffers: list
    modules: list
    chain: list | None


def find_trained(network, layer, scope, pictures):
    """Find what is trained of a network.

    Parameters
    ----------
    network : torch.nn.Module
    layer : str
    scope : {"head", "all"}
        "all": all parameters that the layer's output depends on. "head": of the modules that are
        run on the way to the layer, the last one that has a matrix or a kernel, and those after it.
    pictures : Tensor of shape (b, 3, H, W)
        To see how the network runs.

    Returns
    -------
    TrainedPart
    """
    runs, output = _watch(network, layer, pictures)
    if scope == "all":
        names = {run.name for run in runs}
        used = _used_parameters(network, layer, pictures)
        return TrainedPart(used, _buffers(network, names), [""], None)
    last = _last_matrix(network, runs)
    modules = list(dict.fromkeys(run.name for run in runs[last:]))
    parameters = [
        f"{module}.{name}"
        for module in modules
        for name, _ in network.get_submodule(module).named_parameters()
    ]
    chain = modules if _is_chain(runs, last, output) else None
    return TrainedPart(parameters, _buffers(network, set(modules)), modules, chain)


class _Run:
    """One run of a module: what it was given and what it gave, as they were at that moment."""

    def __init__(self, name, inputs):
        self.name = name
        self.given = _moment(inputs[0] if len(inputs) == 1 else None)
        self.gave = None


def _moment(tensor):
    """A tensor with its version, which every change in place counts up."""
    return tensor, getattr(tensor, "_version", None)


def _watch(network, layer, pictures):
    """The modules that do the work, in the order they are run, and the layer's output."""
    runs = []

    def watch(name, module):
        open_runs = []

        def begin(module, inputs):
            open_runs.append(_Run(name, inputs))
            runs.append(open_runs[-1])

        def end(module, inputs, output):
            open_runs.pop().gave = _moment(output)

        return [module.register_forward_pre_hook(begin), module.register_forward_hook(end)]

    working = (
        (name, module)
        for name, module in network.named_modules()
        if name and (not list(module.children()) or list(module.parameters(recurse=False)))
    )
    handles = [handle for name, module in working for handle in watch(name, module)]
    try:
        with torch.no_grad():
            output = run_to_layer(network.eval(), layer, pictures)
    finally:
        for handle in handles:
            handle.remove()
    return runs, output


def _last_matrix(network, runs):
    """Where in `runs` the last module with a matrix or a kernel stands."""
    for place in reversed(range(len(runs))):
        parameters = network.get_submodule(runs[place].name).parameters()
        if any(parameter.ndim > 1 for parameter in parameters):
            return place
    raise ValueError("fine_tune='head' needs a layer that has weights, or one after it. Got none.")


def _is_chain(runs, last, output):
    """Whether from `last` on each module takes the very tensor that the one before it gave.

    And unchanged, for a shortcut may be added to it in place; and is run but once.
    """
    chain = runs[last:]
    names = [run.name for run in runs]
    takes = [run.given for run in chain[1:]] + [_moment(output)]
    return (
        all(names.count(run.name) == 1 for run in chain)
        and chain[0].given[0] is not None
        and all(
            run.gave is not None and run.gave[0] is tensor and run.gave[1] == version
            for run, (tensor, version) in zip(chain, takes, strict=True)
        )
    )


def _buffers(network, modules):
    """Of modules that are never run the buffers stay as they are."""
    return [name for name, _ in network.named_buffers() if name.rpartition(".")[0] in modules]


def _used_parameters(network, layer, pictures):
    """Names of the parameters on which the layer's output depends."""
    named = dict(network.named_parameters())
    wanted = {name: p.requires_grad for name, p in named.items()}
    network.requires_grad_(True)
    try:
        output = run_to_layer(network, layer, pictures)
        gradients = torch.autograd.grad(output.sum(), list(named.values()), allow_unused=True)
    finally:
        for name, p in named.items():
            p.requires_grad_(wanted[name])
    return [name for name, gradient in zip(named, gradients, strict=True) if gradient is not None]
