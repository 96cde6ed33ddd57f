import type { DatabaseSchema } from '../../../store/database/create-tables.ts'
import { STORED_FORMAT } from '../../../store/stored-format.ts'
import { indexDefinitions, type ListIndexes } from './list-indexes.ts'

// the log has the truth since the last checkpoint, the other tables have the state before it; each row has a checksum
const TABLES = `
  create table log(seq integer primary key, data text not null, ids text, sum integer not null, ids_sum integer not null);
  create table meta(name text primary key, value integer not null, sum integer not null) without rowid;
  create table cell(name text not null, cell text not null, index_fields text, inlined text, name_sum integer not null, sum integer not null,
    index_sum integer not null, inlined_sum integer not null);
  create unique index cell_name on cell(name, name_sum);
  create table part(actor text, name text, value text not null, sum integer not null, primary key(actor, name)) without rowid;
  create table event(actor text, n integer, correlation_id text not null, body text not null, sum integer not null,
    primary key(actor, n)) without rowid;
  create table mail(n integer primary key, id text not null, head text not null, body text not null, sum integer not null,
    body_sum integer not null);
  create table outcome(message text, name text, outcome text not null, sum integer not null, primary key(message, name)) without rowid;
  create table idempotency(seq integer primary key, ids text not null, sum integer not null);
  create table dead_letter(id text primary key, letter text not null, sum integer not null) without rowid;
  create table boot(only integer primary key check(only = 1), record text not null, sum integer not null)`

/** The tables of engine.db, without indexes for lists. */
export const SCHEMA: DatabaseSchema = { format: STORED_FORMAT, sql: TABLES }

/** The tables of engine.db with indexes for lists. The writer changes a file until it matches this declaration. */
export function schemaWith(indexes: ListIndexes): DatabaseSchema {
  return { ...SCHEMA, indexes: indexDefinitions(indexes) }
}

const CELL = 'insert into cell values(?, ?, ?, ?, sum(1), sum(1, 3, 2), sum(1, 3), sum(1, 4))'

function renewed(...columns: readonly string[]): string {
  return columns.map((column) => `${column}=excluded.${column}`).join(', ')
}

/** The statements of a checkpoint; `sum(1, 2)` is the checksum of the first two values, or 0 where the last is null. */
export const STATEMENTS = {
  cell: `${CELL} on conflict(name, name_sum) do update set ${renewed('cell', 'index_fields', 'inlined', 'sum', 'index_sum', 'inlined_sum')}`,
  // the inlined text stays unchanged
  cellAlone: `${CELL} on conflict(name, name_sum) do update set ${renewed('cell', 'index_fields', 'sum', 'index_sum')}`,
  dropCell: 'delete from cell where name=?',
  // a checkpoint that was cut short may already have written newer rows
  spreadPart: 'insert or ignore into part values(?, ?, ?, sum(1, 2, 3))',
  spreadEvent: 'insert or ignore into event values(?, ?, ?, ?, sum(1, 2, 3, 4))',
  part: `insert into part values(?, ?, ?, sum(1, 2, 3)) on conflict(actor, name) do update set ${renewed('value', 'sum')}`,
  dropPart: 'delete from part where actor=? and name=?',
  dropParts: 'delete from part where actor=?',
  event: 'insert or replace into event values(?, ?, ?, ?, sum(1, 2, 3, 4))',
  dropEvents: 'delete from event where actor=?',
  mail: 'insert or replace into mail values(?, ?, ?, ?, sum(1, 2, 3), sum(1, 2, 4))',
  dropMail: 'delete from mail where n=?',
  outcome: 'insert or replace into outcome values(?, ?, ?, sum(1, 2, 3))',
  dropOutcomes: 'delete from outcome where message=?',
  ids: 'insert into idempotency values(?, ?, sum(1, 2))',
  changeIds: 'insert or replace into idempotency values(?, ?, sum(1, 2))',
  keepIds: 'insert into idempotency select seq, ids, ids_sum from log where seq<=? and ids is not null',
  dropIds: 'delete from idempotency where seq<?',
  letter: 'insert or replace into dead_letter values(?, ?, sum(1, 2))',
  dropLetter: 'delete from dead_letter where id=?',
  meta: 'insert or replace into meta values(?, ?, sum(2))',
  dropMeta: 'delete from meta where name=?',
  marker: `insert into meta values('checkpoint', ?, sum(1)) on conflict(name) do update set ${renewed('value', 'sum')}`,
  trim: 'delete from log where seq<=?',
  boot: 'insert or replace into boot values(1, ?, sum(1))',
  dropBoot: 'delete from boot',
  dropTorn: 'delete from log where seq=?',
} as const
