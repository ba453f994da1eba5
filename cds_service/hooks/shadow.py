"""Which cards are computed and recorded but not sent (evidence.md, section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds_service.advice.consultation import Proposal
from models.model import Model
from models.outcome import Status

__all__ = ["NOT_HIDDEN", "Shadow", "needs_approval", "shadow_of"]


@dataclass(frozen=True, slots=True)
class Shadow:
    """The whole service, or every card that rests on a model not cleared to be shown.

    `cleared` holds the content hashes that may be shown; None clears all but those in `hidden`.
    """

    whole: bool = False
    hidden: frozenset[str] = frozenset()
    cleared: frozenset[str] | None = None

    def hides(self, proposal: Proposal) -> bool:
        """Tell whether a card is not sent; one that carries no model's number rests on no hash."""
        hashes = set(proposal.model_hashes)
        if self.whole or hashes & self.hidden:
            return True
        return self.cleared is not None and not hashes <= self.cleared


NOT_HIDDEN = Shadow()


def needs_approval(model: Model) -> bool:
    """Tell whether a site has to approve a model before its cards are shown.

    What is published as it stands needs none. A model fitted at the site itself (local) does: that
    is stricter than evidence.md, section 9, and ours, because its validation report is what the
    approval rests on.
    """
    return model.provenance.status is not Status.PUBLISHED


def shadow_of(
    models: Mapping[str, Model],
    approved: Iterable[str],
    *,
    demo: bool,
    whole: bool,
    shadow_models: Iterable[str],
) -> Shadow:
    """Return what stays in shadow; `approved` are the content hashes the site has approved."""
    hidden = frozenset(models[name].provenance.content_hash for name in shadow_models)
    if demo:
        return Shadow(whole, hidden)
    free = {model.provenance.content_hash for model in models.values() if not needs_approval(model)}
    return Shadow(whole, hidden, frozenset(free | set(approved)))
