"""What does Lighthouse say of the pages that a signer sees? Installs it beside the project.

It runs only where there is npm and Chromium, and `make bench` runs it only once it is installed.
"""

import json
import shutil
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.instruments import chromium, local_service, moto_service, reporting
from bench.instruments.moto_service import UnexpectedAnswer
from bench.instruments.reporting import Chapter, Progress, figure, table
from ops.compiling import ROOT

VERSION: Final = "12.8.2"
_AS_OF: Final = "2025-10-01"
"""Its own dependencies are the newest ones of this day, so that they are the same everywhere."""
_FOLDER: Final = ROOT / ".lighthouse"
RUNS: Final = 3
_GOALS: Final = {"accessibility": 100, "best-practices": 100, "performance": 98, "seo": 0}
_REFUSED: Final = "sign form with mistakes"
_MOST_FOR_REFUSED: Final = 96
"""Best practices of a page with status 4xx: Chromium itself notes it in the console."""
_TITLE: Final = "What Lighthouse says"
_FLOW: Final = """
import {startFlow} from 'lighthouse';
import puppeteer from 'puppeteer-core';

const {url, path, email, refused, executablePath} = JSON.parse(process.argv[1]);
const form = 'form:has(#email)';
const browser = await puppeteer.launch({executablePath, args: ['--no-sandbox']});
const page = await browser.newPage();
const flow = await startFlow(page, {flags: {ignoreStatusCode: true}});

const send = (name, selector) => flow.navigate(
  () => page.$eval(selector, (it) => it.querySelector('button').click()), {name});
const open = (address) => page.goto(address, {waitUntil: 'networkidle0'});

async function mailedLink() {
  for (let tries = 0; tries < 100; tries += 1) {
    const mails = await (await fetch(`${url}/_local/outbox.json`)).json();
    const mail = mails.find((each) => each.to === email);
    if (mail) { return mail.text.match(/http:[^ \\n]+[/]confirm[/][^ \\n]+/)[0]; }
    await new Promise((done) => { setTimeout(done, 100); });
  }
  throw new Error('no mail came');
}

await flow.navigate(url + path, {name: 'petition'});
await open(url + path);
await send(refused, form);
await open(url + path);
await page.type('#name', 'Hanna Kavalenka');
await page.type('#email', email);
await send('look into your inbox', form);
await open(await mailedLink());
await send('thanks', 'main form');

const {steps} = await flow.createFlowResult();
console.log(JSON.stringify(steps.map(({name, lhr}) => ({
  name,
  scores: Object.fromEntries(
    Object.entries(lhr.categories).map(([id, {score}]) => [id, Math.round(score * 100)])),
  faults: Object.values(lhr.categories).flatMap(({id, auditRefs}) => auditRefs
    .filter((ref) => ref.weight > 0 && id !== 'performance')
    .map((ref) => lhr.audits[ref.id])
    .filter((audit) => audit.score !== null && audit.score < 1)
    .map((audit) => audit.id)),
}))));
await browser.close();
"""
"""Goes from the petition to the thanks as a visitor does, for Node."""


@dataclass(frozen=True, kw_only=True)
class PageScores:
    """The scores of one page (0 to 100) by category, and the audits that it has not passed."""

    name: str
    scores: Mapping[str, int]
    faults: Sequence[str]


def measure(
    progress: Progress, *, install: bool = False, short: bool = False
) -> Sequence[PageScores] | None:
    """Go through the pages. None without Lighthouse, unless it shall and can be installed."""
    if not chromium.path() or not shutil.which("node"):
        return None
    if not _installed():
        if not install or not shutil.which("npm"):
            return None
        progress("installing Lighthouse")
        _install()
    runs = []
    for run in range(1 if short else RUNS):
        progress(f"run {run + 1} of {RUNS}")
        with local_service.running() as url:
            runs.append(_run(url))
    return [_together(pages) for pages in zip(*runs, strict=True)]


def _installed() -> bool:
    described = _FOLDER / "node_modules" / "lighthouse" / "package.json"
    return described.exists() and json.loads(described.read_text("utf-8"))["version"] == VERSION


def _install() -> None:
    _FOLDER.mkdir(exist_ok=True)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--before", _AS_OF]
    subprocess.run(
        ["npm", "install", *options, "--prefix", str(_FOLDER), f"lighthouse@{VERSION}"],  # noqa: S607
        check=True,
        cwd=_FOLDER,
    )


def _run(url: str) -> Sequence[PageScores]:
    asked = {
        "url": url,
        "path": moto_service.path(),
        "email": moto_service.address(0),
        "refused": _REFUSED,
        "executablePath": chromium.path(),
    }
    result = subprocess.run(
        ["node", "--input-type=module", "--eval", _FLOW, json.dumps(asked)],  # noqa: S607
        cwd=_FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise UnexpectedAnswer(result.stderr)
    pages: Sequence[Mapping[str, Any]] = json.loads(result.stdout)
    return [PageScores(**page) for page in pages]


def _together(runs: Sequence[PageScores]) -> PageScores:
    """The median score of each category, and every audit that was ever not passed."""
    return PageScores(
        name=runs[0].name,
        scores={
            category: round(statistics.median(run.scores[category] for run in runs))
            for category in _GOALS
        },
        faults=sorted({fault for run in runs for fault in run.faults}),
    )


def chapter(pages: Sequence[PageScores] | None) -> Chapter:
    """The scores, page by page."""
    command = reporting.command("lighthouse")
    if pages is None:
        text = f"""
**Not measured in this run**: Lighthouse is not installed here. `{command}` installs it where there
is npm, and measures."""
        return Chapter(title=_TITLE, command=command, text=text)
    rows = [
        (page.name, *(figure(page.scores[category]) for category in _GOALS), ", ".join(page.faults))
        for page in pages
    ]
    text = f"""
Lighthouse {VERSION} as a phone on a slow line (its default: it computes the line from what it sees
on this machine), in the median of {RUNS} runs through the pages: forms are sent, links of mails
followed. A form with mistakes is answered with a status of 4xx, which Chromium notes as an error in
the console: its best practices cannot be more than {_MOST_FOR_REFUSED}. Pages that belong to one
person tell search engines to keep out, which costs their SEO.

{table(("page", *(category.replace("-", " ") for category in _GOALS), "not passed"), rows)}"""
    broken = [
        f"{category.replace('-', ' ')} of “{page.name}” is {page.scores[category]}, not {goal}"
        for page in pages
        for category, goal in _goals(page.name).items()
        if page.scores[category] < goal
    ]
    return Chapter(title=_TITLE, command=command, text=text, broken=broken)


def _goals(page: str) -> Mapping[str, int]:
    return {**_GOALS, "best-practices": _MOST_FOR_REFUSED} if page == _REFUSED else _GOALS


if __name__ == "__main__":
    reporting.show("lighthouse", lambda progress: chapter(measure(progress, install=True)))
