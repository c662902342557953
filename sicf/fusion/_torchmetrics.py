"""torchmetrics, which only the measures of detection and segmentation need."""


def check_torchmetrics(name, *modules):
    """Raise, with advice, where torchmetrics or what it needs is not installed."""
    from importlib import import_module

    try:
        for module in ("torchmetrics", *modules):
            import_module(module)
    except ImportError as exc:
        raise ImportError(f"{name} needs torchmetrics: pip install 'sicf[fusion]'.") from exc
