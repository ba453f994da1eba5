"""Which model a content hash stands for: written at every start, so that old hashes keep a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from cds_service.store.database import writing
from cds_service.store.tables import MODELS_SEEN

__all__ = ["ModelsSeen", "SeenModel"]


@dataclass(frozen=True, slots=True)
class SeenModel:
    """One version of one model."""

    content_hash: str
    model_id: str
    version: str
    status: str


class ModelsSeen:
    """The table of models."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, models: Iterable[SeenModel], at: datetime) -> None:
        """Write the models that are new."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        with writing(self._engine).begin() as connection:
            for model in models:
                connection.execute(
                    dialect.insert(MODELS_SEEN)
                    .values(
                        content_hash=model.content_hash,
                        model_id=model.model_id,
                        version=model.version,
                        status=model.status,
                        first_seen_at=at,
                    )
                    .on_conflict_do_nothing(index_elements=["content_hash"])
                )

    def by_hash(self) -> Mapping[str, SeenModel]:
        """Return every model that ever ran here by its content hash."""
        columns = MODELS_SEEN.c
        query = select(columns.content_hash, columns.model_id, columns.version, columns.status)
        with self._engine.connect() as connection:
            return {row.content_hash: SeenModel(*row) for row in connection.execute(query)}
