"""Telegram: long polling (default) or webhook, through python-telegram-bot.

Updates are confirmed to Telegram only after they are stored: the Updater hands them to `_ToInbox`, whose `put` returns
when they are on the disk, and asks for the next ones only then.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web
from telegram import (
    BotCommand,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ChatType, InlineKeyboardButtonLimit, MessageEntityType, ParseMode
from telegram.error import BadRequest as TelegramRefusal
from telegram.error import ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, Application, ApplicationBuilder, Updater

from actions.answer import Answer
from bot.channels.base import Accept, BadRequest, SendLater, SendNever, parse_object, phrases, read_body
from bot.channels.commands import MENU, interpret
from bot.channels.papers import Papers
from bot.incoming import clean, is_payload
from bot.printing import PrintingError
from bot.rendering import TELEGRAM, numbered, render_html
from bot.settings import TelegramSettings
from bot.storage import Incoming, OutRow, Storage

logger = logging.getLogger(__name__)
PATH = "/telegram/webhook"
KINDS = ["message", "edited_message", "callback_query"]
KEY = "k:"  # before a payload's key; a payload itself begins with "/"
CALL_TIMEOUT = 20.0  # seconds for one call
WORDLESS = ("photo", "video", "video_note", "voice", "audio", "document", "sticker", "animation", "poll", "dice", "story")


class _ToInbox(asyncio.Queue):
    """Stands where the library's queue of updates would: what is put here is stored before `put` returns."""

    def __init__(self, take):
        super().__init__()
        self._take = take

    async def put(self, item: Any) -> None:
        try:
            await self._take(item)
        except TelegramError:
            raise
        except Exception as error:  # the Updater asks for the same updates again after a NetworkError
            logger.exception("an update could not be stored")
            raise NetworkError(f"not stored: {type(error).__name__}") from error


