"""The workflows hold to their form, run what there is, and keep what was published."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# PyYAML reads YAML 1.1, in which the key `on` is a truth value.
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
JOBS = {
    f"{workflow}.{name}": job
    for workflow, content in WORKFLOWS.items()
    for name, job in content["jobs"].items()
}
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


@pytest.mark.parametrize(
    "schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"]
)
def test_workflows_are_valid(check_schema, schema):
    check_schema(schema, *FILES)


def test_a_workflow_may_read_and_each_job_says_what_more_it_needs():
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}, name
    writing = {
        name: {what for what, how in job.get("permissions", {}).items() if how == "write"}
        for name, job in JOBS.items()
    }
    assert {name: what for name, what in writing.items() if what} == {
        "publish.publish": {"contents", "pages", "id-token"},
        "canary.report": {"issues"},
    }


def test_what_may_write_installs_nothing():
    for name, job in JOBS.items():
        if "write" in job.get("permissions", {}).values():
            made = {target for step in job["steps"] for target in targets(step)}
            assert made <= {"release"}, name
            assert not any("pip" in step.get("run", "") for step in job["steps"]), name


def test_actions_are_pinned_by_commit():
    """A tag can be moved to other code. The release it stood for is named beside it."""
    for file in FILES:
        for line in file.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                pinned = r".*uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
                assert re.fullmatch(pinned, line), (file.name, line)


def test_an_action_has_one_commit_everywhere():
    used = {step["uses"] for _, step in STEPS if "uses" in step}
    assert len(used) == len({action.partition("@")[0] for action in used})


def test_each_step_makes_what_can_be_made():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    made = {target for _, step in STEPS for target in targets(step)}
    assert made <= known
    assert {"test", "lint", "book", "release"} <= made


def targets(step) -> set[str]:
    """What a step makes: `make book X=y` makes book."""
    lines = re.findall(r"^\s*make (.+)$", step.get("run", ""), re.MULTILINE)
    return {word for line in lines for word in line.split() if "=" not in word}


def test_requests_of_strangers_run_on_no_machine_of_our_own():
    for name, workflow in WORKFLOWS.items():
        own = any("self-hosted" in job["runs-on"] for job in workflow["jobs"].values())
        assert not own or set(workflow[True]) <= {"schedule", "workflow_dispatch"}, name


def test_the_canary_pins_nothing_but_the_major_version_of_jupyter_book(tmp_path):
    assert WORKFLOWS["canary"]["env"] == {"REQUIREMENTS": "unpinned.txt"}
    for name in ("Makefile", "requirements.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(["make", "--silent", "unpinned.txt"], cwd=tmp_path, timeout=60, check=True)
    pinned, unpinned = (
        [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        for path in (tmp_path / "requirements.txt", tmp_path / "unpinned.txt")
    )
    assert "jupyter-book<2" in unpinned and "torch" in unpinned
    assert [line for line in unpinned if re.search(r"[^\w.-]", line)] == ["jupyter-book<2"]
    assert {re.split("[<=]", line)[0] for line in unpinned} < {
        line.partition("==")[0] for line in pinned
    }


class Remote:
    """A bare repository, and how a runner checks it out anew and runs the steps of a job."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bare, self.runs = folder, folder / "bare.git", 0
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", self.bare)
        source = folder / "source"
        git(folder, "clone", "--quiet", self.bare, source)
        for name in ("Makefile", "src/l2scale/press/release.py"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
        git(source, "checkout", "--quiet", "-B", "main")
        git(source, "add", "--all")
        git(source, "commit", "--quiet", "--message=one")
        git(source, "push", "--quiet", "origin", "main")

    def publish(self, name: str, figure: str) -> int:
        """Run what the job of publishing runs, for a site with this figure; the exit status."""
        self.runs += 1
        runner = self.folder / f"runner{self.runs}"
        git(self.folder, "clone", "--quiet", "--branch=main", "--depth=1", self.uri, runner)
        site = runner / "_build" / "html"
        site.mkdir(parents=True)
        (site / "index.html").write_text("a book")
        (site / "a.svg").write_text(figure)
        script = "\n".join(
            step["run"] for step in JOBS["publish.publish"]["steps"] if "run" in step
        )
        settings = {"RELEASE": name, "GITHUB_SHA": "abc", "PYTHON": sys.executable}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=runner,
            env=IDENTITY | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        self.said = done.stdout
        return done.returncode

    @property
    def uri(self) -> str:
        return self.bare.as_uri()  # a path would be copied whole, not as deep as asked

    def kept(self) -> dict[str, str]:
        """The files on the branch of all versions, by path."""
        paths = git(self.bare, "ls-tree", "-r", "--name-only", "gh-pages").split()
        return {path: git(self.bare, "show", f"gh-pages:{path}") for path in paths}


IDENTITY = os.environ | {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A tester"), ("EMAIL", "tester@host.example"))
    },
}


def git(folder: Path, *arguments) -> str:
    done = subprocess.run(
        ["git", *map(str, arguments)],
        cwd=folder,
        env=IDENTITY,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_publishing_keeps_all_versions_and_changes_none(tmp_path):
    remote = Remote(tmp_path)
    for name, figure in (("latest", "1"), ("v0.1.0", "1"), ("latest", "2"), ("latest", "2")):
        assert remote.publish(name, figure) == 0, remote.said
    kept = remote.kept()
    assert kept["versions.json"] == '["latest", "v0.1.0"]\n'
    assert (kept["latest/a.svg"], kept["v0.1.0/a.svg"]) == ("2", "1")
    assert {path.partition("/")[0] for path in kept} == {
        ".nojekyll", "index.html", "versions.json", "latest", "v0.1.0",
    }  # fmt: skip
    assert remote.publish("v0.1.0", "2") != 0
    assert "v0.1.0 is published, and a.svg differs" in remote.said
    assert remote.kept() == kept
