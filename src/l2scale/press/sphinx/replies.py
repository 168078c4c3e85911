"""Replies that can be posted: what a page says to a discussion, with a figure, as Markdown too.

```{reply} carried-over
**Use the sum.** ...
```

The argument is the figure. The box shows the figure and the text; its Markdown, with numbers and
whole addresses, is written when those are known.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from l2scale.press import addresses
from l2scale.press.citing import LICENCE, escaped
from l2scale.press.markdown import markdown
from l2scale.press.sphinx import store
from l2scale.press.sphinx.late import late_block
from l2scale.press.sphinx.overview import about_book
from l2scale.press.sphinx.references import References
from l2scale.press.sphinx.templating import render_template


class Reply(SphinxDirective):
    """{reply}: a text to post, under the figure that it is about."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The figure, the text, and a placeholder for its Markdown."""
        self.assert_has_content()
        text = nodes.container(classes=["press-reply"])
        text += self.parse_content_to_nodes()
        source = "\n".join([self.arguments[0], *self.content])
        plate = late_block(self.env, "plate", self.arguments[0])
        return [text, plate, late_block(self.env, "reply", source)]


def written(app: Sphinx, page: str, source: str) -> str:
    """The Markdown of a reply: picture, text, and where it comes from.

    Raises:
        LookupError: the book has no such figure.
    """
    figure, _, text = source.partition("\n")
    plates, about = store.plates(app.env), about_book(app.env)
    if figure not in plates:
        raise LookupError(f"no figure {figure!r}, but {', '.join(plates) or 'none'}")
    image = addresses.site() + addresses.figure_file(figure, "png")
    place = addresses.site() + addresses.figure_address(figure)
    return "\n\n".join(
        [
            markdown(text, References(app, page)),
            f"[![{escaped(plates[figure].meta['title'])}]({image})]({place})",
            f"*From [{app.config.html_title}]({addresses.site()}{page}.html), version "
            f"{about['version']}, commit {about['commit']}, {LICENCE}.*",
        ]
    )


def box(app: Sphinx, page: str, source: str) -> str:
    """The HTML that takes the place of a reply's placeholder.

    Raises:
        LookupError: as `written`.
    """
    return render_template(app, page, "reply.html", text=written(app, page, source))


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("reply", Reply)
