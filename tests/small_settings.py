"""The least that a terminal's settings must say: a file for tests that lay their own lines over it."""

TEXT = """\
data = "{here}/data"

[identity]
area = "330100"
hall = "h1"
kiosk = "K001"
hall_name = { zh = "大厅", en = "Hall" }
help_phone = "12345"

[platform]
url = "http://127.0.0.1:1"
public = "http://127.0.0.1:1"
trust = "{here}/root.pem"
"""
