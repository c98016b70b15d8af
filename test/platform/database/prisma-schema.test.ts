import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../server/lib/project-root.ts';
import { testDatabase } from '../../support/database.ts';

const { pool } = await testDatabase();

type Shape = { columns: string[]; key: string; references: string[] };

/** PostgreSQL's name for a Prisma type without `@db`. */
const plainTypes: Record<string, string> = {
  String: 'text',
  Boolean: 'bool',
  Int: 'int4',
  BigInt: 'int8',
  Float: 'float8',
  Decimal: 'numeric',
  DateTime: 'timestamp',
  Json: 'jsonb',
  Bytes: 'bytea',
};
/** Likewise for what stands after `@db.`, where lower case is not enough. */
const nativeTypes: Record<string, string> = {
  SmallInt: 'int2',
  Integer: 'int4',
  BigInt: 'int8',
  Real: 'float4',
  DoublePrecision: 'float8',
  Char: 'bpchar',
};

/** What schema.prisma says of each table: columns with type and nullability, primary key, foreign keys. */
function readSchema(text: string): Map<string, Shape> {
  const bodies = [...text.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)].map(([, model = '', body = '']) => ({
    model,
    table: /@@map\("(.+?)"\)/.exec(body)?.[1] ?? model,
    lines: body
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^\w/.test(line)),
    key: /@@id\(\[(.+?)\]/.exec(body)?.[1],
  }));
  const tableOf = new Map(bodies.map(({ model, table }) => [model, table]));
  const columnOf = (line: string, field: string) => /@map\("(.+?)"\)/.exec(line)?.[1] ?? field;
  const columnsOf = new Map(
    bodies.map(({ model, lines }) => [
      model,
      new Map(lines.map((line) => [line.split(/\s+/)[0] ?? '', columnOf(line, line.split(/\s+/)[0] ?? '')])),
    ]),
  );
  const list = (model: string, fields: string) =>
    fields
      .split(',')
      .map((field) => columnsOf.get(model)?.get(field.trim()) ?? `?${field}`)
      .join(',');
  return new Map(
    bodies.map(({ model, table, lines, key }) => {
      const shape: Shape = { columns: [], key: key ? list(model, key) : '', references: [] };
      for (const line of lines) {
        const [, field = '', type = '', more = ''] = /^(\w+)\s+(\w+)(\[\]|\?)?/.exec(line) ?? [];
        const relation = /fields: \[(.+?)\], references: \[(.+?)\]/.exec(line);
        if (relation)
          shape.references.push(
            `${list(model, relation[1] ?? '')} -> ${tableOf.get(type)}(${list(type, relation[2] ?? '')})`,
          );
        if (tableOf.has(type)) continue;
        const native = /@db\.(\w+)/.exec(line)?.[1];
        const unsupported = /Unsupported\("(.+?)"\)/.exec(line)?.[1];
        const name =
          unsupported ?? (native ? (nativeTypes[native] ?? native.toLowerCase()) : plainTypes[type]);
        shape.columns.push(
          `${columnOf(line, field)} ${more === '[]' ? '_' : ''}${name}${more === '?' || (unsupported && line.includes('?')) ? ' null' : ''}`,
        );
        if (line.includes(' @id')) shape.key = columnOf(line, field);
      }
      return [table, sorted(shape)];
    }),
  );
}

/** The same of the migrated database. */
async function readTables(): Promise<Map<string, Shape>> {
  const { rows } = await pool.query<{ table: string; columns: string[]; key: string; references: string[] }>(`
    select c.relname as table,
      (select array_agg(a.attname || ' ' || t.typname ||
         case when a.attnotnull or t.typelem <> 0 and t.typlen = -1 and t.typname like '\\_%' then '' else ' null' end)
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      coalesce((select string_agg(a.attname, ',' order by k.n) from pg_constraint p,
         unnest(p.conkey) with ordinality k(num, n) join pg_attribute a on a.attnum = k.num
       where p.conrelid = c.oid and p.contype = 'p' and a.attrelid = c.oid), '') as key,
      coalesce((select array_agg(
           (select string_agg(a.attname, ',' order by k.n) from unnest(f.conkey) with ordinality k(num, n)
              join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.num)
           || ' -> ' || f.confrelid::regclass || '(' ||
           (select string_agg(a.attname, ',' order by k.n) from unnest(f.confkey) with ordinality k(num, n)
              join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.num) || ')')
         from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'), '{}') as references
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and c.relname <> '_prisma_migrations'`);
  return new Map(rows.map(({ table, ...shape }) => [table, sorted(shape)]));
}

const sorted = ({ columns, key, references }: Shape): Shape => ({
  columns: columns.toSorted(),
  key,
  references: references.toSorted(),
});

test('schema.prisma says of every table what the migrations made: columns, types, nulls, keys', async () => {
  const schema = readSchema(await readFile(join(projectRoot, 'prisma/schema.prisma'), 'utf8'));
  const tables = await readTables();
  expect(tables.size).toBeGreaterThan(0);
  expect(Object.fromEntries(schema)).toEqual(Object.fromEntries(tables));
});
