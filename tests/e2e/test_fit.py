"""What axe has passed once it need not see again; but whatever is worse than that, it sees."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e import fit
from tests.e2e.scene import Scene

pytestmark = pytest.mark.ui

# What is done to one of the free times, e, that were found: first what is right, then what is not.
HARM = {
    "pale": ("", "e.style.color = 'light-dark(#aaa, #555)'"),
    "pale in the dark alone": ("", "e.style.color = '#444'"),
    "pale in the light alone": ("", "e.style.color = '#bbb'"),
    "its ground": ("", "e.style.background = '#888'"),
    "the ground around it": ("clear(e)", "around.style.background = '#888'"),
    "half seen": ("", "e.style.opacity = '.5'"),
    "half seen with what is around it": ("", "around.style.opacity = '.5'"),
    "smaller": ("large(e, '400 30px')", "large(e, '400 20px')"),
    "thinner": ("large(e, '700 20px')", "large(e, '400 20px')"),
    "something between it and its ground": (
        "clear(e); e.style.zIndex = 2; e.style.position = 'relative'", "put_under(e, '#888')",
    ),
    "out of what was around it": (
        """clear(e); around.style.background = '#000'; e.style.color = '#fff';
        e.style.position = 'relative'""",
        "e.style.top = '400px'",
    ),
}  # fmt: skip
DO = """(e, script) => {
  const clear = (e) => { e.style.background = 'none'; };
  // Text that has contrast enough as long as it is large.
  const large = (e, font) => { e.style.color = '#888'; e.style.background = '#fff';
    e.style.font = `${font} sans-serif`; };
  const put_under = (e, colour) => {
    const under = document.createElement('div'), box = e.getBoundingClientRect();
    under.className = 'put-under';
    under.style.cssText = `position: absolute; z-index: 1; background: ${colour};
      left: ${box.left + scrollX}px; top: ${box.top + scrollY}px; width: ${box.width}px;
      height: ${box.height}px`;
    document.body.append(under); };
  new Function('e', 'around', 'clear', 'large', 'put_under', script)(
    e, e.parentElement, clear, large, put_under);
}"""
UNDO = """e => { for (const each of [e, e.parentElement]) each.removeAttribute('style');
  document.querySelector('.put-under')?.remove(); }"""
# axe's answer on the whole page, with no memory.
WHOLE = """() => axe.run({ runOnly: ['color-contrast'], preload: false,
    resultTypes: ['violations'] })
  .then((found) => found.violations.flatMap((v) => v.nodes)
    .map((n) => `color-contrast: ${n.html.slice(0, 200)}`))"""


def found(page: Page, script: str | None = None) -> list[list[str]]:
    """Findings on contrast in the dark and in the light, with the memory or by a script."""
    seen = []
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        seen.append(page.evaluate(script) if script else fit.low_contrast(page, []))
    return seen


def test_what_is_worse_is_found_as_if_nothing_had_been_passed(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    page = visit(scene.world.bob)
    page.goto(f"{scene.base}/find/?pack=1")
    assert fit.findings(page) == []
    one = page.get_by_test_id("found-slot").nth(1)
    for what, (right, wrong) in HARM.items():
        one.evaluate(DO, right)
        assert found(page) == [[], []], what
        one.evaluate(DO, wrong)
        whole = found(page, WHOLE)
        assert any(whole), f"{what}: axe itself does not mind"
        assert found(page) == whole, what
        one.evaluate(UNDO)
    assert found(page) == found(page, WHOLE) == [[], []]


def test_other_rules_are_run_on_every_page(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(f"{scene.base}/find/?pack=1")
    assert fit.findings(page) == []
    page.locator("h1").evaluate("e => e.setAttribute('role', 'nothing')")
    assert any(text.startswith("aria-roles") for text in fit.findings(page))


# What is done to two targets, a and b, that target-size must mind: b is put on a, right
# of its left side by so much, and both are made small.
CROWD = {"small and near": (16, "15px"), "covered by another": (10, "")}
MOVE = """([a, b], [right, size]) => {
  for (const each of [a, b]) if (size) each.style.cssText = `width: ${size}; height: ${size};
    min-width: 0; min-height: 0; padding: 0; border: 0; overflow: hidden; display: block`;
  const to = a.getBoundingClientRect(), from = b.getBoundingClientRect();
  b.style.translate = `${to.left - from.left + right}px ${to.top - from.top}px`;
}"""


def test_small_and_covered_targets_are_found(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(scene.day)
    assert fit.findings(page) == []
    both = page.locator("#day-before, #day-after")
    for what, how in CROWD.items():
        both.evaluate_all(MOVE, how)
        seen = page.evaluate(fit.RULES, [fit.TAGS, {}, []])
        assert any(text.startswith("target-size") for text in seen), (what, seen)
        both.evaluate_all("([a, b]) => [a, b].forEach((e) => e.removeAttribute('style'))")
    assert fit.findings(page) == []


# What is wrong at a desk alone: a rule of style, with what else is on the page.
AT_A_DESK = {
    "color-contrast": "h1 a { color: light-dark(#ccc, #333) }",
    "button-name": "#odd { display: block }",
    "wide": "html { min-width: 3000px }",
    "small": "h1 a { display: block; width: 9px; height: 9px }",
}
STYLE = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`#odd { display: none } @media (min-width: 900px) { ${css} }`);
  document.adoptedStyleSheets = [sheet];
}"""


def test_what_is_wrong_at_a_desk_alone_is_found(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob, size=fit.SIZES["phone"])
    page.goto(f"{scene.base}/find/?pack=1")
    page.locator("h1").evaluate("""e => { const odd = document.createElement('button');
        odd.id = 'odd'; e.after(odd); odd.style.cssText = 'width: 40px; height: 40px';
        e.innerHTML = '<a href="/">Times</a>'; }""")
    for what, css in {"": "", **AT_A_DESK}.items():
        page.evaluate(STYLE, css)
        if not what:
            fit.assert_fit_everywhere(page, what)
            continue
        with pytest.raises(AssertionError, match=", desk"):
            fit.assert_fit_everywhere(page, what)
        assert page.viewport_size == {"width": 390, "height": 844}
