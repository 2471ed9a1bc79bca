"""The page that opens lists is written, named by its digest, and a copy of it is checked."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from ops import offline_page
from tests.ops.pseudo_terminal import refused, zaklik


def test_the_page_is_written_and_its_digest_shown(tmp_path: Path) -> None:
    written = zaklik("unseal-page", "--out", str(tmp_path / "unseal.html"))

    digest = hashlib.sha256((tmp_path / "unseal.html").read_bytes()).hexdigest()
    assert f"SHA-256  {digest}" in written.stdout
    assert digest in zaklik("unseal-page").stdout


def test_a_file_is_not_replaced_unless_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "unseal.html"
    path.write_text("mine")

    assert zaklik("unseal-page", "--out", str(path)).exit_code == 1
    assert path.read_text() == "mine"
    assert zaklik("unseal-page", "--out", str(path), "--force").exit_code == 0
    assert path.read_text("utf-8") == offline_page.assemble()


def test_a_copy_is_known_by_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "unseal.html"
    path.write_text(offline_page.assemble(), "utf-8")

    assert "byte for byte" in zaklik("unseal-page", "--check", str(path)).stdout

    path.write_bytes(path.read_bytes() + b" ")
    altered = zaklik("unseal-page", "--check", str(path))
    assert "Do not type a passphrase into it" in refused(altered)


def test_the_page_allows_its_own_scripts_and_style_and_nothing_else() -> None:
    page = offline_page.assemble()

    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1] == (
        f"default-src 'none'; script-src {' '.join(map(_source, scripts))}; "
        f"style-src {_source(style)}; worker-src blob:; connect-src 'none'; form-action 'none'; "
        "base-uri 'none'"
    )
    assert len(scripts) == 2
    assert not re.search(r"(?:src|href|action)=[\"'](?!#)", page.partition("<script")[0])
    assert " style=" not in page.partition("<script")[0]


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"
