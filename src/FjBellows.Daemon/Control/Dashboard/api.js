// The daemon's API: requests with the token, and streams that go on after a break without a gap.

const kept = 'fj-bellows-token';

/** What the daemon refused, in its own words. */
export class Refused extends Error {
  constructor(status, info) {
    super([info.error ?? `answered with ${status}`, info.fix].filter(Boolean).join(': '));
    this.status = status;
  }
}

export const token = {
  get: () => sessionStorage.getItem(kept),
  set: value => sessionStorage.setItem(kept, value),
  forget: () => sessionStorage.removeItem(kept),
};

const headers = more => ({ ...(token.get() ? { Authorization: `Bearer ${token.get()}` } : {}), ...more });

async function answer(response) {
  if (response.ok) return response.json();
  const text = await response.text();
  let info = {};
  try { info = JSON.parse(text); } catch { /* not from the daemon itself */ }
  // A write that pools refused tells why for each of them.
  if (Array.isArray(info.results)) info = { error: info.results.map(r => r.message).join('; ') };
  throw new Refused(response.status, info);
}

// A request that is never answered must not keep the page from asking again.
const patience = () => AbortSignal.timeout(10_000);

export const get = path => fetch(`api/v1/${path}`, { headers: headers(), cache: 'no-store', signal: patience() }).then(answer);

export const post = (path, body) =>
  fetch(`api/v1/${path}`, { method: 'POST', headers: headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(body) }).then(answer);

/**
 * Follows a stream until the signal ends it. An EventSource cannot show a token, so the lines are read here.
 * take(data) gets each event; state(connected) tells of breaks; a refusal ends it by throwing.
 */
export async function follow(path, take, state, signal) {
  let last = null;
  while (!signal.aborted) {
    try {
      const response = await fetch(`api/v1/${path}`, { headers: headers(last ? { 'Last-Event-ID': last } : {}), cache: 'no-store', signal });
      if (!response.ok) await answer(response);
      state(true);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const blocks = (rest + value).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
          const fields = new Map(block.split('\n').filter(l => l.includes(': ')).map(l => [l.slice(0, l.indexOf(': ')), l.slice(l.indexOf(': ') + 2)]));
          if (fields.has('data')) {
            last = fields.get('id') ?? last;
            take(JSON.parse(fields.get('data')));
          }
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.status < 500) throw error;
    }
    state(false);
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}
