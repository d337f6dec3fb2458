"""/xoa, "xóa dữ liệu của tôi": everything of this conversation goes, and it is said what that was."""

from __future__ import annotations

import logging
import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import DBAPIError

from actions.answer import Answer, Button
from actions.base import LISTEN, AnswerAction
from actions.resolve import payload
from actions.talk import Talk
from knowledge.desk import open_desk
from knowledge.settings import get_settings

logger = logging.getLogger(__name__)
# A question about what is kept is no order to delete.
_ASKS = re.compile(r"(?:\bcó\b.*\b(?:không|ko|hông|chưa)\b|\bbao lâu\b|\bở đâu\b|\bthế nào\b|chính sách|quyền riêng tư|\bai đọc\b|co luu|bao mat|rieng tu|bao lau|o dau)", re.IGNORECASE)


class DeleteData(AnswerAction):
    action_name = "action_delete_data"

    def answer(self, talk: Talk) -> Answer:
        if not talk.text.startswith("/") and _ASKS.search(talk.text):
            return self._explain()
        flow = talk.slot("flow") or {}
        places = [flow.get("code"), (flow.get("under") or {}).get("code")]
        places += [(home.get("flow") or {}).get("code") for home in ((talk.slot("team") or {}).get("homes") or {}).values()]
        deleted = 0
        try:
            desk = open_desk(get_settings().database)
            deleted = desk.forget(talk.sender)
            for code in filter(None, places):
                desk.drop_place(code)
        except DBAPIError:
            logger.exception("the desk's part of a conversation could not be deleted")
            return Answer("error").say("Tôi chưa xóa được hết dữ liệu vì kho dữ liệu đang bận. Bạn nhắn “xóa dữ liệu của tôi” lần nữa sau ít phút giúp tôi.")
        answer = Answer("smalltalk").say("Đã xóa cuộc trò chuyện này: nội dung tin nhắn, thủ tục đang xem, các lựa chọn và chỗ đang làm dở.")
        if deleted:
            answer.say("Phiếu câu hỏi gửi cán bộ cũng đã xóa nên sẽ không có câu trả lời gửi lại.")
        return answer.say("Tin nhắn còn trong ứng dụng chat trên máy bạn thì bạn tự xóa ở đó. Bạn có thể hỏi lại từ đầu bất kỳ lúc nào.", "note")

    @staticmethod
    def _explain() -> Answer:
        answer = Answer("smalltalk")
        answer.say("Tôi chỉ giữ những gì cần để tiếp tục cuộc trò chuyện (thủ tục đang xem, lựa chọn, chỗ làm dở). Số căn cước, điện thoại, thư điện tử... được ẩn trước khi lưu.")
        answer.say("Mã làm tiếp hết hạn sau 30 ngày. Góp ý được lưu không kèm ai đã gửi. Bạn nhắn “xóa dữ liệu của tôi” bất kỳ lúc nào để xóa tất cả.")
        answer.buttons = [Button("Xóa ngay", payload("delete_data"))]
        return answer

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Besides the slots, `forget` in the message tells Assistant to drop the stored conversation."""
        events = super().run(dispatcher, tracker, domain)
        told = dispatcher.messages[-1]
        if told["answer"]["kind"] == "smalltalk" and not told["buttons"]:
            told["forget"] = True
            return [AllSlotsReset(), LISTEN]
        return events
