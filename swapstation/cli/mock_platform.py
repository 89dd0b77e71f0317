"""`swapstation mock-platform`: a supervision platform on this machine, for tests and before a real one is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from swapstation.errors import ConfigurationError
from swapstation.mock_platform.app import PATH, mock_app, serve_mock
from swapstation.mock_platform.misbehaviour import Misbehaviour
from swapstation.supervision.profile import load_profile
from swapstation.supervision.secret_files import load_secrets

BAD_INPUT = 2


def _share(text: str) -> Any:
    """An option that is a share of the requests."""
    return typer.Option(min=0.0, max=1.0, help=text)


def mock_platform(
    secrets: Annotated[Path, typer.Argument(metavar="SECRETS", help="The station's file of secrets. 密钥文件.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1. 端口.")] = 9102,
    profile: Annotated[str, typer.Option(help="Profile, or its TOML file. 平台配置.")] = "tcec102-2016",
    station_url: Annotated[str, typer.Option(help="Where the station is asked. 本站接口地址.")] = (
        f"http://127.0.0.1:8080{PATH}"
    ),
    store: Annotated[Path | None, typer.Option(help="Add every request to this file. 记录文件.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the misbehaviour. 随机种子.")] = 1,
    wrong_ret: Annotated[float, _share("Answer --ret instead. 错误返回码.")] = 0.0,
    ret: Annotated[int, typer.Option(help="The code that --wrong-ret answers. 返回码.")] = 500,
    server_error: Annotated[float, _share("HTTP 500, nothing taken. 服务器错误.")] = 0.0,
    timeout: Annotated[float, _share("No answer. 不应答.")] = 0.0,
    lose_answer: Annotated[float, _share("Taken, then HTTP 500. 收下但不应答.")] = 0.0,
    stale_answer: Annotated[float, _share("The answer before, nothing taken. 重复上一应答.")] = 0.0,
    forget_token: Annotated[float, _share("Forget every token first. 令牌失效.")] = 0.0,
    slow_s: Annotated[float, typer.Option(min=0.0, help="Seconds before every answer. 延迟.")] = 0.0,
    token_life_s: Annotated[int, typer.Option(min=1, help="Life of a token in seconds. 令牌有效期.")] = 7200,
    outage: Annotated[
        list[str] | None, typer.Option(metavar="FROM-UNTIL", help="Seconds since the start. 中断时段.")
    ] = None,
) -> None:
    """Be a strict supervision platform; shares from 0 to 1 of the requests are misbehaved at. 模拟监管平台."""
    try:
        known, pair = load_profile(profile), load_secrets(secrets)
        outages = tuple(_window(each) for each in outage or ())
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(BAD_INPUT) from error
    misbehaviour = Misbehaviour(
        seed,
        wrong_ret,
        ret,
        server_error,
        timeout,
        lose_answer,
        stale_answer,
        forget_token,
        slow_s,
        token_life_s,
        outages,
    )
    typer.echo(f"http://127.0.0.1:{port}{PATH}  (books: http://127.0.0.1:{port}/mock/books)")
    app = mock_app(known, pair, misbehaviour, station_url, store)
    serve_mock(app, port)


def _window(text: str) -> tuple[float, float]:
    first, _, last = text.partition("-")
    try:
        return float(first), float(last)
    except ValueError:
        raise ConfigurationError([f"--outage {text}: 应为 FROM-UNTIL (秒) | must be FROM-UNTIL in seconds"]) from None
