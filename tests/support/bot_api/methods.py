"""Defines METHODS and TYPES: the part of the Bot API (version 10.1, June 2026) that a bot of this kind uses, in a compact form of our own.

One line a method: `name:type|type`, a `!` after the name where it is required, `[type]` for an array. A test holds it against the full
description where that stands beside the checkout. Values only.
"""

from __future__ import annotations

METHODS: dict[str, str] = {
    "getMe": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:[str]",
    "setWebhook": (
        "url!:str certificate:file ip_address:str max_connections:int allowed_updates:[str] drop_pending_updates:bool "
        "secret_token:str"
    ),
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "sendMessage": (
        "business_connection_id:str chat_id!:int|str message_thread_id:int direct_messages_topic_id:int text!:str parse_mode:str "
        "entities:[MessageEntity] link_preview_options:LinkPreviewOptions disable_notification:bool protect_content:bool "
        "allow_paid_broadcast:bool message_effect_id:str suggested_post_parameters:SuggestedPostParameters "
        "reply_parameters:ReplyParameters reply_markup:InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"
    ),
    "sendPhoto": (
        "business_connection_id:str chat_id!:int|str message_thread_id:int direct_messages_topic_id:int photo!:file|str "
        "caption:str parse_mode:str caption_entities:[MessageEntity] show_caption_above_media:bool has_spoiler:bool "
        "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str "
        "suggested_post_parameters:SuggestedPostParameters reply_parameters:ReplyParameters "
        "reply_markup:InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"
    ),
    "sendDocument": (
        "business_connection_id:str chat_id!:int|str message_thread_id:int direct_messages_topic_id:int document!:file|str "
        "thumbnail:file|str caption:str parse_mode:str caption_entities:[MessageEntity] disable_content_type_detection:bool "
        "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str "
        "suggested_post_parameters:SuggestedPostParameters reply_parameters:ReplyParameters "
        "reply_markup:InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"
    ),
    "editMessageText": (
        "business_connection_id:str chat_id:int|str message_id:int inline_message_id:str text:str parse_mode:str "
        "entities:[MessageEntity] link_preview_options:LinkPreviewOptions rich_message:InputRichMessage "
        "reply_markup:InlineKeyboardMarkup"
    ),
    "editMessageCaption": (
        "business_connection_id:str chat_id:int|str message_id:int inline_message_id:str caption:str parse_mode:str "
        "caption_entities:[MessageEntity] show_caption_above_media:bool reply_markup:InlineKeyboardMarkup"
    ),
    "editMessageReplyMarkup": (
        "business_connection_id:str chat_id:int|str message_id:int inline_message_id:str "
        "reply_markup:InlineKeyboardMarkup"
    ),
    "deleteMessage": "chat_id!:int|str message_id!:int",
    "answerCallbackQuery": "callback_query_id!:str text:str show_alert:bool url:str cache_time:int",
    "setMyCommands": "commands!:[BotCommand] scope:BotCommandScope language_code:str",
    "getMyCommands": "scope:BotCommandScope language_code:str",
    "deleteMyCommands": "scope:BotCommandScope language_code:str",
    "sendChatAction": "business_connection_id:str chat_id!:int|str message_thread_id:int action!:str",
    "getChat": "chat_id!:int|str",
    "getChatMember": "chat_id!:int|str user_id!:int",
    "getChatAdministrators": "chat_id!:int|str return_bots:bool",
    "leaveChat": "chat_id!:int|str",
}
"""By method: its parameters."""

TYPES: dict[str, str] = {
    "InlineKeyboardMarkup": "inline_keyboard!:[[InlineKeyboardButton]]",
    "InlineKeyboardButton": (
        "text!:str icon_custom_emoji_id:str style:str url:str callback_data:str web_app:WebAppInfo login_url:LoginUrl "
        "switch_inline_query:str switch_inline_query_current_chat:str switch_inline_query_chosen_chat:SwitchInlineQueryChosenChat "
        "copy_text:CopyTextButton callback_game:CallbackGame pay:bool"
    ),
    "ReplyParameters": (
        "message_id!:int chat_id:int|str allow_sending_without_reply:bool quote:str quote_parse_mode:str "
        "quote_entities:[MessageEntity] quote_position:int checklist_task_id:int poll_option_id:str"
    ),
    "LinkPreviewOptions": "is_disabled:bool url:str prefer_small_media:bool prefer_large_media:bool show_above_text:bool",
    "BotCommand": "command!:str description!:str",
    "ForceReply": "force_reply!:bool input_field_placeholder:str selective:bool",
    "ReplyKeyboardRemove": "remove_keyboard!:bool selective:bool",
    "MessageEntity": (
        "type!:str offset!:int length!:int url:str "
        "user:User language:str custom_emoji_id:str unix_time:int date_time_format:str"
    ),
}
"""By type: its fields, for the objects that a bot hands in."""

LIMITS: dict[str, tuple[int, int]] = {
    "getUpdates.limit": (1, 100),
    "sendMessage.text": (1, 4096),
    "editMessageText.text": (1, 4096),
    "sendPhoto.caption": (0, 1024),
    "sendDocument.caption": (0, 1024),
    "editMessageCaption.caption": (0, 1024),
    "answerCallbackQuery.text": (0, 200),
    "setMyCommands.commands": (0, 100),
    "setWebhook.secret_token": (1, 256),
    "setWebhook.max_connections": (1, 100),
}
"""By method and parameter: least and most; UTF-16 units after entities for texts, the value itself for numbers, elements for arrays."""
