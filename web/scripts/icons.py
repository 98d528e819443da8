"""Draw the icons of the installed app from the product's mark: python web/scripts/icons.py CHROMIUM."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WEB = Path(__file__).parents[1]
WHOLE, FILLED = WEB / "public" / "logo.svg", WEB / "icons" / "maskable.svg"
"""With round corners of its own; and to the edge, for systems that cut their own shape."""
ICONS = {
    "icon-192": (WHOLE, 192),
    "icon-512": (WHOLE, 512),
    "maskable-512": (FILLED, 512),
    "apple-touch": (FILLED, 180),
}

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"])
    for name, (source, size) in ICONS.items():
        page = browser.new_page(viewport={"width": size, "height": size})
        page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{source.read_text()}")
        page.screenshot(path=WEB / "public" / "icons" / f"{name}.png", omit_background=True)
    browser.close()
