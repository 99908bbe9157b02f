// Jobs that wait, run and ran, their logs, and what happened.
import { element, say, list, lasting, clock } from './words.js';
import { follow } from './api.js';

const mostLines = 500;
const mostEvents = 100;

/** The queue, each job with the reason why it still waits. */
export function showQueue(table, jobs, now) {
  table.hidden = jobs.length === 0;
  list(table.tBodies[0], jobs, j => `${j.pool}/${j.id}/${j.attempt}`,
    () => element('tr', {}, element('th', { scope: 'row' }), element('td'), element('td'), element('td')),
    (row, job) => {
      const waited = job.first_seen_at ? (now - Date.parse(job.first_seen_at)) / 1000 : job.waited_seconds ?? 0;
      say(row.children[0], nameOf(job));
      say(row.children[1], job.runs_on.join(' '));
      say(row.children[2], lasting(waited));
      say(row.children[3], job.why);
    });
}

/** Jobs that run, then those that ended. */
export function showJobs(table, jobs, now, openLog) {
  table.hidden = jobs.length === 0;
  list(table.tBodies[0], jobs, j => j.dispatch,
    () => {
      const row = element('tr', {}, element('th', { scope: 'row' }), element('td'), element('td', { class: 'name' }), element('td'), element('td', {}, element('button', { type: 'button', text: 'Log' })));
      row.querySelector('button').addEventListener('click', () => openLog(row.job));
      return row;
    },
    (row, job) => {
      row.job = job;
      const ran = job.state === 'running' && job.started_at ? (now - Date.parse(job.started_at)) / 1000 : job.ran_seconds;
      say(row.children[0], nameOf(job));
      say(row.children[1], stateOf(job));
      row.children[1].title = job.why;
      row.children[1].classList.toggle('failure', job.state === 'ended' && job.outcome !== 'completed');
      say(row.children[2], job.worker ?? '');
      say(row.children[3], ran == null ? '' : lasting(ran));
      row.querySelector('button').setAttribute('aria-label', `Log of ${nameOf(job)}, ${job.dispatch}`);
    });
}

export const nameOf = job => `${job.repo ? `${job.repo}: ` : ''}${job.name} #${job.id}`;

function stateOf(job) {
  if (job.state === 'running') return job.started_at ? 'runs' : 'starts';
  const outcome = (job.outcome ?? 'ended').replaceAll('_', ' ');
  return job.exit_code ? `${outcome}, exit code ${job.exit_code}` : outcome;
}

/** Follows the log of one job in a box; the last lines are kept. */
export class LogBox {
  #stop = null;

  constructor(section, title, box) {
    Object.assign(this, { section, title, box });
  }

  open(job, failed) {
    this.close();
    this.#stop = new AbortController();
    this.section.hidden = false;
    say(this.title, `Log of ${nameOf(job)}`);
    this.box.textContent = '';
    this.title.focus();
    const lines = [];
    follow(`logs?dispatch=${encodeURIComponent(job.dispatch)}`, line => {
      const atEnd = this.box.scrollTop + this.box.clientHeight >= this.box.scrollHeight - 8;
      lines.push(line.line);
      if (lines.length > mostLines) lines.shift();
      this.box.textContent = lines.join('\n');
      if (atEnd) this.box.scrollTop = this.box.scrollHeight;
    }, () => { }, this.#stop.signal).catch(failed);
  }

  close() {
    this.#stop?.abort();
    this.section.hidden = true;
  }
}

/** Puts an event on top of the list. */
export function addEvent(parent, event) {
  parent.prepend(element('li', { 'data-level': event.type === 'warning' ? 'warning' : 'info' },
    element('time', { class: 'soft', datetime: event.at, text: clock(event.at) }), ` ${event.message}`));
  while (parent.childElementCount > mostEvents) parent.lastElementChild.remove();
}
