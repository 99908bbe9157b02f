// The dashboard: looks at the daemon's API, follows its events, and draws.
import { get, post, follow, token, Refused } from './api.js';
import { say, many } from './words.js';
import { showPools, showWorkers } from './workers.js';
import { showCost } from './cost.js';
import { showJobs, showQueue, addEvent, LogBox } from './jobs.js';

const $ = id => document.getElementById(id);
const lookEvery = 5000;
const known = { health: null, pools: [], workers: [], jobs: { waiting: [], running: [], recent: [] }, cost: [], skew: 0 };
const log = new LogBox($('log-section'), $('log-title'), $('log'));

const now = () => Date.now() + known.skew;
const tell = (text, bad = false) => { $('said').className = bad ? 'problem' : ''; say($('said'), text); };

/** Asks in a dialog; the answer is its element's value, or null. */
function ask(dialog, yes, no, value) {
  return new Promise(resolve => {
    const done = result => { dialog.close(); resolve(result); };
    yes.onclick = event => { event.preventDefault(); const given = value(); if (given) done(given); };
    no.onclick = () => done(null);
    dialog.oncancel = () => resolve(null);
    if (!dialog.open) dialog.showModal();
  });
}

let asking = null;

/** Asks for the token, in one dialog for all who want it: a look that is refused meanwhile must not wipe what is being typed. */
function askToken(wrong) {
  return asking ??= askTokenOnce(wrong).finally(() => { asking = null; });
}

async function askTokenOnce(wrong) {
  say($('token-why'), wrong ? 'The daemon did not take this token. It is the content of its -control-token-file.' : 'This daemon asks for the token of its -control-token-file.');
  $('token').value = '';
  const given = await ask($('token-dialog'), $('token-form').querySelector('[type=submit]'), $('token-cancel'), () => $('token').value.trim());
  if (given) token.set(given);
  return given !== null;
}

const sure = text => {
  say($('sure-text'), text);
  return ask($('sure-dialog'), $('sure-yes'), $('sure-no'), () => 'yes');
};

/** A write, with the token asked for where the daemon wants one. */
async function write(path, body) {
  try {
    if (known.health && known.health.token_needed !== 'none' && !token.get() && !await askToken(false)) return;
    const info = await post(path, body);
    tell(info.results.map(r => r.message).join('; '));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) {
      token.forget();
      if (await askToken(true)) return write(path, body);
    }
    tell(error.message, true);
  }
  await look();
}

async function actOnWorker(kind, worker) {
  const busy = worker.job !== null;
  if (kind === 'drain') return write('drain', { worker: worker.name });
  const text = busy ? `${worker.name} runs ${worker.job.name}. Deleting it loses that job.` : `Delete ${worker.name}? The rest of its billing period is lost.`;
  if (await sure(text)) await write('delete', { worker: worker.name, force: busy });
}

function draw() {
  const { health, pools, workers, jobs } = known;
  if (!health) return;
  const writes = health.writes_enabled;
  const at = now();
  $('health').dataset.state = health.status;
  say($('health'), health.status);
  say($('version'), `fj-bellows ${health.version}`);
  $('reconcile').hidden = !writes;
  $('ask-token').hidden = health.token_needed === 'none';
  showPools($('pools'), pools, health, writes, (kind, pool) => write(kind, { pool: pool.name }));
  showWorkers($('workers'), workers, at, writes, actOnWorker);
  $('no-workers').hidden = workers.length > 0;
  say($('workers-count'), many(workers.length, 'worker'));
  showQueue($('queue'), jobs.waiting, at);
  $('no-queue').hidden = jobs.waiting.length > 0;
  say($('queue-count'), `${jobs.waiting.length} waiting`);
  const ran = [...jobs.running, ...jobs.recent];
  showJobs($('jobs'), ran, at, job => log.open(job, error => tell(error.message, true)));
  $('no-jobs').hidden = ran.length > 0;
  say($('jobs-count'), `${jobs.running.length} running`);
  showCost($('cost'), $('cost-figures'), known.cost);
  document.title = `${jobs.waiting.length} waiting, ${many(workers.length, 'worker')} – fj-bellows`;
}

let looking = null;
let again = false;

/** Looks at everything, once at a time; what comes meanwhile is looked at afterwards. */
function look() {
  if (looking) { again = true; return looking; }
  looking = (async () => {
    do {
      again = false;
      const [health, pools, workers, jobs] = await Promise.all([get('health'), get('pools'), get('workers'), get('jobs?limit=30')]);
      Object.assign(known, { health, pools, workers, jobs, skew: Date.parse(health.at) - Date.now() });
      draw();
    } while (again);
  })().finally(() => { looking = null; });
  return looking;
}

/** Cost is worked out from the history: it may take longer than the rest, and the rest does not wait for it. */
const lookAtCost = () => get('cost').then(cost => { known.cost = cost; draw(); }, () => { });

let due = null;
const lookSoon = () => { due ??= setTimeout(() => { due = null; look().catch(lost); }, 250); };

function lost(error) {
  if (error instanceof Refused && error.status === 401) return begin(true);
  say($('live'), 'the daemon does not answer');
  $('health').dataset.state = 'degraded';
  say($('health'), 'away');
}

let following = null;

/** Starts, once a token is there where reads need one. */
async function begin(refused = false) {
  following?.abort();
  if (refused) {
    // Nothing is looked at again before there is a token.
    known.health = null;
    const had = token.get() !== null;
    token.forget();
    if (!await askToken(had)) return tell('Without the token there is nothing to see.', true);
  }
  // Another may have begun while the token was asked for.
  following?.abort();
  const mine = following = new AbortController();
  try {
    await look();
    lookAtCost();
    await follow('events', event => { addEvent($('events'), event); lookSoon(); }, connected => {
      say($('live'), connected ? 'live' : 'reconnecting');
      if (connected) lookSoon();
    }, mine.signal);
  } catch (error) {
    lost(error);
    if (!(error instanceof Refused)) setTimeout(begin, 2000);
  }
}

$('reconcile').addEventListener('click', () => write('reconcile', {}));
$('ask-token').addEventListener('click', async () => { if (await askToken(false)) begin(); });
$('close-log').addEventListener('click', () => { log.close(); $('jobs-title').scrollIntoView(); });
setInterval(draw, 1000);
setInterval(() => { if (!document.hidden && known.health) { look().catch(lost); lookAtCost(); } }, lookEvery);
begin();
