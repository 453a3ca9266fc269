"""Reads a message as a mail program does (Python's own `email`), and prints what it is made of as JSON."""

import base64
import email
import email.policy
import json
import sys

message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
defects = [repr(defect) for part in message.walk() for defect in part.defects]
parts = []
for part in message.walk():
    if part.is_multipart():
        continue
    content = part.get_payload(decode=True)
    is_file = part.get_content_disposition() == "attachment"
    parts.append({
        "type": part.get_content_type(),
        "file_name": part.get_filename(),
        "text": None if is_file else content.decode(part.get_content_charset() or "ascii"),
        "base64": base64.b64encode(content).decode() if is_file else None,
    })
headers = [[name, str(value)] for name, value in message.items()]
print(json.dumps({"headers": headers, "parts": parts, "defects": defects}))
