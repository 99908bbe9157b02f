// What today cost, against the least that it could have.
import { element, say, list, lasting, number } from './words.js';

/** Figures of all pools together; hidden while nothing was billed. */
export function showCost(section, figures, costs) {
  const sum = key => costs.reduce((total, cost) => total + (cost[key] ?? 0), 0);
  const [paid, busy, least] = [sum('paid_seconds'), sum('busy_seconds'), sum('least_paid_seconds')];
  section.hidden = paid === 0;
  const money = costs.every(c => c.money !== null || c.paid_seconds === 0) ? sum('money') : null;
  const shown = [
    ['Paid', lasting(paid)],
    ['Used by jobs', paid > 0 ? `${lasting(busy)}, ${Math.round(100 * busy / paid)} %` : lasting(busy)],
    ['Least with immediate start', lasting(least)],
    ['Paid against the least', least > 0 ? `${number.format(paid / least)} times the least` : null],
    ['Money', money ? number.format(money) : null],
  ].filter(([, value]) => value !== null);
  list(figures, shown, ([name]) => name,
    ([name]) => element('div', {}, element('dt', { text: name }), element('dd')),
    (row, [, value]) => say(row.querySelector('dd'), value));
}
