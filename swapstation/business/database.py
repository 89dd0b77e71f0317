"""The business database: what it is called, and how its one writer, the server, and its readers open it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from swapstation.config.settings import Config
from swapstation.database.columns import NAMES
from swapstation.database.store import Database, DatabaseDamaged, DatabaseError, DatabaseOwned, Store

__all__ = ["BUSINESS", "Database", "DatabaseDamaged", "DatabaseError", "DatabaseOwned", "metadata"]

BUSINESS = Store(
    zh="业务数据库",
    en="business database",
    after_damage_zh="请保留该文件, 换上备份或新建数据库 (新库会要求重新建立第一个管理员)",
    after_damage_en="Keep the file, put a copy or a new database in its place (a new one asks for a first admin again)",
    migrations=Path(__file__).parent / "migrations",
    advisory_lock=0x4255_5349,  # "BUSI"
)

metadata = sa.MetaData(naming_convention=NAMES)


def open_business_database(config: Config) -> Database:
    """Migrate the configured database and own it as its writer. Raises DatabaseError, DatabaseOwned."""
    config.data.mkdir(parents=True, exist_ok=True)
    BUSINESS.migrate(config.business_url)
    return BUSINESS.open_writer(config.business_url)
