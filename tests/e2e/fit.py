"""Whether a page is fit for everyone: nothing for axe in light and dark, targets large enough.

Most of axe's work is contrast, and most of a page looks like the page before. So axe judges the
contrast of what looks like nothing that it has passed in this run; tests.e2e.test_fit holds that
nothing slips through by that. Every other rule is run on every page.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
LOOKS = Path(__file__).with_name("looks.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desk": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
SMALL = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, summary, [role=option]')]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.vh')
    && !e.classList.contains('skip') && e.getClientRects().length && !e.closest('p, dd'))
  .map((e) => [e.getBoundingClientRect(), e.outerHTML.slice(0, 120)])
  .filter(([box]) => box.width < 24 || box.height < 24)
  .map(([box, html]) => `${box.width}x${box.height} ${html}`)"""
# axe must not preload: it would fetch the @imports of the stock admin and style them in line.
RULES = """async ([tags, rules, exclude]) => (await axe.run({ exclude }, { runOnly: tags,
    rules: { ...rules, 'color-contrast': { enabled: false } }, resultTypes: ['violations'],
    preload: false }))
  .violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`)"""
# Of these looks, by number: those that axe let pass for what is in the look, and what it found. It
# says nothing on pictures, and on text of the colour of its ground, which shows when pointed at.
CONTRAST = """async ([numbers, from, to]) => {
  const include = numbers.flatMap((n) => window.looks[n].slice(from, to));
  if (!include.length) return [[], []];
  const { violations, passes, incomplete } = await axe.run({ include },
    { runOnly: ['color-contrast'], preload: false, elementRef: true, selectors: false,
      resultTypes: ['violations', 'passes', 'incomplete'] });
  const nodes = (rules) => rules.flatMap((rule) => rule.nodes);
  const measured = ({ data }) => data && (data.contrastRatio && !data.messageKey
    || ['equalRatio', 'bgImage', 'bgGradient', 'imgNode'].includes(data.messageKey));
  const passed = new Set(nodes([...passes, ...incomplete])
    .filter((node) => node.any.some(measured)).map((node) => node.element));
  return [numbers.filter((n) => window.looks[n].some((e) => passed.has(e))),
    nodes(violations).map((n) => `color-contrast: ${n.html.slice(0, 200)}`)];
}"""
# Looks whose contrast axe has measured and found enough.
passed: set[str] = set()


def load_axe(page: Page) -> None:
    """Once per document: it is half a megabyte of script."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)


def low_contrast(page: Page, without: Sequence[str]) -> list[str]:
    """axe's findings on contrast in the theme at hand."""
    looks = page.evaluate(LOOKS, list(without))
    for some in ([0, 3], [3, 10_000]):  # the rest of those of which it could measure none
        new = [number for number, look in enumerate(looks) if look not in passed]
        good, found = page.evaluate(CONTRAST, [new, *some]) if new else ([], [])
        if found:
            return list(found)
        passed.update(looks[number] for number in good)
    return []


def findings(
    page: Page, rules: dict[str, Any] | None = None, without: Sequence[str] = ()
) -> list[str]:
    """axe's, of the page without the elements of these selectors: contrast in both themes first."""
    load_axe(page)
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        if found := low_contrast(page, without):
            return [f"{theme}: {text}" for text in found]
    return list(page.evaluate(RULES, [TAGS, rules or {}, [[each] for each in without]]))


def assert_size(page: Page, where: str, hidden: Sequence[str] = ()) -> None:
    """No small target but those with a text of hidden, and no page wider than its window."""
    small = [text for text in page.evaluate(SMALL) if not any(name in text for name in hidden)]
    assert small == [], where
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0, where


def assert_fit(page: Page, where: str) -> None:
    """No finding of axe in either theme, no small target, no page wider than its window."""
    assert findings(page) == [], where
    assert_size(page, where)
