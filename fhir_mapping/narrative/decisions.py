"""What was decided of a finding, in the names that stand behind the slash of its rule."""

from __future__ import annotations

__all__ = ["DECISIONS", "SIDES"]

# "satellites/said-absent-before": the concept was named, and denied in front of its name.
DECISIONS: dict[str, str] = {
    "asked": "the finding is only asked for; nothing is read",
    "at-operation": "a rupture made at the operation; nothing is read",
    "average": "an average of Ki67 in a clause of its own",
    "capsule-not-complete": "a denial of completeness: the capsule is incomplete",
    "capsule-not-invaded": "a denial of invasion alone: there is a capsule",
    "excepted": "what a denial excepts is there",
    "formerly-doubted": "only thought earlier; it counts only where it is disproved",
    "integrity": "tumour integrity, intact or not",
    "length": "a length with its unit, by the words around it",
    "margin_cm": "the distance to the parenchymal margin",
    "mentioned": "only named, among understood words: it is there",
    "no-data": "denied together with Ki67, so there are no data; nothing is read",
    "not-a-rupture": "said to be no rupture",
    "not-answered": "a name with a colon and no answer; nothing is read",
    "not-ticked": "an option that is not ticked; nothing is read",
    "not-understood": "too many strange words; nothing is read",
    "of-a-biopsy": "a capsule that a biopsy does not show; nothing is read",
    "of-a-part": "denied of a part of the specimen only; nothing is read",
    "pair": "the value at the same place of a pair of answers",
    "pair-without-values": "a pair without a pair of answers; nothing is read",
    "refuted": "what was called so proved to be something else; nothing is read",
    "settled": "a suspicion that was confirmed or not",
    "share": "a share of nuclei in per cent",
    "thrombus-of-no-stated-kind": "a thrombus of no stated kind leaves invasion uncertain",
    "ticked": "the name itself is ticked",
    "tumour_number": "the number of tumours",
    "tumour_size_cm": "the largest diameter of a tumour",
}
# Behind the names of the cues: where the word stood.
SIDES: tuple[str, ...] = ("-before", "-after", "-inside")
