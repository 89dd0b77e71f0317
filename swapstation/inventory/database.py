"""The station database: what it is called, where its migrations lie, and how its writer and readers open it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from swapstation.database.columns import NAMES
from swapstation.database.store import Database, DatabaseDamaged, DatabaseError, DatabaseOwned, Store

__all__ = [
    "Connection",
    "Database",
    "DatabaseDamaged",
    "DatabaseError",
    "DatabaseOwned",
    "alembic_config",
    "metadata",
    "migrate",
    "open_reader",
    "open_writer",
    "storage_errors",
]

STATION = Store(
    zh="站数据库",
    en="station database",
    after_damage_zh="请保留该文件, 换上备份或新建数据库, 启动后逐仓盘库再确认",
    after_damage_en=(
        "Keep the file, put a copy or a new database in its place, start, and count the stock bay by bay before you "
        "confirm (docs/operator.md)"
    ),
    migrations=Path(__file__).parent / "migrations",
    advisory_lock=0x5357_4150,  # "SWAP"; advisory locks are per database
)
migrate, open_writer, open_reader = STATION.migrate, STATION.open_writer, STATION.open_reader
storage_errors, alembic_config = STATION.errors, STATION.alembic_config

Connection = sa.Connection
"""What queries take, named for packages that know no SQLAlchemy."""

metadata = sa.MetaData(naming_convention=NAMES)
