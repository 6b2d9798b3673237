// Run by .ci/prisma: what mbl prints and pulls is a schema for Prisma, and what it formats is as Prisma's formatter has it.
'use strict';
const { spawnSync } = require('node:child_process');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const [mbl, wasm] = process.argv.slice(2);
const prisma = require(wasm);
const faults = [];

// Why the two formatters differ, where they do.
const comments = 'Prisma drops the comment behind a brace, and makes /** */ of /* */; ours keeps every word';
const sides = 'Prisma writes the missing half of a relation; ours formats, and `mbl schema validate` names what is missing';
const unreadable = 'not a schema, as the test it belongs to has it: ours says where, and changes nothing';
const empty = 'an empty file stays empty';
const differing = {
  'spec/format/comments.prisma': comments,
  'spec/format/comments_between.prisma': comments,
  'spec/ddl/pull/kept.known.prisma': comments,
  'spec/ddl/pull/kept.prisma': comments,
  'schema-errors.json: comments-everywhere': comments,
  'spec/schema/one_to_one.prisma': sides,
  'spec/schema/self_and_many.prisma': sides,
  'schema-errors.json: missing-opposite-single': sides,
  'spec/schema/names.prisma': 'Prisma aligns by bytes, and not beyond a name that it cannot read; ours by characters',
  'spec/package/existing/listed/seed/schema.prisma': empty,
  'schema-errors.json: empty-file': empty,
  'spec/package/schemas/g_ten/seed/schema.prisma': unreadable,
  'spec/schema/configuration.prisma': unreadable,
  'spec/schema/defaults.prisma': unreadable,
  'spec/schema/enums.prisma': unreadable,
  'spec/schema/keys.prisma': unreadable,
  'spec/schema/recovery.prisma': unreadable,
  'spec/schema/ten_faults.prisma': unreadable,
  'schema-errors.json: field-without-type': unreadable,
  'schema-errors.json: bad-keyword': unreadable,
  'schema-errors.json: one-line-model': unreadable,
};

function run(args, input) {
  const { status, stdout, stderr } = spawnSync(mbl, args, { input, encoding: 'utf8' });
  return { done: status === 0, stdout, stderr };
}

function accepted(name, text) {
  const files = [[name, text]];
  try {
    prisma.validate(JSON.stringify({ prismaSchema: files, noColor: true }));
    return JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: files, noColor: true }))).datamodel.models.length;
  } catch (error) {
    faults.push(`${name}: Prisma refuses it: ${JSON.parse(error.message).message}`);
    return 0;
  }
}

function formatted(text) {
  const params = { textDocument: { uri: 'file:/dev/null' }, options: { tabSize: 2, insertSpaces: true } };
  return JSON.parse(prisma.format(JSON.stringify([['schema.prisma', text]]), JSON.stringify(params)))[0][1];
}

function schemas(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? schemas(path) : path.endsWith('.prisma') ? [path] : [];
  });
}

const read = (path) => readFileSync(path, 'utf8');
const cases = (name) => JSON.parse(read(join('spec/conformance', name)));

const printed = run(['schema', 'print']);
if (!printed.done) faults.push(`schema print: ${printed.stderr}`);
const models = accepted('schema print', printed.stdout);
for (const { text } of JSON.parse(prisma.lint(JSON.stringify([['schema.prisma', printed.stdout]])))) {
  faults.push(`schema print: Prisma warns: ${text}`);
}
if (models < 40) faults.push(`schema print: only ${models} models`);
const pulled = schemas('spec/ddl/pull');
for (const path of pulled) accepted(path, read(path));

const texts = new Map(['spec', 'packages', 'stdlib'].flatMap(schemas).map((path) => [path, read(path)]));
for (const { name, schema } of cases('ddl/models.json')) texts.set(`models.json: ${name}`, schema);
for (const { name, schema } of cases('schema-errors.json')) texts.set(`schema-errors.json: ${name}`, schema);
for (const edit of cases('ddl/migrations.json')) {
  for (const side of ['from', 'to']) texts.set(`migrations.json: ${edit.name}, ${side}`, edit[side]);
}
texts.set('schema print', printed.stdout);
for (const [name, text] of texts) {
  const ours = run(['schema', 'format', '-'], text);
  const same = ours.done && ours.stdout === formatted(text);
  if (same === name in differing) {
    faults.push(same ? `${name}: no longer differs from Prisma's form` : `${name}: not in Prisma's form: ${ours.stderr}`);
  }
}
for (const name of Object.keys(differing)) {
  if (!texts.has(name)) faults.push(`${name}: is not there`);
}

for (const fault of faults) console.log(fault);
const count = Object.keys(differing).length;
console.log(`Prisma takes the ${models} models of all packages and ${pulled.length} pulled schemas`);
console.log(`${texts.size} schemas formatted, ${texts.size - count} of them as Prisma does; ${count} differ for these reasons:`);
const reasons = new Set(Object.values(differing));
for (const reason of reasons) {
  console.log(`  ${Object.values(differing).filter((other) => other === reason).length}: ${reason}`);
}
console.log(`${faults.length} findings`);
process.exitCode = faults.length > 0 ? 1 : 0;
