"""`swapstation mock-headquarters`: a headquarters on this machine, for tests and before a real one is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from swapstation.mock_headquarters.app import MockHeadquarters, read_master, serve_headquarters
from swapstation.mock_headquarters.books import Books
from swapstation.mock_headquarters.misbehaviour import Misbehaviour

BAD_INPUT = 2


def _share(text: str) -> Any:
    """An option that is a share of the requests."""
    return typer.Option(min=0.0, max=1.0, help=text)


def mock_headquarters(
    token: Annotated[Path, typer.Argument(metavar="TOKEN", help="The station's file of its token. 令牌文件.")],
    station: Annotated[str, typer.Option(help="Id of the station. 站点编号.")] = "S1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1. 端口.")] = 9103,
    master: Annotated[Path | None, typer.Option(help="Master data, a JSON file. 主数据.")] = None,
    store: Annotated[Path | None, typer.Option(help="Keep records in this file. 记录文件.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the misbehaviour. 随机种子.")] = 1,
    server_error: Annotated[float, _share("HTTP 500, nothing taken. 服务器错误.")] = 0.0,
    timeout: Annotated[float, _share("No answer. 不应答.")] = 0.0,
    lose_answer: Annotated[float, _share("Taken, then HTTP 500. 收下但不应答.")] = 0.0,
    wrong_answer: Annotated[float, _share("Taken, answered for another. 应答错误.")] = 0.0,
    garbage: Annotated[float, _share("Taken, answered by no JSON. 应答乱码.")] = 0.0,
    slow_s: Annotated[float, typer.Option(min=0.0, help="Seconds before every answer. 延迟.")] = 0.0,
    away: Annotated[bool, typer.Option(help="Answer nothing but 503. 不可用.")] = False,
) -> None:
    """Be a strict headquarters; shares from 0 to 1 of the requests are misbehaved at. 模拟总部."""
    books = Books(store)
    try:
        books.load()
        books.master = None if master is None else read_master(master)
        secret = token.read_text(encoding="ascii").strip()
    except (OSError, ValueError, ValidationError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    mood = Misbehaviour(seed, server_error, timeout, lose_answer, wrong_answer, garbage, slow_s, away)
    typer.echo(f"http://127.0.0.1:{port}  (books: http://127.0.0.1:{port}/mock/books)")
    serve_headquarters(MockHeadquarters(station, secret, books, mood), port)
