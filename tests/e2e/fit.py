"""Whether a page is fit for everyone: nothing for axe in light and dark, targets large enough.

Most of axe's work is contrast and the size of targets. Most of a page looks like the page before,
so axe judges the contrast of what looks like nothing that it has passed in this run; and it
measures targets where one is small or near another. tests.e2e.test_fit holds that nothing slips
through by that. Every other rule is run on every page.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

# As a page's own script, which the browser compiles once and keeps: it is half a megabyte.
AXE = """() => 'axe' in window || new Promise((done, failed) => {
  const script = document.createElement('script');
  Object.assign(script, { src: '/static/axe/axe.min.js', onload: done, onerror: failed });
  document.head.append(script);
}).then(() => document.querySelector('script[src*="axe.min"]').remove())"""
LOOKS = Path(__file__).with_name("looks.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desk": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
# The rules on where things are and how they look, besides contrast; the others read what is there.
LAID_OUT = ["target-size", "scrollable-region-focusable", "link-in-text-block"]
SHOWN = """() => [...document.body.querySelectorAll('*')]
  .map((e) => Number(e.checkVisibility({ visibilityProperty: true }))).join('')"""
SMALL = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, summary, [role=option]')]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.vh')
    && !e.classList.contains('skip') && e.getClientRects().length && !e.closest('p, dd'))
  .map((e) => [e.getBoundingClientRect(), e.outerHTML.slice(0, 120)])
  .filter(([box]) => box.width < 24 || box.height < 24)
  .map(([box, html]) => `${box.width}x${box.height} ${html}`)"""
# axe must not preload: it would fetch the @imports of the stock admin and style them in line.
# Half of these rules' time is target-size. It minds no target with 24 by 24 that no other covers,
# and no smaller one with 24 free around it: where all are such, it need not run. Targets are those
# on the page, without the single points that only a screen reader finds.
RULES = """async ([tags, rules, exclude]) => {
  const boxes = [...document.querySelectorAll(
    `a[href], area, button, input:not([type=hidden]), select, textarea, summary, iframe, object,
    embed, audio, video, [tabindex][role]:not([role=region], [role=group])`)]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }))
    .map((e) => e.getBoundingClientRect())
    .filter((a) => a.bottom + scrollY > 0 && a.right + scrollX > 0)
    .filter((a) => a.width > 1 || a.height > 1);
  const free = (a, i) => {
    const small = a.width < 24 || a.height < 24;
    const gap = small ? 24 : a.width < 26 || a.height < 26 ? 0 : -1;  // neighbours share a border
    return boxes.every((b, j) => i === j || b.left >= a.right + gap || b.right <= a.left - gap
      || b.top >= a.bottom + gap || b.bottom <= a.top - gap);
  };
  const off = boxes.every(free) ? ['color-contrast', 'target-size'] : ['color-contrast'];
  const { violations } = await axe.run({ exclude }, {
    runOnly: tags.filter((id) => !off.includes(id)),
    rules: { ...rules, ...Object.fromEntries(off.map((id) => [id, { enabled: false }])) },
    resultTypes: ['violations'], preload: false });
  return violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
}"""
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
# Looks that axe could not measure, and where: it need not try again at the same place.
blind: set[tuple[str, str]] = set()


def low_contrast(page: Page, without: Sequence[str]) -> list[str]:
    """axe's findings on contrast in the theme at hand."""
    looks = [(look, place) for look, place in page.evaluate(LOOKS, list(without))]
    new = [n for n, seen in enumerate(looks) if seen[0] not in passed and seen not in blind]
    for some in ([0, 3], [3, 10_000]):  # the rest of those of which it could measure none
        good, found = page.evaluate(CONTRAST, [new, *some]) if new else ([], [])
        if found:
            return list(found)
        passed.update(looks[number][0] for number in good)
        new = [number for number in new if number not in good]
    blind.update(looks[number] for number in new)
    return []


def findings(
    page: Page,
    rules: dict[str, Any] | None = None,
    without: Sequence[str] = (),
    tags: Sequence[str] = TAGS,
) -> list[str]:
    """axe's, of the page without the elements of these selectors: contrast in both themes first."""
    page.evaluate(AXE)
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        if found := low_contrast(page, without):
            return [f"{theme}: {text}" for text in found]
    return list(page.evaluate(RULES, [tags, rules or {}, [[each] for each in without]]))


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


def assert_fit_everywhere(page: Page, where: str) -> None:
    """The same on a phone, where the page is and stays, and at a desk.

    At a desk axe's rules are run anew where the page shows something else there; where it shows
    the same, those that look at sizes are.
    """
    assert_fit(page, f"{where}, phone")
    shown = page.evaluate(SHOWN)
    resize(page, "desk")
    try:
        same = page.evaluate(SHOWN) == shown
        assert findings(page, tags=LAID_OUT if same else TAGS) == [], f"{where}, desk"
        assert_size(page, f"{where}, desk")
    finally:
        resize(page, "phone")


def resize(page: Page, size: str) -> None:
    """To one of SIZES."""
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
