// A worker and the time that is billed for it.
import { element, say, list, lasting, many } from './words.js';

const width = 1000;
const space = 'http://www.w3.org/2000/svg';

/** What a bar shows: a stretch of time, and parts of it as shares of the whole. Pure, so that it can be reasoned about. */
export function hourOf(worker, now) {
  const created = worker.created_at && Date.parse(worker.created_at);
  if (!created) return null;
  const leased = worker.billing.kind === 'leased';
  const step = worker.billing.step_seconds * 1000;
  const mark = worker.teardown_deadline && Date.parse(worker.teardown_deadline);
  const until = leased ? Math.max(Date.parse(worker.billed_until ?? worker.created_at), created + step) : Math.max(now, mark ?? now);
  // Of several billed hours the last is shown: the earlier ones are spent.
  const from = leased ? until - step : created;
  const share = at => Math.min(1, Math.max(0, (at - from) / Math.max(1, until - from)));
  const part = (begin, end) => ({ from: share(begin), to: share(end) });
  const ready = worker.ready_at ? Date.parse(worker.ready_at) : now;
  return {
    leased, from, until, mark,
    into: Math.max(0, now - from),
    step: until - from,
    number: leased ? Math.max(1, Math.round((until - created) / step)) : 1,
    now: share(now),
    markAt: mark && mark >= from && mark <= until ? share(mark) : null,
    boot: part(created, ready),
    busy: worker.busy_spans.map(s => part(Date.parse(s.from), s.to ? Date.parse(s.to) : now)).filter(p => p.to > p.from),
  };
}

/** The bar in words, for who cannot see it. */
export function sentenceOf(worker, now) {
  const hour = hourOf(worker, now);
  if (!hour) return 'nothing is billed yet';
  const busy = hour.busy.reduce((sum, p) => sum + (p.to - p.from), 0) * hour.step / 1000;
  const time = hour.leased
    ? `billing period ${hour.number}: ${lasting(hour.into / 1000)} of ${lasting(hour.step / 1000)}`
    : `lives for ${lasting(hour.into / 1000)}`;
  const mark = hour.mark ? (hour.mark > now ? `, teardown deadline in ${lasting((hour.mark - now) / 1000)}` : ', past its teardown deadline') : '';
  return `${time}, ${lasting(busy)} of it with jobs${mark}`;
}

function bar() {
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('class', 'bar');
  svg.setAttribute('viewBox', `0 0 ${width} 24`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  return svg;
}

function draw(svg, worker, now) {
  const hour = hourOf(worker, now);
  svg.setAttribute('aria-label', sentenceOf(worker, now));
  const parts = [['billed', 0, 1, 0]];
  if (hour) {
    parts.push(['boot', hour.boot.from, hour.boot.to, 4]);
    for (const span of hour.busy) parts.push(['busy', span.from, span.to, 4]);
    if (hour.markAt !== null) parts.push(['mark', hour.markAt, null, 0]);
    parts.push(['now', hour.now, null, 0]);
  }
  while (svg.childElementCount > parts.length) svg.lastElementChild.remove();
  while (svg.childElementCount < parts.length) svg.append(document.createElementNS(space, 'rect'));
  parts.forEach(([name, from, to, inset], index) => {
    const rect = svg.children[index];
    const x = to === null ? Math.min(width - 4, from * width) : from * width;
    const values = { class: name, x: x.toFixed(1), width: (to === null ? 4 : Math.max(0, to - from) * width).toFixed(1), y: inset, height: 24 - 2 * inset };
    for (const [key, value] of Object.entries(values)) if (rect.getAttribute(key) !== String(value)) rect.setAttribute(key, value);
  });
}

const words = { provisioning: 'boots', idle: 'idle', busy: 'busy', draining: 'draining', removing: 'is removed' };

/** Draws all workers; act(kind, worker) is called by their buttons, which are there where writes are. */
export function showWorkers(parent, workers, now, writes, act) {
  list(parent, workers, w => `${w.pool}/${w.name}`,
    worker => {
      const row = element('li', {},
        element('div', { class: 'head' },
          element('h3', { class: 'name', text: worker.name }), element('span', { class: 'state' }), element('span', { class: 'soft where' }),
          element('div', { class: 'actions' }, element('button', { type: 'button', class: 'drain' }), element('button', { type: 'button', class: 'delete' }))),
        bar(), element('p', { class: 'soft why' }));
      row.querySelector('.drain').addEventListener('click', () => act('drain', row.worker));
      row.querySelector('.delete').addEventListener('click', () => act('delete', row.worker));
      return row;
    },
    (row, worker) => {
      row.worker = worker;
      row.dataset.state = worker.state;
      say(row.querySelector('.state'), worker.job ? `${words[worker.state] ?? worker.state}: ${worker.job.name}` : words[worker.state] ?? worker.state);
      say(row.querySelector('.where'), [worker.placement, worker.address, many(worker.jobs_run, 'job')].filter(Boolean).join(' · '));
      say(row.querySelector('.why'), worker.why);
      const ending = worker.state === 'draining' || worker.state === 'removing';
      for (const [kind, text, shown] of [['drain', 'Drain', !ending], ['delete', 'Delete', worker.state !== 'removing']]) {
        const button = row.querySelector(`.${kind}`);
        button.hidden = !writes || !shown;
        button.setAttribute('aria-label', `${text} ${worker.name}`);
        say(button, text);
      }
      draw(row.querySelector('.bar'), worker, now);
    });
}

/** A pool in a few lines. */
export function showPools(parent, pools, health, writes, act) {
  list(parent, pools, p => p.name,
    pool => {
      const card = element('li', {},
        element('div', { class: 'head' }, element('h3', { class: 'name', text: pool.name }), element('span', { class: 'soft provider' }),
          element('div', { class: 'actions' }, element('button', { type: 'button', class: 'pause' }))),
        element('p', { class: 'counts' }), element('p', { class: 'soft labels' }), element('p', { class: 'problem' }));
      card.querySelector('.pause').addEventListener('click', () => act(card.pool.paused ? 'resume' : 'pause', card.pool));
      return card;
    },
    (card, pool) => {
      card.pool = pool;
      const w = pool.workers;
      say(card.querySelector('.provider'), pool.provider);
      say(card.querySelector('.counts'), `${w.total} of ${pool.max} workers: ${w.idle} idle, ${w.busy} busy, ${w.provisioning} booting, ${w.draining + w.removing} ending · ${many(pool.jobs_waiting, 'job')} waiting`);
      say(card.querySelector('.labels'), pool.labels.join(' '));
      const why = [
        pool.paused ? `paused${pool.paused_by ? ` by ${pool.paused_by}` : ''}` : '', pool.draining ? 'drains for a shutdown' : '', pool.provisioning_suspended ?? '',
        health.pools.find(h => h.pool === pool.name)?.why ?? '',
      ].filter(Boolean);
      const problem = card.querySelector('.problem');
      problem.hidden = why.length === 0;
      say(problem, why.join('; '));
      const button = card.querySelector('.pause');
      button.hidden = !writes;
      say(button, pool.paused ? 'Resume' : 'Pause');
      button.setAttribute('aria-label', `${pool.paused ? 'Resume' : 'Pause'} pool ${pool.name}`);
    });
}
