// What today cost, against the least that an immediate start of every job could have been billed.
import { element, say, list, lasting, number } from './words.js';

/** Figures of all pools together; hidden while nothing was billed. */
export function showCost(section, figures, costs) {
  const sum = key => costs.reduce((total, cost) => total + (cost[key] ?? 0), 0);
  const [billed, busy, least] = [sum('billed_seconds'), sum('busy_seconds'), sum('least_billed_seconds')];
  section.hidden = billed === 0;
  const money = costs.every(c => c.money !== null || c.billed_seconds === 0) ? sum('money') : null;
  const shown = [
    ['Billed', lasting(billed)],
    ['Used by jobs', billed > 0 ? `${lasting(busy)}, ${Math.round(100 * busy / billed)} %` : lasting(busy)],
    ['Least with immediate start', lasting(least)],
    ['Cost vs. immediate start', least > 0 ? `${number.format(billed / least)}×` : null],
    ['Money', money ? number.format(money) : null],
  ].filter(([, value]) => value !== null);
  list(figures, shown, ([name]) => name,
    ([name]) => element('div', {}, element('dt', { text: name }), element('dd')),
    (row, [, value]) => say(row.querySelector('dd'), value));
}
