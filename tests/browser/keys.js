// Goes through each page with the keyboard alone: with Tab through all there is, over the way past the navigation, and
// through the filters to other figures.
'use strict';

const { SCREENS, open, run } = require('./browser.js');

/** Numbers all that should be reached; runs in the page. Gives how many there are. */
function number() {
  const all = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]';
  window.reachable = [...document.querySelectorAll(all)].filter((element) => !element.disabled && element.checkVisibility());
  return window.reachable.length;
}

/** Where the focus is, and whether it can be seen; runs in the page. */
function focus() {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return {
    place: (window.reachable ?? []).indexOf(element),
    isPassing: element.matches('input[type="date"]'),
    isSkip: element.matches('.skip'),
    isMain: element.matches('main'),
    isMarked: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    isInView: right > 0 && bottom > 0 && left < innerWidth && top < innerHeight,
    html: element.outerHTML.slice(0, 120),
  };
}

/** Tab from the top to the end: everything once, in its order. */
async function through(page) {
  const problems = [];
  const n = await page.evaluate(number);
  let last = -1;
  // A date has a stop for each of its parts.
  for (let presses = 0; presses < 4 * n + 4 && last < n - 1; presses += 1) {
    await page.keyboard.press('Tab');
    const now = await page.evaluate(focus);
    if (last === -1 && !now.isSkip) problems.push(`begins with ${now.html}, not with the way to the content`);
    if (now.place === last && now.isPassing) continue;
    if (now.place !== last + 1) {
      problems.push(`Tab leads from ${last} to ${now.place} of ${n}: ${now.html}`);
      break;
    }
    if (!now.isMarked) problems.push(`does not show that this has the focus: ${now.html}`);
    if (!now.isInView) problems.push(`has the focus out of view: ${now.html}`);
    last = now.place;
  }
  if (problems.length === 0 && last !== n - 1) problems.push(`only ${last + 1} of ${n} are reached`);
  return problems;
}

/** The first stop leads past the navigation. */
async function skip(page) {
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const there = await page.evaluate(focus);
  if (!there.isMain) return [`the way to the content leads to ${there.html}`];
  await page.keyboard.press('Tab');
  const next = await page.evaluate(() => document.activeElement.closest('header') === null);
  return next ? [] : ['after the way to the content comes the navigation'];
}

const figures = (page) => page.evaluate(() => document.querySelector('main').innerText);

/** Chooses the next of a list and sends the form. */
async function choose(page, { list, parameter }) {
  const before = { url: page.url(), figures: await figures(page) };
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((id) => document.activeElement.id === id, list)) break;
  }
  await page.keyboard.press('ArrowDown');
  const chosen = await page.evaluate(() => document.activeElement.value);
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.matches('button[type="submit"]'))) break;
  }
  const isThere = (url) => url.searchParams.get(parameter) === chosen;
  await Promise.all([page.waitForURL(isThere, { waitUntil: 'load', timeout: 60_000 }), page.keyboard.press('Enter')]);
  const problems = [];
  if (page.url() === before.url) problems.push(`the address is still ${before.url}`);
  if ((await figures(page)) === before.figures) problems.push(`${parameter}=${chosen} shows the same figures`);
  return problems;
}

run(async (browser, job) => {
  const problems = [];
  const steps = [through, skip, ...(job.choices ?? []).map((choice) => (page) => choose(page, choice))];
  for (const step of steps) {
    const { page, wrong, close } = await open(browser, SCREENS.desktop, job);
    try {
      problems.push(...(await step(page)), ...wrong);
    } catch (error) {
      problems.push(error.message);
    }
    await close();
  }
  return problems;
});
