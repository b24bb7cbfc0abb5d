// node run.mjs CASES.json SECONDS: evaluates every case for so many seconds, after a third of that as warm-up, and
// prints one line each: {"name","per_second","result"}. CASES.json: [{"name","expr","document"}], document: a JSON file.
import {readFileSync} from 'node:fs';
import jsonata from 'jsonata';

const [casesFile, seconds] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(casesFile, 'utf8'));
const documents = new Map();

async function rate(program, document, milliseconds) {
  const start = performance.now();
  let count = 0;
  let spent = 0;
  do {
    await program.evaluate(document);
    ++count;
    spent = performance.now() - start;
  } while (spent < milliseconds);
  return (count * 1000) / spent;
}

for (const {name, expr, document} of cases) {
  if (!documents.has(document)) documents.set(document, JSON.parse(readFileSync(document, 'utf8')));
  const data = documents.get(document);
  const program = jsonata(expr);
  const result = await program.evaluate(data);
  await rate(program, data, (seconds * 1000) / 3);
  const perSecond = await rate(program, data, seconds * 1000);
  console.log(JSON.stringify({name, per_second: perSecond, result}));
}
