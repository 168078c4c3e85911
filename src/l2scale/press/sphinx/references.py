"""What a chapter's text says and points to, in words and addresses that hold outside the site."""

import re
from posixpath import dirname, join, normpath
from urllib.parse import urljoin

from pybtex.database import Entry
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from l2scale.catalogue.text import quote
from l2scale.catalogue.typeset import typeset
from l2scale.press import addresses
from l2scale.press.sphinx import code, store
from l2scale.press.sphinx.quoting import sentence, tables
from l2scale.press.sphinx.resolve import about_book

_TITLED = re.compile(r"(?P<title>.+?)\s*<(?P<target>[^>]*)>")


class References:
    """The book as the notebook of one page speaks of it; see `l2scale.press.markdown.Book`.

    Addresses are the site's own where that is known, else relative to the notebook's file.
    """

    def __init__(self, app: Sphinx, page: str, file: str) -> None:
        """For the page with this name, whose notebook is `file`, from the site's root."""
        self.app, self.page, self.file = app, page, file
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
        """The address of a page, by name, and of an anchor on it."""
        uri = self.file_address(self.app.builder.get_target_uri(page))
        return f"{uri}#{anchor}" if anchor else uri

    def file_address(self, path: str) -> str:
        """The address of a file of the site, by its path from the root."""
        site = addresses.site()
        return urljoin(site, path) if site else relative_uri(self.file, path)

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
                return f"[{target}]({self.address(addresses.VERDICTS_PAGE, anchor)})"
            case "eq":
                page, _ = self.app.env.domaindata["math"]["objects"][target]
                return f"[({self.equation(target)})]({self.address(page, f'equation-{target}')})"
            case "numref" | "prf:ref" | "ref":
                words = title or self.numbered(target) or self._titles[target]
                return f"[{words}]({self.address(*self._places[target])})"
            case "cite:t" | "cite:p":
                return ", ".join(self._cited(name, key.strip()) for key in target.split(","))
            case "source":
                place = code.locate(target) if target else (addresses.CODE_INDEX, "")
                return f"[{title or f'`{target}`'}]({self.address(*place)})"
        raise ValueError(f"the role {name!r} on {self.page} has no words in a notebook")

    def part(self, name: str, argument: str) -> str:
        """A figure of another page, or a link to what a notebook cannot hold."""
        if name == "plate":
            meta = store.plates(self.app.env)[argument].meta
            image = self.file_address(addresses.figure_file(argument, "png"))
            page = self.address(addresses.figure_page(argument))
            return f"[![{meta['alt']}]({image})]({page})\n\n{typeset(meta['claim'])}"
        return f"*This part is on [the page itself]({self.address(self.page)}).*"

    def _cited(self, name: str, key: str) -> str:
        entry = self.app.env.domaindata["cite"]["bibdata"].data.entries[key]
        names, year = cited(entry)
        link = self.address(addresses.BIBLIOGRAPHY_PAGE)
        return f"[{names} ({year})]({link})" if name == "cite:t" else f"([{names}, {year}]({link}))"


def cited(entry: Entry) -> tuple[str, str]:
    """Authors and year, as text names them: ("Glorot and Bengio", "2010")."""
    people = entry.persons.get("author") or entry.persons["editor"]
    names = [" ".join(str(part) for part in person.rich_last_names) for person in people]
    if len(names) > 2:
        return f"{names[0]} *et al.*", str(entry.fields["year"])
    return " and ".join(names), str(entry.fields["year"])
