"""`l2scale convert`: the same penalty, or the same decay, said to another framework."""

import argparse
from itertools import groupby
from typing import Any

from l2scale.practice.answers import answer, everywhere, without_tex
from l2scale.practice.conversions import NoEquivalent
from l2scale.practice.monomials import QUANTITIES
from l2scale.practice.settings import OPTIMISERS, SETTINGS

_NUMBERS = [name for name in QUANTITIES if name != "value"]


class _List(argparse.Action):
    """Prints the settings and ends, so that nothing else is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print them."""
        units = {"objective": "λ", "weights": "share"}
        width = max(map(len, SETTINGS))
        for one in SETTINGS.values():
            formula = f"{units[one.where]} = {without_tex(one.formula)}"
            print(f"{one.id:{width}}  {formula:18}  {one.api}")
        parser.exit()


def add_convert(commands: argparse._SubParsersAction) -> None:
    """Register `l2scale convert VALUE --from ID --to ID`."""
    parser = commands.add_parser("convert", help="say the same penalty to another framework")
    parser.add_argument("value", metavar="VALUE", type=float, help="of the first setting")
    parser.add_argument("--from", dest="from_", metavar="ID", required=True, help="who has it")
    parser.add_argument("--to", metavar="ID", required=True, help="who is to have it, or all")
    parser.add_argument("--list", action=_List, nargs=0, help="list the ids, and what each means")
    for name in _NUMBERS:
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=float, metavar="X", help=QUANTITIES[name])
    parser.add_argument("--momentum", type=float, metavar="X", help="of SGD, 0 for none")
    parser.add_argument("--optimiser", choices=OPTIMISERS, help="where neither setting says it")
    parser.set_defaults(run=print_answer)


def print_answer(options: argparse.Namespace) -> int:
    """Print what the other framework has to be told; 1 if nothing, 2 if more has to be known."""
    given = {name: getattr(options, name) for name in (*_NUMBERS, "momentum", "optimiser")}
    if options.to == "all":
        return _print_all(options.value, options.from_, given)
    try:
        print(answer(options.value, options.from_, options.to, **given))
    except NoEquivalent as reason:
        print(reason)
        return 1
    return 0


def _print_all(value: float, from_: str, given: dict[str, Any]) -> int:
    """Print a line for each setting that can be told, then why the others cannot."""
    told, reasons = everywhere(value, from_, **given)
    width = max(map(len, SETTINGS))
    for id, words in told.items():
        print(f"{id:{width}}  {words:14}  {SETTINGS[id].api}")
    for reason, ids in groupby(sorted(reasons, key=reasons.__getitem__), reasons.__getitem__):
        print(f"\nNot {', '.join(ids)}: {reason}")
    return 0 if told else 1
