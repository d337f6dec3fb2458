"""Access tokens of a Zalo Official Account.

A refresh token works once. So one worker at a time renews (a lease in the database), and the new pair is committed before
anyone uses it. A refresh that was sent but whose answer never came cannot be told from one that failed: the old token is
tried again, and when Zalo refuses it, `problem` says that somebody must log in anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import delete, insert, or_, select, update

from bot.channels.base import SendLater
from bot.settings import ZaloOASettings
from bot.storage import Storage, _owner_died
from bot.tables import ZaloToken

logger = logging.getLogger(__name__)
EARLY = 900.0  # seconds before its end when a token is renewed
LEASE = 60.0
REFRESH_LIFE = 90 * 86400.0  # "about 3 months"
AGAIN = 300.0  # seconds between tries after Zalo refused a refresh
LOGIN_AGAIN = "Zalo không nhận mã làm mới; hãy chạy “motcua zalo login”."


class LoginError(Exception):
    """Zalo gave no tokens; the message is for the operator."""


@dataclass(frozen=True)
class Tokens:
    """`expires_at`, `refreshed_at`, `not_before` (no new try after a refusal until then): seconds since 1970."""

    access: str
    refresh: str
    expires_at: float
    refreshed_at: float
    problem: str | None = None
    not_before: float = 0.0


class ZaloTokens:
    def __init__(self, settings: ZaloOASettings, storage: Storage, client: httpx.AsyncClient):
        self.settings = settings
        self.storage = storage
        self.client = client
        self._cached: Tokens | None = None
        self._lock = asyncio.Lock()

    async def access(self) -> str:
        """A token that is good now. Raises SendLater while there is none."""
        if self._cached and self._cached.expires_at - EARLY > time.time():
            return self._cached.access
        async with self._lock:
            return await self._access()

    async def _access(self) -> str:
        for _ in range(60):
            row = await self.storage.run(self.read)
            if row is None:
                raise SendLater("Chưa có mã truy cập Zalo OA; hãy chạy “motcua zalo login”.", AGAIN)
            if row.expires_at - EARLY > time.time():
                self._cached = row
                return row.access
            if row.problem and time.time() < row.not_before:
                if row.expires_at > time.time():
                    return row.access
                raise SendLater(row.problem, AGAIN)
            if await self.storage.run(self._take_lease):
                return await self._renew()
            if row.expires_at > time.time() + 60:
                return row.access  # another worker renews; the old one still works meanwhile
            await asyncio.sleep(0.5)
        raise SendLater("Một tiến trình khác đang làm mới mã truy cập Zalo.", 10)

    async def refused(self, access: str) -> None:
        """Zalo no longer takes this token: renew before the next call, unless that has happened already."""
        self._cached = None
        await self.storage.run(self._expire, access)

    async def _renew(self) -> str:
        row = await self.storage.run(self.read)  # again, under the lease
        if row is None or row.expires_at - EARLY > time.time():
            await self.storage.run(self._release)
            if row is None:
                raise SendLater("no tokens", AGAIN)
            self._cached = row
            return row.access
        try:
            # Shielded: once the request is out, its answer must reach the database even when the server stops now.
            return await asyncio.shield(asyncio.ensure_future(self._exchange_and_save(row)))
        except LoginError as error:
            logger.error("Zalo refused the refresh token: %s", error)
            await self.storage.run(self._note_problem, f"{LOGIN_AGAIN} ({error})")
            raise SendLater(LOGIN_AGAIN, AGAIN) from error
        except httpx.HTTPError as error:
            await self.storage.run(self._release)
            raise SendLater(f"token refresh: {type(error).__name__}") from error

    async def _exchange_and_save(self, row: Tokens) -> str:
        new = await self._exchange({"grant_type": "refresh_token", "refresh_token": row.refresh})
        await self.storage.run(self.save, new)
        self._cached = new
        return new.access

    async def log_in(self, *, code: str | None = None, refresh_token: str | None = None, verifier: str | None = None) -> Tokens:
        """First tokens, from an authorization code or a refresh token; stored. Raises LoginError, httpx.HTTPError."""
        form = {"grant_type": "authorization_code", "code": code} if code else {"grant_type": "refresh_token", "refresh_token": refresh_token}
        if verifier:
            form["code_verifier"] = verifier
        tokens = await self._exchange(form)
        await self.storage.run(self.save, tokens)
        return tokens

    async def _exchange(self, form: dict[str, Any]) -> Tokens:
        response = await self.client.post(f"{self.settings.oauth}/v4/oa/access_token", headers={"secret_key": self.settings.app_secret}, data={"app_id": self.settings.app_id, **form})
        if response.status_code >= 500 or response.status_code == 429:
            response.raise_for_status()
        try:
            found = response.json()
        except ValueError:
            raise httpx.DecodingError("not JSON") from None
        if not isinstance(found, dict) or not found.get("access_token") or not found.get("refresh_token"):
            code = found.get("error") if isinstance(found, dict) else None
            raise LoginError(f"mã lỗi {code}, {found.get('error_name') or found.get('error_description') or ''}".strip(", ") if code else "câu trả lời lạ")
        now = time.time()
        return Tokens(str(found["access_token"]), str(found["refresh_token"]), now + float(found.get("expires_in") or 90000), now)

    # -- the row ---------------------------------------------------------------------------------

    def read(self) -> Tokens | None:
        with self.storage.engine.connect() as connection:
            row = connection.execute(select(ZaloToken.__table__).where(ZaloToken.app_id == self.settings.app_id)).first()
        return Tokens(row.access, row.refresh, row.expires_at, row.refreshed_at, row.problem, row.until) if row else None

    def save(self, tokens: Tokens) -> None:
        with self.storage.writing(lasting=True) as connection:
            connection.execute(delete(ZaloToken).where(ZaloToken.app_id == self.settings.app_id))
            values = {name: getattr(tokens, name) for name in ("access", "refresh", "expires_at", "refreshed_at")}
            connection.execute(insert(ZaloToken.__table__).values(app_id=self.settings.app_id, **values, until=0.0))

    def _mine(self, statement):
        return statement.where(ZaloToken.app_id == self.settings.app_id)

    def _take_lease(self) -> bool:
        now, me, table = time.time(), self.storage.owner, ZaloToken.__table__
        with self.storage.writing() as connection:
            owner = connection.execute(self._mine(select(ZaloToken.owner))).scalar()
            free = [ZaloToken.owner.is_(None), ZaloToken.until < now]
            if owner and _owner_died(owner, me):
                free.append(ZaloToken.owner == owner)
            return bool(connection.execute(self._mine(update(table)).where(or_(*free)).values(owner=me, until=now + LEASE)).rowcount)

    def _release(self) -> None:
        with self.storage.writing() as connection:
            connection.execute(self._mine(update(ZaloToken.__table__)).where(ZaloToken.owner == self.storage.owner).values(owner=None, until=0.0))

    def _expire(self, access: str) -> None:
        with self.storage.writing() as connection:
            connection.execute(self._mine(update(ZaloToken.__table__)).where(ZaloToken.access == access).values(expires_at=0.0))

    def _note_problem(self, problem: str) -> None:
        with self.storage.writing() as connection:
            connection.execute(self._mine(update(ZaloToken.__table__)).values(problem=problem[:300], owner=None, until=time.time() + AGAIN))
