// Lints Dockerfiles: node dockerfiles.mjs FILE...
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { validate } = createRequire(import.meta.url)('dockerfile-utils');
let wrong = 0;
for (const file of process.argv.slice(2)) {
  const text = await readFile(file, 'utf8');
  const found = validate(text).map(f => `${f.range.start.line + 1}: ${f.message}`);
  // What hadolint asks for beside correct syntax: no sudo, no ADD where COPY does, no unpinned latest, lists of packages removed.
  text.split('\n').forEach((line, index) => {
    const code = line.replace(/^\s*#.*/, '');
    if (/\bsudo\b/.test(code)) found.push(`${index + 1}: sudo in an image's build`);
    if (/^ADD\s/.test(code)) found.push(`${index + 1}: ADD where COPY does`);
    if (/^FROM\s+\S+:latest\b/.test(code)) found.push(`${index + 1}: an image's tag is 'latest'`);
  });
  if (/apt-get install/.test(text) && !/rm -rf \/var\/lib\/apt\/lists/.test(text)) found.push('1: the lists of packages stay in the image');
  if (!/^USER\s+(?!root\b|0\b)/m.test(text)) found.push('1: the image runs as root');
  for (const line of found) console.error(`${file}:${line}`);
  wrong += found.length;
  if (found.length === 0) console.log(`${file}: ok`);
}
process.exit(wrong > 0 ? 1 : 0);
