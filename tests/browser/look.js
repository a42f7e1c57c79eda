// Looks at each page as people do, on a desktop and a phone, in light and dark, and says what is wrong with it.
'use strict';

const axe = require('axe-core');
const { SCREENS, open, run } = require('./browser.js');

/** What can be seen in the page itself; runs there. */
function inThePage() {
  const problems = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const say = (element) => element.outerHTML.slice(0, 120);
  if (!document.documentElement.lang) problems.push('has no language');
  if (!/^\S.* · Cairn$/.test(document.title)) problems.push(`is titled "${document.title}"`);
  if (all('h1').length !== 1) problems.push(`has ${all('h1').length} main headings`);
  for (const picture of all('svg, img, canvas')) {
    const text = picture.getAttribute('aria-label') ?? picture.getAttribute('alt') ?? '';
    const isForShow = picture.getAttribute('aria-hidden') === 'true';
    if (!isForShow && text.length < 20) problems.push(`has a picture that says nothing: ${say(picture)}`);
  }
  for (const link of all('a[href^="#"]')) {
    const id = decodeURIComponent(link.getAttribute('href').slice(1));
    if (!document.getElementById(id)) problems.push(`has a link to nowhere: ${say(link)}`);
  }
  return problems;
}

/** What does not fit its width; runs in the page. */
function tooWide() {
  const problems = [];
  const root = document.documentElement;
  const width = Math.min(window.screen.width, window.innerWidth);
  if (root.scrollWidth > width) problems.push(`scrolls sideways: ${root.scrollWidth} px on ${width}`);
  for (const box of document.querySelectorAll('body *')) {
    const overflow = getComputedStyle(box).overflowX;
    const scrolls = overflow === 'auto' || overflow === 'scroll';
    if (scrolls && box.scrollWidth > box.clientWidth && box.tabIndex < 0) {
      problems.push(`has a box that scrolls and cannot be focused: ${box.outerHTML.slice(0, 120)}`);
    }
    // A time runs to the right: what does not fit must open at its latest.
    if (scrolls && box.scrollWidth > box.clientWidth + 1 && box.querySelector('svg.chart')) {
      const end = box.getBoundingClientRect().right;
      const drawn = box.querySelector('svg.chart').getBoundingClientRect().right;
      if (drawn > end + 20) problems.push(`has a chart that opens at its oldest end: ${box.outerHTML.slice(0, 120)}`);
    }
  }
  return problems;
}

async function look(browser, job) {
  const problems = new Set();
  for (const [screen, options] of Object.entries(SCREENS)) {
    const { page, wrong, close } = await open(browser, options, job);
    for (const found of await page.evaluate(inThePage)) problems.add(found);
    for (const found of await page.evaluate(tooWide)) problems.add(`${found} (${screen})`);
    await page.evaluate(axe.source);
    // In the dark only colours differ, so only what is said of colours is asked again.
    for (const [colorScheme, only] of [['light', {}], ['dark', { runOnly: ['cat.color'] }]]) {
      await page.emulateMedia({ colorScheme });
      const asked = { resultTypes: ['violations'], ...only };
      const { violations } = await page.evaluate((options) => window.axe.run(document, options), asked);
      for (const { id, help, nodes } of violations) {
        problems.add(`${id} (${screen}, ${colorScheme}): ${help}: ${nodes[0].html.slice(0, 160)}`);
      }
    }
    for (const found of wrong) problems.add(found);
    await close();
  }
  return [...problems];
}

run(look);
