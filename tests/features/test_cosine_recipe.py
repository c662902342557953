import numpy as np
import pytest
import torch

from sicf import CosineRecipe


def test_rate_is_that_of_torchs_schedulers():
    recipe = CosineRecipe(epochs=4, warm_up=5)
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = recipe.make_optimizer([parameter])
    assert isinstance(optimizer, torch.optim.SGD)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 12, eta_min=1e-3 * 2e-4)
    for done in range(12):
        expected = cosine.get_last_lr()[0]
        if done < 5:
            expected *= 1e-3 + (1 - 1e-3) * done / 5
        assert recipe.rate_of(*divmod(done, 3), 3) == pytest.approx(expected, rel=1e-9)
        optimizer.step()
        cosine.step()


def test_class_weights():
    counts = np.array([2, 6])
    np.testing.assert_allclose(CosineRecipe().weigh_classes(counts), [2, 2 / 3])
    assert CosineRecipe(class_weight=None).weigh_classes(counts).tolist() == [1, 1]
    assert CosineRecipe(class_weight=(0.2, 0.8)).weigh_classes(counts).tolist() == [0.2, 0.8]


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1. Got 0"),
        ({"warm_up": -1}, ValueError, "warm_up must be at least 0. Got -1"),
        ({"warm_up_ratio": 0}, ValueError, "warm_up_ratio must be above 0. Got 0"),
        ({"last_ratio": 2}, ValueError, "last_ratio must lie in 0 to 1. Got 2"),
        ({"momentum": 1}, ValueError, "momentum must lie in 0 below 1. Got 1"),
        ({"learning_rate": "1e-3"}, TypeError, "learning_rate must be a number"),
        ({"class_weight": "even"}, ValueError, "class_weight must be 'balanced', None or a weight"),
    ],
)
def test_wrong_numbers_are_named(parameters, error, message):
    with pytest.raises(error, match=message):
        CosineRecipe(**parameters).check()
