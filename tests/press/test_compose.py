"""Title and stamp stand outside the drawing, whatever it holds."""

import itertools

import matplotlib.pyplot as plt
import pytest
from matplotlib.font_manager import FontProperties

from l2scale.looks import style
from l2scale.press.compose import compose, compose_narrow, lay_out, thin_labels
from l2scale.press.wrapping import wrap

TITLE = "The sum grows with the width, and a long title is broken into lines that fit the figure"
FONT = FontProperties(size=12, weight="bold")


@pytest.fixture(autouse=True)
def drawn_in_a_theme():
    with style.theme("light"):
        yield
    plt.close("all")


def boxes(fig):
    """Extents in pixels of the title, the stamp and all the drawing's own artists."""
    renderer = fig.canvas.get_renderer()
    title, stamp = fig.texts[-2:]
    own = [*fig.axes, *fig.legends, *fig.texts[:-2]]
    return (
        title.get_window_extent(renderer),
        stamp.get_window_extent(renderer),
        [artist.get_tightbbox(renderer) for artist in own],
    )


def one_panel():
    fig, ax = plt.subplots()
    ax.set(xlabel="x", ylabel="y", title="panel")
    return fig


def panels_with_common_labels():
    fig, axes = plt.subplots(1, 2, sharey=True)
    for ax in axes:
        ax.set_title("panel")
    fig.supxlabel("common x")
    fig.supylabel("common y")
    return fig


def legend_above():
    fig, ax = plt.subplots()
    ax.plot([1, 2], label="a line")
    ax.set_title("panel")
    fig.legend(loc="outside upper left")
    return fig


def legend_below():
    fig, ax = plt.subplots()
    ax.plot([1, 2], label="a line")
    ax.set_xlabel("x")
    fig.legend(loc="outside lower center")
    return fig


@pytest.mark.parametrize("draw", [one_panel, panels_with_common_labels, legend_above, legend_below])
def test_nothing_overlaps(draw):
    fig = draw()
    compose(fig, TITLE, "smoke scale · 24 networks")
    title, stamp, own = boxes(fig)
    for box in own:
        assert box.y1 <= title.y0 and box.y0 >= stamp.y1
    width = style.WIDTH * fig.dpi
    assert title.x0 >= -1 and title.x1 <= width + 1
    for legend in fig.legends:
        for ax in fig.axes:
            renderer = fig.canvas.get_renderer()
            outside = legend.get_window_extent(renderer)
            assert not outside.overlaps(ax.get_tightbbox(renderer))


def test_the_page_grows_with_the_title_and_the_drawing_stays():
    one, other = one_panel(), one_panel()
    short, long = compose(one, "Short", "stamp"), compose(other, TITLE, "stamp")
    assert short.size[0] == long.size[0]
    assert short.size[1] < long.size[1]
    assert one.axes[0].get_position().bounds == other.axes[0].get_position().bounds


def panels_that_share_an_axis():
    fig, axes = plt.subplots(2, 2, sharey=True, figsize=(style.WIDTH, 4))
    for place, ax in enumerate(axes.flat):
        ax.set(title=f"panel {place}")
    axes[0, 0].set(ylabel="what all share")
    axes[1, 0].set_xlabel("a label that is too long for a page as narrow as that of a phone")
    fig.legend(
        [plt.Line2D([], []) for _ in range(4)],
        ["some words of a legend"] * 4,
        loc="outside lower center",
        ncols=4,
    )
    return fig


def test_on_a_narrow_page_panels_stand_one_below_the_other():
    fig = panels_that_share_an_axis()
    panels = list(fig.axes)
    printed = compose_narrow(fig, TITLE, "smoke scale · 24 networks")
    assert printed.png is None
    assert printed.size[0] < 400 < printed.size[1]
    places = [ax.get_position() for ax in panels]
    assert [ax.get_title("left") for ax in panels] == [f"panel {place}" for place in range(4)]
    assert all(below.y1 < above.y0 for above, below in itertools.pairwise(places))
    assert len({round(place.x0, 3) for place in places}) == 1
    assert {ax.get_ylabel() for ax in panels} == {"what all share"}
    assert all(ax.yaxis.get_major_ticks()[0].label1.get_visible() for ax in panels)
    page = fig.bbox
    for box in boxes(fig)[2]:
        assert box.x0 >= -1 and box.x1 <= page.x1 + 1


def test_titles_break_between_words_and_fit():
    lines = wrap(TITLE, style.WIDTH, FONT)
    assert len(lines) == 2
    assert " ".join(lines) == TITLE
    assert min(map(len, lines)) > 0.8 * max(map(len, lines))
    assert wrap("Short", style.WIDTH, FONT) == ["Short"]
    assert wrap("Two short", 0.5, FONT) == ["Two", "short"]
    assert wrap("Donaudampfschifffahrtsgesellschaft", 0.5, FONT) == [
        "Donaudampfschifffahrtsgesellschaft"
    ]


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ((1.5, 7), ["2", "5"]),
        ((0.0015, 0.012), ["0.002", "0.005", "0.01"]),
        ((1.5e-6, 7e-6), [r"$2\times10^{-6}$", r"$5\times10^{-6}$"]),
        (
            (0.8, 120),
            ["$\\mathdefault{10^{0}}$", "$\\mathdefault{10^{1}}$", "$\\mathdefault{10^{2}}$"],
        ),
    ],
)
def test_labels_of_logarithmic_axes_are_thinned(limits, labels):
    fig, ax = plt.subplots()
    ax.set(xscale="log", xlim=limits)
    thin_labels(ax.xaxis)
    fig.draw_without_rendering()
    ticks = [*ax.xaxis.get_major_ticks(), *ax.xaxis.get_minor_ticks()]
    shown = sorted((t.get_loc(), t.label1.get_text()) for t in ticks if t.label1.get_text())
    assert [text for at, text in shown if limits[0] <= at <= limits[1]] == labels


def test_labels_that_a_drawing_has_set_are_kept():
    fig, ax = plt.subplots()
    ax.set_xscale("log")
    ax.set_xticks([3, 4], ["three", "four"])
    ax.set_xticks([], minor=True)
    compose(fig, "title", "stamp")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["three", "four"]


def test_a_drawing_sets_no_title_of_its_own():
    fig = one_panel()
    fig.suptitle("mine")
    with pytest.raises(ValueError, match="pass title= to @figure"):
        compose(fig, "title", "stamp")


def test_all_figures_are_as_wide():
    fig, _ = plt.subplots(figsize=(5, 3))
    with pytest.raises(ValueError, match=r"7\.2 inches wide, this one 5"):
        compose(fig, "title", "stamp")


def test_no_rounding_of_the_layout_is_left_in_a_position():
    fig = one_panel()
    lay_out(fig)
    found = fig.axes[0].get_position().get_points()
    assert (found == found.round(9)).all() and (found != found.round(2)).any()
