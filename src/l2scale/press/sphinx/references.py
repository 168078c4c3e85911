"""What a chapter's text says and points to, in words and addresses that hold outside the site.

A notebook is read far from the site's files, so links are whole addresses; where the site has none,
the words stand alone.
"""

import re
from posixpath import dirname, join, normpath
from urllib.parse import urljoin

from pybtex.database import Entry
from sphinx.application import Sphinx

from l2scale.catalogue.text import quote
from l2scale.catalogue.typeset import typeset
from l2scale.press import addresses
from l2scale.press.markdown import linked
from l2scale.press.sphinx import code, finding, store
from l2scale.press.sphinx.overview import about_book
from l2scale.press.sphinx.quoting import sentence, tables

_TITLED = re.compile(r"(?P<title>.+?)\s*<(?P<target>[^>]*)>")


class References:
    """The book as the notebook of one page speaks of it; see `l2scale.press.markdown.Book`."""

    def __init__(self, app: Sphinx, page: str) -> None:
        """For the page with this name."""
        self.app, self.page = app, page
        named = app.env.domaindata["std"]["labels"]
        self._titles = {label: title for label, (_, _, title) in named.items()}
        self._places = {label: (page, anchor) for label, (page, anchor, _) in named.items()}
        self._numbers: dict[str, tuple[str, str]] = {}
        for holder, kinds in app.env.toc_fignumbers.items():
            for kind, ids in kinds.items():
                for id, number in ids.items():
                    self._numbers[id] = kind, ".".join(map(str, number))
                    self._places.setdefault(id, (holder, id))

    def address(self, page: str, anchor: str = "") -> str:
        """The address of a page, by name, and of an anchor on it; "" where the site has none."""
        if not addresses.site():
            return ""
        uri = urljoin(addresses.site(), self.app.builder.get_target_uri(page))
        return f"{uri}#{anchor}" if anchor else uri

    def linked(self, words: str, page: str, anchor: str = "") -> str:
        """Words with a link to a page and an anchor on it."""
        return linked(words, self.address(page, anchor))

    def link(self, target: str) -> str:
        """As in a chapter: `other.md`, `#label`, or an address of the web."""
        path, _, anchor = target.partition("#")
        if "://" in target:
            return target
        if not path:
            return self.address(*self._places.get(anchor, (self.page, anchor)))
        return self.address(normpath(join(dirname(self.page), path)).removesuffix(".md"), anchor)

    def numbered(self, label: str) -> str:
        """Proposition 3, Table 2, Fig. 6; the kind alone where blocks have no number."""
        kind, number = self._numbers.get(label, ("", ""))
        form = self.app.config.numfig_format.get(kind, f"{kind} %s")
        words = form.replace("%s", number).strip()
        return words[:1].upper() + words[1:]

    def equation(self, label: str) -> str:
        """An equation's number."""
        return self._numbers[f"equation-{label}"][1]

    def role(self, name: str, content: str) -> str:
        """What a role says, as Markdown; its own words where it points to nothing."""
        try:
            return self._said(name, content)
        except LookupError:  # Sphinx has warned of it
            return content

    def _said(self, name: str, content: str) -> str:
        titled = _TITLED.fullmatch(content)
        title, target = (titled["title"], titled["target"]) if titled else ("", content)
        match name:
            case "num":
                slug, _, key = target.partition(".")
                if slug == "book":
                    return about_book(self.app.env)[key]
                return typeset(quote(tables(self.app.env)[slug], key))
            case "say":
                return sentence(self.app, *target.split("."))
            case "claim":
                anchor = addresses.claim_anchor(target)
                return self.linked(target, addresses.VERDICTS_PAGE, anchor)
            case "eq":
                page, _ = self.app.env.domaindata["math"]["objects"][target]
                return self.linked(f"({self.equation(target)})", page, f"equation-{target}")
            case "numref" | "prf:ref" | "ref":
                words = title or self.numbered(target) or self._titles[target]
                return self.linked(words, *self._places[target])
            case "cite:t" | "cite:p":
                return ", ".join(self._cited(name, key.strip()) for key in target.split(","))
            case "source":
                place = code.code_address(target) if target else (addresses.CODE_INDEX, "")
                return self.linked(title or f"`{target}`", *place)
        raise ValueError(f"the role {name!r} on {self.page} has no words in a notebook")

    def part(self, name: str, argument: str) -> str:
        """A figure of another page, or a link to what a notebook cannot hold."""
        if name == "plate":
            meta = store.plates(self.app.env)[argument].meta
            words = self.linked(typeset(meta["claim"]), addresses.figure_page(argument))
            image = addresses.site() + addresses.figure_file(argument, "png")
            return f"![{meta['alt']}]({image})\n\n{words}" if addresses.site() else words
        if name == "prediction":
            rows = {f"{row['slug']}.{row['id']}": row for row in finding.predicted(self.app.env)}
            row = rows[argument]
            return f"> **Prediction.** {row['words']}\n>\n> *{row['outcome'].capitalize()}.*"
        return f"*This part is on {self.linked('the page itself', self.page)}.*"

    def _cited(self, name: str, key: str) -> str:
        entry = self.app.env.domaindata["cite"]["bibdata"].data.entries[key]
        names, year = cited(entry)
        page = addresses.BIBLIOGRAPHY_PAGE
        if name == "cite:t":
            return self.linked(f"{names} ({year})", page)
        return f"({self.linked(f'{names}, {year}', page)})"


def cited(entry: Entry) -> tuple[str, str]:
    """Authors and year, as text names them: ("Glorot and Bengio", "2010")."""
    people = entry.persons.get("author") or entry.persons["editor"]
    names = [" ".join(str(part) for part in person.rich_last_names) for person in people]
    if len(names) > 2:
        return f"{names[0]} *et al.*", str(entry.fields["year"])
    return " and ".join(names), str(entry.fields["year"])
