// What the scripts share: Chromium started, the jobs read from standard input, the answer written as JSON.
'use strict';

const { chromium } = require('playwright-core');

/** The widths that people read at. */
const SCREENS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

/** Long enough for a machine that is busy; nothing is measured by it. */
const PATIENCE = 300_000;

/** A window of its own, without cookies and cache of others, that keeps what goes wrong in it. */
async function open(browser, options, job) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(PATIENCE);
  context.setDefaultNavigationTimeout(PATIENCE);
  const page = await context.newPage();
  const wrong = [];
  const origin = new URL(job.url).origin;
  // That the page itself is an error is what was asked for.
  const isTheErrorItself = (text, url) => job.status >= 400 && url === job.url && text.includes(String(job.status));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isTheErrorItself(message.text(), message.location().url)) {
      wrong.push(`the console says: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => wrong.push(`a script failed: ${error.message}`));
  page.on('request', (request) => {
    const isElsewhere = !request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:');
    if (isElsewhere) wrong.push(`asks another origin: ${request.url()}`);
  });
  page.on('requestfailed', (request) => wrong.push(`a request failed: ${request.url()}`));
  page.on('response', (answer) => {
    if (answer.status() >= 400 && answer.url() !== job.url) wrong.push(`${answer.status()} for ${answer.url()}`);
  });
  // A page that is made for the test is handed out in place of the server's.
  if (job.html) {
    await page.route(job.url, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: job.html }));
  }
  const answer = await page.goto(job.url, { waitUntil: 'load' });
  if (answer.status() !== job.status) wrong.push(`answered with ${answer.status()}, not ${job.status}`);
  return { page, wrong, close: () => context.close() };
}

/** Runs a check on every job and prints what each found: `[{ url, problems }]`. */
async function run(check) {
  const { executable, jobs } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  const browser = await chromium.launch({
    executablePath: executable,
    timeout: PATIENCE,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
  // Two at a time: one waits for the server while the other looks.
  const found = [];
  const waiting = jobs.entries();
  const lane = async () => {
    for (const [place, job] of waiting) found[place] = { url: job.url, problems: await check(browser, job) };
  };
  await Promise.all([lane(), lane()]);
  await browser.close();
  process.stdout.write(JSON.stringify(found));
}

module.exports = { SCREENS, open, run };
