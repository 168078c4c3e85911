"""Where the site and its repository stand is a setting, read with care."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from l2scale.press import addresses
from l2scale.press.sphinx.published import use_address

CODE = {"module": "l2scale.exhibits.small.lines", "function": "draw", "line": 12, "end": 30}
ASKED = {"L2SCALE_SITE": addresses.site, "L2SCALE_REPOSITORY": addresses.repository}


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    for name in ASKED:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ASKED)
def test_unset_is_empty(monkeypatch, name):
    assert ASKED[name]() == ""
    monkeypatch.setenv(name, " ")
    assert ASKED[name]() == ""


@pytest.mark.parametrize("given", ["https://host.example/book", "https://host.example/book/ "])
def test_the_slash_at_the_end_does_not_depend_on_who_sets_it(monkeypatch, given):
    for name in ASKED:
        monkeypatch.setenv(name, given)
    assert addresses.site() == "https://host.example/book/"
    assert addresses.repository() == "https://host.example/book"


NO_ADDRESSES = (
    "owner/name",
    "ftp://host/x",
    "https://",
    "https:///x",
    "https://host/?page=1",
    "https://host/#part",
    "git@github.com:owner/book.git",
    "https://host.example/a book/",
    "https://host.example/a\tbook/",
    "https://host.example/a\x1b[2Jbook/",
    'https://host.example/"onload="x/',
    "https://host.example/<script>x</script>",
    "https://host.example/'book'",
    "https://host.example/a&b/",
    "https://host.example/a\\b/",
    "https://host.example/100%/",
    "https://host.example/büch/",
    "https://user:word@host.example/book",
    "https://-host.example/book",
    "https://host.example:port/book",
    "https://host.example:99999/book",
    "https://[::1/book",
    "https://[::g]/book",
    "https://::1/book",
)


@pytest.mark.parametrize("given", NO_ADDRESSES)
@pytest.mark.parametrize("name", ASKED)
def test_what_is_no_address_is_refused_by_name(monkeypatch, name, given):
    monkeypatch.setenv(name, given)
    with pytest.raises(ValueError, match="https://host/path/") as refused:
        ASKED[name]()
    said = str(refused.value)
    assert said.startswith(f"{name} is {given.rstrip('/')!r}: ") and "https://host/path/" in said


@pytest.mark.parametrize(
    "given",
    [
        "http://localhost:8000/latest",
        "https://[::1]:8000/book",
        "https://host.example/~me/a%20book/v1.2.0",
        "https://host.example/@me/a+b,c;d=e:f!g$(h)*",
    ],
)
@pytest.mark.parametrize("name", ASKED)
def test_an_address_is_taken_as_it_is(monkeypatch, name, given):
    monkeypatch.setenv(name, given)
    assert ASKED[name]().rstrip("/") == given


@pytest.mark.parametrize(
    "given",
    [
        "https://github.com",
        "https://github.com/",
        "https://github.com/owner",
        "https://github.com/owner.git",
        "https://github.com/owner/book/tree/main",
        "https://gitlab.example",
        "https://[::1]:8000/",
    ],
)
def test_an_address_of_no_repository_is_refused(monkeypatch, given):
    monkeypatch.setenv("L2SCALE_REPOSITORY", given)
    monkeypatch.setenv("L2SCALE_SITE", "https://book.example/latest/")
    for ask in (addresses.repository, lambda: addresses.colab("chapters/batches")):
        with pytest.raises(ValueError, match=r"L2SCALE_REPOSITORY is '.*owner/name"):
            ask()


@pytest.mark.parametrize("name", ASKED)
def test_a_bad_address_is_refused_before_anything_is_trained(monkeypatch, name):
    monkeypatch.setenv(name, "https://github.com/<owner>")
    with pytest.raises(ValueError, match=name):
        use_address(None, SimpleNamespace())


@pytest.mark.parametrize(
    "given", ["https://GitHub.com/owner/book", "https://github.com/owner/book.git"]
)
def test_an_address_to_clone_from_is_that_of_the_repository(monkeypatch, given):
    monkeypatch.setenv("L2SCALE_REPOSITORY", given)
    monkeypatch.setenv("L2SCALE_SITE", "https://book.example/latest/")
    assert (
        addresses.lines_in_repository(CODE, "abc1234")
        .lower()
        .startswith("https://github.com/owner/book/blob/abc1234/")
    )
    assert "/github/owner/book/blob/" in addresses.colab("chapters/batches")


def test_code_is_linked_at_its_lines_and_its_commit(monkeypatch):
    monkeypatch.setenv("L2SCALE_REPOSITORY", "https://host.example/owner/book/")
    assert addresses.lines_in_repository(CODE, "abc1234") == (
        "https://host.example/owner/book/blob/abc1234/src/l2scale/exhibits/small/lines.py#L12-L30"
    )


@pytest.mark.parametrize("commit", ["unknown", "abc1234-dirty"])
def test_a_commit_that_the_repository_lacks_is_not_linked(monkeypatch, commit):
    monkeypatch.setenv("L2SCALE_REPOSITORY", "https://host.example/owner/book")
    assert addresses.lines_in_repository(CODE, commit) == ""


def test_without_a_repository_there_is_no_such_link():
    assert addresses.lines_in_repository(CODE, "abc1234") == ""


@pytest.mark.parametrize(
    ("site", "path"),
    [
        ("https://owner.github.io/book/latest/", "latest/notebooks/batches.ipynb"),
        ("https://owner.github.io/book/v1.2.0/", "v1.2.0/notebooks/batches.ipynb"),
        ("https://book.example/latest/", "latest/notebooks/batches.ipynb"),
        ("https://owner.github.io/book/", "notebooks/batches.ipynb"),
    ],
)
def test_notebooks_open_from_the_branch_of_the_pages(
    monkeypatch: pytest.MonkeyPatch, site: str, path: str
) -> None:
    monkeypatch.setenv("L2SCALE_SITE", site)
    monkeypatch.setenv("L2SCALE_REPOSITORY", "https://github.com/owner/book")
    colab = "https://colab.research.google.com/github/owner/book/blob/gh-pages"
    assert addresses.colab("chapters/batches") == f"{colab}/{path}"
    binder = urlsplit(addresses.binder("chapters/batches", "abc1234"))
    assert binder.path == "/v2/gh/owner/book/abc1234"
    pull = urlsplit(parse_qs(binder.query)["urlpath"][0])
    assert pull.path == "git-pull"
    assert parse_qs(pull.query) == {
        "repo": ["https://github.com/owner/book"],
        "branch": ["gh-pages"],
        "targetPath": ["gh-pages"],
        "urlpath": [f"lab/tree/gh-pages/{path}"],
    }


@pytest.mark.parametrize(
    ("site", "repository"),
    [
        ("", "https://github.com/owner/book"),
        ("https://book.example/latest/", ""),
        ("https://book.example/latest/", "https://gitlab.example/owner/book"),
    ],
)
def test_nothing_opens_where_the_notebook_is_not_known_to_stand(
    monkeypatch: pytest.MonkeyPatch, site: str, repository: str
) -> None:
    monkeypatch.setenv("L2SCALE_SITE", site)
    monkeypatch.setenv("L2SCALE_REPOSITORY", repository)
    assert addresses.colab("chapters/batches") == ""
    assert addresses.binder("chapters/batches", "abc1234") == ""


def test_an_issue_is_begun_where_the_repository_is_known(monkeypatch):
    assert addresses.issue_url("Title", "body") == ""
    monkeypatch.setenv("L2SCALE_REPOSITORY", "https://host.example/owner/book/")
    asked = urlsplit(addresses.issue_url("λ & more", "https://book/x.html\n\nWhat?"))
    assert asked.geturl().startswith("https://host.example/owner/book/issues/new?")
    said = {key: text for key, (text,) in parse_qs(asked.query).items()}
    assert said == {"title": "λ & more", "body": "https://book/x.html\n\nWhat?"}
