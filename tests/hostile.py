"""Names that would move a terminal, fake a line, or be taken for markup, code or paths where they are printed."""

from __future__ import annotations

VERDICT = "audit: 9 rows read, 9 counters recounted, every number is right"
NAMES = {
    "escapes": "\x1b[2J\x1b]0;title\x07red\x9b31m",
    "a faked line": f"ada\n{VERDICT}\n",
    "a line's start": f"ada\r{VERDICT}",
    "other lines' ends": f"ada\x0b\x0c\x1c\x85\u2028\u2029{VERDICT}",
    "turned": "\u202eada\u2066\u200f\u061c",
    "nothing to see": "ada\u200b\u2060\ufeff\U000e0061",
    "a link": "\x1b]8;;http://evil.example\x1b\\ada\x1b]8;;\x1b\\",
    "markup": "[red]ada[/red] [bold][link=http://evil.example]x[/link] [/]",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;",
    "templates": "{{ 7 * 7 }}{% raw %} %s {0.__class__} $(id) `id`",
    "backspaces": "evil\x08\x08\x08\x08ada\x7f",
    "paths": "../../evil/\\..",
    "a zero": "ada\x00",
    "an emoji": "a\U0001f468\u200d\U0001f469 e\u0301",
}
