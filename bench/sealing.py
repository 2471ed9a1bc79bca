"""What does a seal cost in Python, in a browser, and in bytes?"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from playwright.sync_api import sync_playwright

from bench.instruments import reporting, timing
from bench.instruments.reporting import Chapter, Progress, figure, ratio, table
from bench.instruments.timing import Act
from chalicelib.crypto.sealing import MAIL, OVERHEAD_BYTES, SIGNATURE, SUBSCRIBER, info, seal
from chalicelib.crypto.unsealing import PrivateKey, unseal
from tests.browser import offline

SEAL: Final = "seal a signature"
UNSEAL: Final = "unseal a signature"
SEAL_X25519: Final = "seal the same bytes, HPKE with X25519 alone"
UNSEAL_X25519: Final = "unseal them"
AES: Final = "encrypt the same bytes, AES-256-GCM alone"
PLAIN: Final = {
    "name": "Алеся Ёўга",
    "email": "alesia@example.org",
    "country": "PL",
    "language": "be",
    "confirmed_at": "2026-03-08T12:00:00+00:00",
}
CONTEXT: Final = info(SIGNATURE, "belarus-mothers", "0123456789abcdef" * 2)
RECORDS: Final = 500
_FEW_RECORDS: Final = 10
_COUNT: Final = 200
_ROUNDS: Final = 3
_IN_CHROMIUM: Final = """
async ([seed, seals, info, value, size, rounds]) => {
  const own = await privateKey(fromHex(seed));
  const records = seals.map((each) => fromHex(each));
  const inTurn = (act) => async () => { for (const each of records) await act(each); };
  const works = {
    'unseal, one after another': inTurn((record) => unseal(own, record, info)),
    'unseal, all at once': () => Promise.all(records.map((record) => unseal(own, record, info))),
    'seal, one after another': inTurn(() => seal(value, size, own.publicKey, info)),
  };
  const best = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const started = performance.now();
      await work();
      const spent = (performance.now() - started) / records.length;
      best[name] = Math.min(spent, best[name] ?? Infinity);
    }
  }
  return best;
}
"""


@dataclass(frozen=True, kw_only=True)
class SealingTimes:
    """CPU seconds of an operation in Python; milliseconds a record in Chromium, none without it."""

    python: Mapping[str, float]
    chromium: Mapping[str, float]


def measure(progress: Progress, *, short: bool = False) -> SealingTimes:
    """Seal and unseal signatures in Python, then in Chromium."""
    progress("in Python")
    key = PrivateKey.generate()
    acts = _signature(key) | _peers()
    python = timing.cpu_seconds(
        {name: timing.same(act) for name, act in acts.items()}, count=_COUNT
    )
    progress("in Chromium")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    records = _FEW_RECORDS if short else RECORDS
    return SealingTimes(python=python, chromium=_in_chromium(path, key, records) if path else {})


def _signature(key: PrivateKey) -> dict[str, Act]:
    sealed = seal(PLAIN, SIGNATURE, key.public_bytes, CONTEXT)
    return {
        SEAL: lambda: seal(PLAIN, SIGNATURE, key.public_bytes, CONTEXT),
        UNSEAL: lambda: unseal(sealed, [key], CONTEXT),
    }


def _peers() -> dict[str, Act]:
    """The padded bytes alone, with X25519 and with a key that both sides hold."""
    padded = b" " * SIGNATURE.bytes
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    key = X25519PrivateKey.generate()
    public = key.public_key()
    sealed = suite.encrypt(padded, public, info=CONTEXT)
    aes = AESGCM(os.urandom(32))
    return {
        SEAL_X25519: lambda: suite.encrypt(padded, public, info=CONTEXT),
        UNSEAL_X25519: lambda: suite.decrypt(sealed, key, info=CONTEXT),
        AES: lambda: aes.encrypt(os.urandom(12), padded, CONTEXT),
    }


_ARGUMENTS: Final = (
    "--no-sandbox",
    # Chromium 150 has the hybrid KEM of our seals behind this feature, later ones by default.
    "--enable-features=WebCryptoPQC",
)


def _in_chromium(path: str, key: PrivateKey, records: int) -> Mapping[str, float]:
    seals = [seal(PLAIN, SIGNATURE, key.public_bytes, CONTEXT).hex() for _ in range(records)]
    given = [key.seed.hex(), seals, CONTEXT.decode(), PLAIN, SIGNATURE.bytes, _ROUNDS]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        page = browser.new_page()
        page.goto(offline.written(Path(name)).as_uri())
        spent: Mapping[str, float] = page.evaluate(_IN_CHROMIUM, given)
        browser.close()
    return spent


def chapter(times: SealingTimes) -> Chapter:
    """What a seal costs."""
    python = times.python
    peers = {SEAL: SEAL_X25519, UNSEAL: UNSEAL_X25519}
    rows = [
        [
            name,
            figure(1 / seconds),
            ratio(seconds / python[AES]),
            ratio(seconds / python[peers[name]]) if name in peers else "",
        ]
        for name, seconds in python.items()
    ]
    heads = ("work in Python", "per second", "÷ AES-256-GCM", "÷ X25519")
    in_chromium = [
        [name, figure(spent), figure(1000 / spent)] for name, spent in times.chromium.items()
    ] or [["no browser here", "", ""]]
    text = f"""
Seals are HPKE with MLKEM768-X25519, HKDF-SHA256 and AES-256-GCM. One is {OVERHEAD_BYTES:,} bytes
longer than its padded text: {SIGNATURE.sealed_bytes:,} bytes for a signature,
{SUBSCRIBER.sealed_bytes:,} for a subscriber, {MAIL.sealed_bytes:,} for a mail. CPU time of one
core:

{table(heads, rows)}
The same work in Chromium, with WebCrypto and a page from disk; elapsed time of {RECORDS} records,
the fastest of {_ROUNDS} rounds:

{table(("work in Chromium", "ms a record", "per second"), in_chromium)}"""
    return Chapter(title="What a seal costs", command=reporting.command("sealing"), text=text)


if __name__ == "__main__":
    reporting.show("sealing", lambda progress: chapter(measure(progress)))