class TelegramChannel:
    name = "telegram"
    keeps_content = False

    def __init__(self, settings: TelegramSettings, storage: Storage, papers: Papers, public_url: str | None = None):
        self.settings = settings
        self.papers = papers
        self.storage = storage
        self.public_url = public_url
        self._accept: Accept | None = None
        self._state = "chưa nối"
        self._starter: asyncio.Task | None = None
        self.application: Application = (
            ApplicationBuilder()
            .token(settings.token)
            .base_url(f"{settings.api}/bot")
            .base_file_url(f"{settings.api}/file/bot")
            .rate_limiter(AIORateLimiter(max_retries=1))
            .connect_timeout(10)
            .read_timeout(CALL_TIMEOUT)
            .write_timeout(CALL_TIMEOUT)
            .pool_timeout(60)
            .connection_pool_size(32)
            .concurrent_updates(False)
            .updater(None)
            .build()
        )
        self.bot = self.application.bot
        self.updater = Updater(self.bot, _ToInbox(self._take))

    # -- life ------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._webhook)] if self.settings.webhook_secret else []

    async def start(self, accept: Accept) -> None:
        self._accept = accept
        self._starter = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        """Until Telegram answers; the other channels go on meanwhile."""
        wait = 1.0
        while True:
            try:
                await self.bot.initialize()
                if self.settings.webhook_secret:
                    await self.bot.set_webhook(f"{self.public_url}{PATH}", secret_token=self.settings.webhook_secret, allowed_updates=KINDS, max_connections=40)
                    self._state = f"https://t.me/{self.bot.username}, webhook"
                else:
                    await self.updater.initialize()
                    await self.updater.start_polling(timeout=timedelta(seconds=25), allowed_updates=KINDS, bootstrap_retries=-1, error_callback=self._polling_fault)
                    self._state = f"https://t.me/{self.bot.username}, long polling"
                with contextlib.suppress(TelegramError):
                    await self.bot.set_my_commands([BotCommand(name, words) for name, words in MENU.items()])
                return
            except InvalidToken:
                self._state = "mã token không đúng; hãy xem lại MOTCUA_TELEGRAM_TOKEN"
                logger.error("Telegram refuses the token")
                wait = 300.0
            except Exception as error:
                self._state = f"chưa nối được ({type(error).__name__}), đang tự thử lại"
                logger.warning("Telegram cannot be reached yet: %s", error)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60.0)

    def _polling_fault(self, error: TelegramError) -> None:
        logger.warning("Telegram polling: %s", type(error).__name__)

    async def stop_intake(self) -> None:
        if self._starter:
            self._starter.cancel()
            await asyncio.gather(self._starter, return_exceptions=True)
        if self.updater.running:
            # Stopping asks once more, to confirm what was taken; nobody waits long for a vendor that is down.
            with contextlib.suppress(asyncio.TimeoutError, TelegramError, RuntimeError):
                await asyncio.wait_for(self.updater.stop(), timeout=5)

    async def close(self) -> None:
        with contextlib.suppress(TelegramError, RuntimeError):
            await self.bot.shutdown()

    def status(self) -> str:
        return self._state

    # -- in --------------------------------------------------------------------------------------

    async def _webhook(self, request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), (self.settings.webhook_secret or "").encode()) or not self.settings.webhook_secret:
            raise BadRequest(403, "wrong secret")
        data = parse_object(await read_body(request))
        if not self._named():
            raise BadRequest(503, "not connected yet")  # Telegram calls again
        try:
            update = Update.de_json(data, self.bot)
            message = self.incoming(update)
        except Exception:  # the library trusts what it parses; anything may come out of a wrong type
            raise BadRequest(400, "not an update") from None
        await self._store(update, message)
        return web.json_response({"ok": True})

    def _named(self) -> bool:
        """Whether the bot knows its own name already (groups need it)."""
        try:
            return bool(self.bot.username)
        except RuntimeError:
            return False

    async def _take(self, update: Update) -> None:
        try:
            message = self.incoming(update)
        except Exception:
            logger.exception("an update could not be read; it is left out")
            return
        await self._store(update, message)

    async def _store(self, update: Update, message: Incoming | None) -> None:
        if update.callback_query and message and message.text.startswith(KEY):
            message = await self._with_payload(message)
        if message and self._accept:
            await self._accept([message])
        if update.callback_query:
            task = asyncio.create_task(self._stop_spinning(update.callback_query))
            task.add_done_callback(lambda done: done.exception())

    async def _with_payload(self, message: Incoming) -> Incoming:
        payload = await self.storage.run(self.storage.payload_of, message.text[len(KEY) :])
        kind, text = ("payload", payload) if payload else ("notice", "old_button")
        return Incoming(message.channel, message.message_id, message.person, message.address, kind, text, message.sent_at)

    async def _stop_spinning(self, query: CallbackQuery) -> None:
        with contextlib.suppress(TelegramError):  # too old to answer: nothing spins any more
            await self.bot.answer_callback_query(query.id)

    def incoming(self, update: Update) -> Incoming | None:
        """What an update asks of us; None for what does not concern the bot."""
        number = f"{self.bot.token.partition(':')[0][:20]}:{update.update_id}"
        if query := update.callback_query:
            if query.message is None or not query.data:
                return None
            chat, data = query.message.chat, clean(query.data)
            group = chat.type != ChatType.PRIVATE
            person = _person(chat.id, query.from_user.id if group else None)
            kind, text = ("payload", data) if data.startswith(KEY) or is_payload(data) else ("notice", "old_button")
            return Incoming(self.name, number, person, {"chat": chat.id}, kind, text, float(update.update_id))
        message = update.message or update.edited_message
        if message is None or message.chat.type == ChatType.CHANNEL or message.from_user is None or message.from_user.is_bot:
            return None
        group = message.chat.type != ChatType.PRIVATE
        words = message.text or message.caption or ""
        if group:
            told = self._told_in_group(message, words)
            if told is None:
                return None
            words = told
        wordless = any(getattr(message, name, None) for name in WORDLESS)
        if words.strip():
            kind, text = interpret(words)
        elif update.edited_message:
            return None  # live locations and the like
        elif message.location or message.venue:
            kind, text = "notice", "location"
        elif message.contact:
            kind, text = "notice", "contact"
        elif wordless:
            kind, text = "notice", "media"
        elif group and words == "":
            kind, text = "payload", "/help"  # mentioned without a question
        else:
            return None  # service messages
        if kind == "notice" and message.media_group_id:
            number = f"album:{message.chat.id}:{message.media_group_id}"  # ten pictures, one answer
        person = _person(message.chat.id, message.from_user.id if group else None)
        address = {"chat": message.chat.id}
        if group or update.edited_message:
            address["reply_to"] = message.message_id
        if message.message_thread_id and message.is_topic_message:
            address["thread"] = message.message_thread_id
        return Incoming(self.name, number, person, address, kind, text, float(update.update_id))

    def _told_in_group(self, message: Message, words: str) -> str | None:
        """The words without the mention when the bot is meant (mention, reply to it, command for it); else None."""
        name = f"@{self.bot.username}".lower()
        entities = {**message.parse_entities(), **message.parse_caption_entities()}
        meant = bool(message.reply_to_message and message.reply_to_message.from_user and message.reply_to_message.from_user.id == self.bot.id)
        for entity, text in entities.items():
            if (entity.type == MessageEntityType.MENTION and text.lower() == name) or (entity.type == MessageEntityType.TEXT_MENTION and entity.user and entity.user.id == self.bot.id):
                meant = True
                words = words.replace(text, " ")
            elif entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0:
                command, _, whose = text[1:].partition("@")
                if whose and f"@{whose}".lower() != name:
                    return None
                meant = meant or bool(whose) or command.lower() in MENU
        return words.strip() if meant else None

    # -- out -------------------------------------------------------------------------------------

    async def compose(self, answer: Answer) -> tuple[list[dict[str, Any]], list[str]]:
        contents = []
        for message in render_html(answer, TELEGRAM):
            buttons = [{"title": button.title, "data": await self._data(button.payload)} for button in message.buttons]
            contents.append({"html": message.text, "buttons": buttons})
        contents += [{"file": attachment} for attachment in answer.attachments]
        return contents, numbered(answer, TELEGRAM)

    async def _data(self, payload: str) -> str:
        """The payload itself when it fits into a button, else a key to it."""
        if len(payload.encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA and payload.startswith("/"):
            return payload
        return KEY + await self.storage.run(self.storage.payload_key, payload)

    async def send(self, row: OutRow) -> None:
        if attachment := row.content.get("file"):
            return await self._send_file(row, attachment)
        rows = [[InlineKeyboardButton(button["title"], callback_data=button["data"])] for button in row.content.get("buttons", [])]
        reply = ReplyParameters(row.address["reply_to"], allow_sending_without_reply=True) if row.address.get("reply_to") else None
        call = {
            "text": row.content["html"],
            "parse_mode": ParseMode.HTML,
            "link_preview_options": LinkPreviewOptions(is_disabled=True),
            "reply_markup": InlineKeyboardMarkup(rows) if rows else None,
            "reply_parameters": reply,
            "message_thread_id": row.address.get("thread"),
        }
        await self._tried(self.bot.send_message, row.address["chat"], call)

    async def _send_file(self, row: OutRow, attachment: dict[str, Any]) -> None:
        try:
            made = await self.papers.printable(attachment)
        except (KeyError, ValueError, PrintingError) as error:  # the answer itself has arrived
            raise SendNever(f"no file: {error}") from error
        call = {"document": made.content, "filename": made.name, "caption": phrases()["file"], "reply_parameters": None, "message_thread_id": row.address.get("thread")}
        await self._tried(self.bot.send_document, row.address["chat"], call)

    async def _tried(self, method: Callable[..., Awaitable[Any]], chat: int, call: dict[str, Any]) -> None:
        try:
            try:
                await method(chat, **call)
            except ChatMigrated as moved:
                await method(moved.new_chat_id, **{**call, "reply_parameters": None})
        except RetryAfter as error:
            after = error.retry_after
            raise SendLater("429", after.total_seconds() if isinstance(after, timedelta) else float(after)) from error
        except InvalidToken as error:
            raise SendLater("token refused", 60) from error
        except (Forbidden, TelegramRefusal) as error:
            raise SendNever(str(error)) from error
        except TelegramError as error:
            raise SendLater(f"{type(error).__name__}: {error}") from error

    async def typing(self, incoming: Incoming) -> None:
        if incoming.address["chat"] < 0:
            return  # a group takes 20 calls a minute, and answers come first
        await self.bot.send_chat_action(incoming.address["chat"], ChatAction.TYPING, message_thread_id=incoming.address.get("thread"))


def _person(chat: int, user: int | None) -> str:
    """In a group each member has a talk of their own."""
    return f"telegram:{chat}" if user is None else f"telegram:{chat}:{user}"
