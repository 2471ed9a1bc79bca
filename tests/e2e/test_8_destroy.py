"""Last act: `zaklik deploy destroy`, and nothing is left."""

from ops.rehearsal.driving import inventory
from ops.rehearsal.driving.scene import STACK, Scene
from ops.rehearsal.steps import expect


def play(scene: Scene, before: frozenset[str]) -> None:
    """Destroy: refused, refused, done. `before` is what the account held at first."""
    log, terminal = scene.log, scene.terminal
    log.chapter("Taking it away")
    with log.step("zaklik deploy destroy refuses while there is data"):
        terminal.type("deploy", "destroy", "--really", STACK, status=1)
    with log.step("… and another stack's name"):
        terminal.type("deploy", "destroy", "--with-all-data", "--really", "other", status=1)
    kept = f"role {scene.deployed.physical('ApiLogRole')}"
    with log.step("zaklik deploy destroy, told twice"):
        terminal.type("deploy", "destroy", "--with-all-data", "--really", STACK)
    with log.step("nothing is left but the role by which the account's APIs write access logs"):
        expect("left", sorted(inventory.of_account(scene.deployed.client) - before), [kept])
