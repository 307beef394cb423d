from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit.chain import Anchor, AnchorError, Broken, broken, chains, differs, read_anchors
from clinic.management.lookup import clinic_called


class Command(BaseCommand):
    help = "Verify the chains of the audit trail; exit 1 and name what is broken. Also a daily job."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--clinic", help="code, such as GFC-TP; default: every chain")
        parser.add_argument(
            "--anchor", type=Path, help="a file of audit_anchor: shows chains that were rewritten"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            anchors = read_anchors(options["anchor"]) if options["anchor"] else []
        except AnchorError as error:
            raise CommandError(f"The anchors cannot be believed. {error}") from error
        names = self.wanted(options["clinic"], anchors)
        wrong = sum(self.verify(name, clinic_id, anchors) for clinic_id, name in names.items())
        if wrong:
            raise CommandError(f"{wrong} broken: the trail is not what was sealed.")
        against = f", as in {len(anchors)} anchors" if anchors else ""
        self.stdout.write(f"{len(names)} chains whole{against}.")

    def wanted(self, code: str | None, anchors: list[Anchor]) -> dict[UUID, str]:
        """{clinic: name} of the chains to verify; those that only an anchor knows too."""
        if code:
            return {clinic_called(code).id: code}
        names = {chain.clinic_id: chain.name for chain in chains()}
        gone = {clinic_id: str(clinic_id) for anchor in anchors for clinic_id in anchor.heads}
        return gone | names

    def verify(self, name: str, clinic_id: UUID, anchors: list[Anchor]) -> int:
        """Print what is broken; returns how much that is."""
        found: list[Broken] = broken(clinic_id=clinic_id) + differs(anchors, clinic_id)
        for item in found:
            self.stdout.write(f"{name}: {item}")
        return len(found)
