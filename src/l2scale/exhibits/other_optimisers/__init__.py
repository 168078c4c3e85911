"""Other optimisers and learning rates: whether the best strength stays as the network widens."""

from l2scale.catalogue.numerals import grid_step, percent, plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.other_optimisers import verdict
from l2scale.exhibits.other_optimisers.carried_by_optimiser import carried_by_optimiser
from l2scale.exhibits.other_optimisers.carrying import carried_numbers
from l2scale.exhibits.other_optimisers.cells import Arm, labelled
from l2scale.exhibits.other_optimisers.clocks import clock_numbers
from l2scale.exhibits.other_optimisers.judged_alike import (
    alike_numbers,
    optimisers_judged_alike,
)
from l2scale.exhibits.other_optimisers.optimiser_exponents import optimiser_exponents
from l2scale.exhibits.other_optimisers.optimum_by_optimiser import optimum_by_optimiser
from l2scale.exhibits.other_optimisers.optimum_by_rate import (
    optimum_by_rate,
    rate_numbers,
)
from l2scale.exhibits.other_optimisers.powers import power_numbers, powers_table
from l2scale.exhibits.other_optimisers.sweeps import BASE, sweeps
from l2scale.exhibits.other_optimisers.weight_sizes import size_numbers, sizes_table

__all__ = [
    "carried_by_optimiser",
    "numbers",
    "optimiser_exponents",
    "optimisers_judged_alike",
    "optimum_by_optimiser",
    "optimum_by_rate",
    "sweeps",
    "verdict",
]


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return (
        setting_numbers(result)
        | clock_numbers(result)
        | power_numbers(powers_table(result))
        | rate_numbers(result)
        | size_numbers(sizes_table(result))
        | carried_numbers(result)
        | alike_numbers(result)
    )


def setting_numbers(result: Result) -> dict[str, str]:
    """Widths, steps, seeds and samples, and the strengths tried."""
    table = labelled(result)
    arms = {"": Arm("adamw"), "_three": Arm("adamw", layers=3)}
    numbers = {
        "first_look": f"{table['step'].min():,}",
        "steps": f"{table['step'].max():,}",
        "seeds": f"{arms[''].of(table)['seed'].nunique()}",
        "more_seeds": f"{Arm('adamw', labels='clean').of(table)['seed'].nunique()}",
        "samples": f"{table['n_train'].iloc[0]:,}",
        "noise": percent(BASE.label_noise),
        "grid_step": grid_step(Arm("sgd").of(table)["lam"]),
    }
    for key, arm in arms.items():
        widths = arm.of(table)["width"]
        numbers |= {
            f"narrow{key}": f"{widths.min()}",
            f"wide{key}": f"{widths.max()}",
            f"factor{key}": f"{widths.max() / widths.min():.0f}",
        }
    for name, cell in (("coupled", "sgd"), ("adamw", "adamw")):
        lams = Arm(cell).of(table)["lam"]
        numbers |= {f"{name}_low": plain(lams.min()), f"{name}_high": plain(lams.max())}
    return numbers
