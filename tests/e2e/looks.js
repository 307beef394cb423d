// Everything that shows text of its own, by all that decides its contrast. A look is the text's
// colour, size and weight, and what is painted where the text is, in the page's order: the elements
// around it, and whatever lies over or under it. Gives the looks, each with where its elements are;
// window.looks holds the elements of each.
(exclude) => {
  const CLEAR = 'rgba(0, 0, 0, 0)';
  const PICTURE = new Set(['IMG', 'VIDEO', 'CANVAS', 'IFRAME', 'svg']);
  const FIELD = 'select, textarea, '
    + 'input:not([type=hidden], [type=range], [type=color], [type=checkbox], [type=radio], [type=image])';
  const SEEN = { opacityProperty: true, visibilityProperty: true };
  const painted = [], texts = [], clipped = new Set(), muted = [...exclude, '[aria-hidden=true]'].join();
  const range = document.createRange();
  const centre = (box) => [box.left + box.width / 2, box.top + box.height / 2];
  const spots = (element) => [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE && /[^\s\p{P}|]/u.test(node.data))
    .map((node) => { range.selectNodeContents(node); return range.getClientRects()[0]; })
    .filter(Boolean).map(centre);
  for (const element of document.documentElement.querySelectorAll('*')) {
    const area = element.getBoundingClientRect();
    if (element.ownerSVGElement || !element.checkVisibility(SEEN)) continue;
    const style = getComputedStyle(element);
    // Out of the page; or what only a screen reader finds, and all that is in it.
    if (area.right + scrollX <= 0 || area.bottom + scrollY <= 0) continue;
    if (clipped.has(element.parentElement) || area.width <= 1 && area.height <= 1
        && (style.clipPath !== 'none' || style.clip !== 'auto')) {
      clipped.add(element);
      continue;
    }
    const group = [style.opacity, style.mixBlendMode, style.filter, style.backdropFilter,
      style.clipPath, style.maskImage].join();
    const picture = PICTURE.has(element.tagName);
    if (style.backgroundColor !== CLEAR || style.backgroundImage !== 'none' || picture
        || group !== '1,normal,none,none,none,none') {
      const how = [style.backgroundColor, style.backgroundImage, style.backgroundClip, group,
        style.position, style.zIndex, picture].join();
      painted.push({ element, how, area });
    }
    const points = spots(element);
    if (!points.length && element.matches(FIELD)) points.push(centre(area));
    if (points.length && !element.closest(muted)) {
      texts.push({ element, style, points });
    }
  }
  const root = getComputedStyle(document.documentElement), looks = {};
  const canvas = [root.colorScheme, root.backgroundColor, root.backgroundImage].join();
  for (const { element, style, points } of texts) {
    const parts = [canvas, style.color, style.webkitTextFillColor, style.webkitTextStroke,
      style.textShadow, style.fontSize, style.fontWeight];
    const parents = new Set();
    for (let at = element; at; at = at.parentElement) parents.add(at);
    for (const { element: other, how, area } of painted) {
      const here = points.map(([x, y]) =>
        area.left <= x && x <= area.right && area.top <= y && y <= area.bottom);
      const around = parents.has(other);
      if (around || here.includes(true)) parts.push(`${how} ${around} ${here}`);
    }
    (looks[parts.join('; ')] ??= []).push(element);
  }
  window.looks = Object.values(looks);
  const place = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.tagName, element.className, x, y, width, height].join(' ');
  };
  return Object.entries(looks).map(([look, elements]) => [look, elements.map(place).join()]);
}
