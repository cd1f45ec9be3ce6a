import { createHash } from 'node:crypto';

/**
 * What runs in the browser beside the inbox, and is never needed: without it every form posts and the list is as old as
 * the page. It asks for the list every few seconds while somebody looks at it, and puts what is new into the page without
 * taking the focus, the place or a half-written reason from anybody; and it sends a row's form without leaving the page.
 *
 * How often: an answer of one page reads 8 units of DynamoDB (tokens of 900 characters) and costs $0.0000025 with its
 * invocation. So a person who looks at the inbox for a shift of eight hours costs a cent and a half at every 5 s; and
 * nearly every answer is a 304, which saves 60 KB each, 340 MB of somebody's mobile data in that shift.
 * After five minutes without a touch every 30 s do; after a failure twice as long as before, up to a minute.
 *
 * Plain text, because it must reach the browser as it is. No template strings in it.
 */
export const inboxClient = `'use strict';
(() => {
  const everyMs = 5000;
  const idleAfterMs = 5 * 60000;
  const idleMs = 30000;
  const longestMs = 60000;

  const byId = (id) => document.getElementById(id);
  const status = document.querySelector('#live [role=status]');
  const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
  const days = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
  const today = (date) => days.format(date) === days.format(new Date());
  const clock = (date) => (today(date) ? '' : days.format(date) + ', ') + hours.format(date);
  /** The row or part as the server wrote it: what is equal stays untouched. */
  const written = new WeakMap();
  /** Rows whose answer has been sent. */
  const settled = new WeakSet();
  let etag;
  let failures = 0;
  let timer;
  let touchedAt = Date.now();
  let asking = false;
  let ended = false;
  /** Goes up with every form that is sent: a list that was asked for before that is older than the page. */
  let turn = 0;

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  /** Times as the person's own clock has them. */
  function localize(root) {
    for (const time of root.querySelectorAll('time')) {
      time.title = time.textContent;
      time.textContent = clock(new Date(time.dateTime));
    }
  }

  function remember(root) {
    for (const part of root.querySelectorAll('#kinds, #list-head, #pages, #waits > li')) written.set(part, part.outerHTML);
  }

  const parse = (html) => new DOMParser().parseFromString(html, 'text/html');
  const keyOf = (row) => row.querySelector('h3').id;

  function listAddress() {
    const here = new URL(location.href);
    here.searchParams.set('part', 'list');
    return here;
  }

  async function refresh() {
    clearTimeout(timer);
    if (ended || asking || document.hidden) return;
    asking = true;
    const asked = turn;
    try {
      // A row that stayed behind for its writer goes with the next list, so that must come.
      const headers = etag && !document.querySelector('#waits > .gone') ? { 'if-none-match': etag } : {};
      const answer = await fetch(listAddress(), { headers, cache: 'no-store', signal: AbortSignal.timeout(10000) });
      if (answer.status === 403 || answer.status === 410) {
        ended = true;
        say('Your link is no longer good. Please ask for a new one.');
        return;
      }
      if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status));
      const html = await answer.text();
      if (answer.status === 200 && asked === turn) {
        etag = answer.headers.get('etag');
        const said = show(parse(html));
        say(said || 'Kept up to date.');
      } else if (failures > 0 || !status.textContent) say('Kept up to date.');
      failures = 0;
    } catch {
      failures += 1;
      // One lost request is nobody's concern.
      if (failures === 2) say('Not up to date since ' + clock(new Date()) + '. Trying again.');
    } finally {
      asking = false;
      schedule();
    }
  }

  function schedule() {
    clearTimeout(timer);
    if (ended || document.hidden) return;
    const usual = Date.now() - touchedAt > idleAfterMs ? idleMs : everyMs;
    timer = setTimeout(refresh, Math.min(longestMs, usual * 2 ** Math.min(failures, 6)));
  }

  /** Puts a fresh list into the page; returns what has changed, for those who do not see it. */
  function show(fresh) {
    const list = byId('list');
    const next = fresh.getElementById('list');
    if (!next) return '';
    remember(next);
    showPart('kinds', next, (part) => list.prepend(part));
    showPart('list-head', next);
    showPart('pages', next, (part) => list.append(part));
    return showRows(byId('waits'), next.querySelector('#waits'));
  }

  function showPart(id, next, add) {
    const old = byId(id);
    const part = next.querySelector('#' + id);
    if (!part) old?.remove();
    else if (!old) add(part);
    else if (written.get(old) !== written.get(part)) {
      const focused = [...old.querySelectorAll('a')].indexOf(document.activeElement);
      localize(part);
      old.replaceWith(part);
      if (focused >= 0) part.querySelectorAll('a')[focused]?.focus({ preventScroll: true });
    }
  }

  function showRows(rows, next) {
    const old = new Map([...rows.children].map((row) => [keyOf(row), row]));
    const anchor = [...rows.children].find((row) => row.getBoundingClientRect().bottom > 0);
    const anchorKey = anchor && keyOf(anchor);
    const anchorTop = anchor?.getBoundingClientRect().top;
    const place = focusedPlace();
    let more = 0;
    const wanted = [...next.children].map((row) => {
      const known = old.get(keyOf(row));
      old.delete(keyOf(row));
      if (known && written.get(known) === written.get(row)) return known;
      localize(row);
      if (known) carry(known, row);
      else more += 1;
      return row;
    });
    let gone = 0;
    for (const [, row] of old) {
      if (!row.classList.contains('gone')) gone += 1;
      // Somebody is writing there: it goes when they have seen that it is over.
      if (isInUse(row)) wanted.splice(Math.min([...rows.children].indexOf(row), wanted.length), 0, over(row));
    }
    for (const row of [...rows.children]) if (!wanted.includes(row)) row.remove();
    wanted.forEach((row, index) => {
      if (rows.children[index] !== row) rows.insertBefore(row, rows.children[index] || null);
    });
    const now = anchorKey && byId(anchorKey)?.closest('li');
    if (now && scrollY > 0) scrollBy(0, now.getBoundingClientRect().top - anchorTop);
    restoreFocus(place);
    return [more && more + ' more', gone && gone + ' gone'].filter(Boolean).join(', ');
  }

  /** What was typed goes over into the row's newer form. */
  function carry(from, to) {
    const typed = from.querySelector('textarea');
    const field = to.querySelector('textarea');
    if (typed && field) field.value = typed.value;
  }

  const isInUse = (row) => {
    const field = row.querySelector('textarea');
    return Boolean(field && !settled.has(row) && (field.value || field === document.activeElement));
  };

  function over(row) {
    row.classList.add('gone');
    for (const element of row.querySelectorAll('button')) element.disabled = true;
    const note = document.createElement('p');
    note.className = 'note warn';
    note.textContent = 'This is no longer open. What you wrote was not sent.';
    if (!row.querySelector('.warn')) row.append(note);
    return row;
  }

  function focusedPlace() {
    const element = document.activeElement;
    const row = element?.closest('#waits > li');
    if (!row) return undefined;
    const { selectionStart: start, selectionEnd: end } = element;
    return { element, key: keyOf(row), index: [...row.querySelectorAll('a, button, textarea')].indexOf(element), tag: element.tagName, name: element.name, value: element.value, start, end, after: row.nextElementSibling };
  }

  /** To the same control of the newer row; of a row that is gone, to the next one's heading: a key that is pressed twice must not answer another order. */
  function restoreFocus(place) {
    if (!place || document.contains(place.element)) return;
    const row = byId(place.key)?.closest('li');
    const same = row && [...row.querySelectorAll('a, button, textarea')].find((element) => element.tagName === place.tag && element.name === place.name && (place.tag !== 'BUTTON' || element.value === place.value));
    const next = same || (row || (place.after && document.contains(place.after) ? place.after : byId('waits').lastElementChild))?.querySelector('h3 a');
    next?.focus({ preventScroll: true });
    if (same && place.tag === 'TEXTAREA') same.setSelectionRange(place.start, place.end);
  }

  let dismissal;
  function tell(nodes) {
    const happened = byId('happened');
    happened.replaceChildren(...nodes);
    localize(happened);
    // In sight wherever the person is on the page, and out of the way soon.
    happened.className = 'fresh';
    clearTimeout(dismissal);
    dismissal = setTimeout(() => happened.classList.remove('fresh'), 8000);
  }

  function trouble(...texts) {
    const note = document.createElement('p');
    note.className = 'note warn';
    note.textContent = texts.join(' ');
    tell([note]);
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!button?.closest('#waits')) return;
    event.preventDefault();
    if (form.ariaBusy === 'true') return;
    form.ariaBusy = 'true';
    const body = new URLSearchParams(new FormData(form));
    body.set(button.name, button.value);
    turn += 1;
    try {
      // Not form.action: its buttons are called action, and hide it.
      const answer = await fetch(form.getAttribute('action'), { method: 'POST', body, signal: AbortSignal.timeout(20000) });
      const page = parse(await answer.text());
      const happened = page.getElementById('happened');
      if (answer.ok && happened) {
        // What was typed there is on record, or too late: nobody waits for it.
        if (button.name === 'action') settled.add(button.closest('li'));
        etag = undefined;
        show(page);
        tell([...happened.childNodes]);
      } else trouble(page.querySelector('h1')?.textContent || 'That did not work.', page.querySelector('h1 + p')?.textContent || 'Please try again.');
    } catch {
      trouble('It is not known whether that was sent. Please try again: the first answer stands.');
    } finally {
      turn += 1;
      form.ariaBusy = 'false';
      schedule();
    }
  });

  for (const type of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
    addEventListener(
      type,
      () => {
        const wasIdle = Date.now() - touchedAt > idleAfterMs;
        touchedAt = Date.now();
        if (wasIdle) refresh();
      },
      { passive: true },
    );
  }
  addEventListener('online', refresh);
  document.addEventListener('visibilitychange', refresh);

  // A reload shows the list, and not again what happened before.
  const here = new URL(location.href);
  if (here.searchParams.has('did')) {
    here.searchParams.delete('did');
    here.searchParams.delete('tried');
    history.replaceState(null, '', here);
  }
  remember(document);
  localize(document);
  say('Kept up to date.');
  schedule();
})();
`;

/** Its address: another text has another one, because browsers keep it for a year. */
export const scriptPath = `/inbox.js?v=${createHash('sha256').update(inboxClient).digest('hex').slice(0, 12)}`;
