import type { Page } from 'playwright-core';

/**
 * What axe can't judge, on a page as it stands: whether each thing that can be used is reached by keyboard, shows that it
 * has the focus and isn't covered then; whether anything moves for who wants no motion.
 * @returns what is wrong, in words
 */
export async function keyboardFaults(page: Page): Promise<string[]> {
  // A real key first: browsers show the focus only to those who use the keyboard.
  await page.keyboard.press('Tab');
  return page.evaluate(() => {
    const wrong: string[] = [];
    const say = (element: Element, what: string) => {
      const name = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 30);
      wrong.push(`${what}: <${element.tagName.toLowerCase()} ${element.id || element.className}> ${name}`);
    };
    const usable = [
      ...document.querySelectorAll<HTMLElement>(
        'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [role=button], [contenteditable]',
      ),
    ].filter((element) => {
      // Behind a summary that is closed, for scripts alone, or switched off.
      if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(':disabled'))
        return false;
      return element.id !== 'main' && !element.closest('[inert], [hidden]');
    });
    const look = (element: Element): string => {
      const {
        outlineStyle,
        outlineWidth,
        outlineColor,
        boxShadow,
        borderColor,
        backgroundColor,
        textDecorationLine,
      } = getComputedStyle(element);
      const outline =
        outlineStyle === 'none' || outlineWidth === '0px' ? '' : `${outlineWidth} ${outlineColor}`;
      return [outline, boxShadow, borderColor, backgroundColor, textDecorationLine].join('|');
    };
    for (const element of usable) {
      if (element.tabIndex > 0) say(element, 'jumps the order of the page');
      // The button that Enter presses in a field stands again where it is seen.
      if (element.tabIndex < 0 && element.matches('.sr')) continue;
      if (element.tabIndex < 0) {
        if (!element.matches('[tabindex]') || !element.matches('a, button, input, select, textarea'))
          continue;
        say(element, 'is not reached by keyboard');
        continue;
      }
      // A group of radio buttons is one stop.
      if (element instanceof HTMLInputElement && element.type === 'radio' && !element.checked) continue;
      element.blur();
      const parts = [element, element.parentElement!, ...element.parentElement!.querySelectorAll('label')];
      const before = parts.map(look);
      element.focus();
      if (document.activeElement !== element) {
        say(element, 'does not take the focus');
        continue;
      }
      if (parts.every((part, index) => look(part) === before[index])) say(element, 'does not show the focus');
      // A link may run over two lines: its first.
      const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 40), 0), innerWidth - 1);
      const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 12), 0), innerHeight - 1);
      const top = document.elementFromPoint(x, y);
      const isItself =
        !top || element.contains(top) || top.contains(element) || top.closest('label')?.control === element;
      if (!isItself && box.bottom > 0 && box.top < innerHeight)
        say(element, `is covered by ${top.className || top.tagName}`);
      if (box.bottom <= 0 || box.top >= innerHeight) say(element, 'stays out of sight with the focus');
    }
    for (const animation of document.getAnimations())
      if (animation.playState === 'running') wrong.push('something moves for who wants no motion');
    return wrong;
  });
}

/**
 * What gets lost when a reader sets the distances of WCAG 1.4.12: words that are cut off or things that lie over each
 * other, and were not before.
 */
export function spacingFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const nameOf = (element: Element) =>
      `<${element.tagName.toLowerCase()} ${element.id || element.className}> ${(element.textContent ?? '').trim().slice(0, 30)}`;
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true });
    const cutOff = () =>
      new Set(
        [...document.querySelectorAll<HTMLElement>('body *')].filter((element) => {
          const { overflowX, overflowY } = getComputedStyle(element);
          const hides = [overflowX, overflowY].some((value) => value === 'hidden' || value === 'clip');
          // What is for screen readers alone is a pixel wide.
          return (
            hides &&
            element.clientWidth > 2 &&
            isShown(element) &&
            (element.textContent ?? '').trim() !== '' &&
            (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
          );
        }),
      );
    const overlaps = () => {
      const boxes = [
        ...document.querySelectorAll('main a[href], main button, main input:not([type=hidden]), main select'),
      ]
        .filter(isShown)
        .flatMap((element) => [...element.getClientRects()].map((box) => ({ element, box })))
        .filter(({ box }) => box.width > 2 && box.height > 2);
      const found = new Set<string>();
      for (const [index, one] of boxes.entries())
        for (const other of boxes.slice(index + 1, index + 40)) {
          if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
          const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          // Lines of text touch; a third of a line over another can't be read.
          if (wide > 4 && high > 8) found.add(`${nameOf(one.element)} and ${nameOf(other.element)}`);
        }
      return found;
    };
    const before = { cut: cutOff(), over: overlaps() };
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }',
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const wrong = [
      ...[...cutOff()]
        .filter((element) => !before.cut.has(element))
        .map((element) => `cuts off ${nameOf(element)}`),
      ...[...overlaps()]
        .filter((pair) => !before.over.has(pair))
        .map((pair) => `lays over each other ${pair}`),
    ];
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
      wrong.push('scrolls sideways');
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    return wrong;
  });
}

/** What can't be told apart in colors that the system forces: fields and buttons need a border of their own. */
export function forcedColorFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>(
      'button, .btn, select, textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file])',
    )) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const {
        borderTopStyle,
        borderTopWidth,
        borderTopColor,
        textDecorationLine,
        outlineStyle,
        backgroundColor,
      } = getComputedStyle(element);
      const hasBorder =
        borderTopStyle !== 'none' && borderTopWidth !== '0px' && borderTopColor !== backgroundColor;
      const inField = element.closest('.searchbox, .tabs, [role=tablist], summary') !== null;
      if (!hasBorder && outlineStyle === 'none' && !textDecorationLine.includes('underline') && !inField)
        wrong.push(
          `has no border in forced colors: <${element.tagName.toLowerCase()} ${element.id || element.className}> ${(element.textContent ?? '').trim().slice(0, 30)}`,
        );
    }
    return wrong;
  });
}
