"""The business database: what it is called, and how its one writer, the server, and its readers open it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from swapstation.config.settings import Config
from swapstation.database.columns import NAMES
from swapstation.database.store import Database, DatabaseDamaged, DatabaseError, DatabaseOwned, Store

__all__ = ["BUSINESS", "Connection", "Database", "DatabaseDamaged", "DatabaseError", "DatabaseOwned", "metadata"]

BUSINESS = Store(
    zh="业务数据库",
    en="business database",
    after_damage_zh="请保留该文件, 换上备份或新建数据库 (新库会要求重新建立第一个管理员)",
    after_damage_en="Keep the file, put a copy or a new database in its place (a new one asks for a first admin again)",
    migrations=Path(__file__).parent / "migrations",
    advisory_lock=0x4255_5349,  # "BUSI"
)

Connection = sa.Connection
"""What the functions of this package take, named for packages that know no SQLAlchemy."""

metadata = sa.MetaData(naming_convention=NAMES)


def open_business_database(config: Config) -> Database:
    """Migrate the configured database and own it as its writer. Raises DatabaseError, DatabaseOwned."""
    config.data.mkdir(parents=True, exist_ok=True)
    if not config.business_database_url:
        _for_its_owner_only(config.data / "business.db")
    BUSINESS.migrate(config.business_url)
    return BUSINESS.open_writer(config.business_url)


def _for_its_owner_only(file: Path) -> None:
    """Nobody else reads the hashes of PINs; SQLite gives the files beside it the same mode."""
    try:
        file.touch(mode=0o600)
        file.chmod(0o600)
    except OSError as error:
        raise DatabaseError(f"{BUSINESS.en}: {file}: {error.strerror}") from error
