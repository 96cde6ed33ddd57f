import type { DatabaseSchema } from '../../../store/database/create-tables.ts'
import { STORED_FORMAT } from '../../../store/stored-format.ts'

/** Reads a field of an actor's index; null where that text is damaged, because an index that fails on one row blocks the writes of all others. */
export const indexField = (path: string) => `iif(json_valid(index_fields), json_extract(index_fields, ${path}), null)`

/** The field by which those below an actor are found; an index goes by it. */
export const ROOT_FIELD = indexField(`'$."root"'`)

/** The field of what waits for people; an index goes by it. */
export const INBOX_FIELD = indexField(`'$."inbox"'`)

const OWNER = indexField(`'$."owner"'`)
const STATUS = indexField(`'$."status"'`)

/** By what those that stand by themselves are listed, of all or of one owner; indexes go by it. */
export const LIST_FIELDS = {
  kind: `substr(name, 1, instr(name, '/'))`,
  owner: OWNER,
  owned: `${OWNER} is not null`,
  start: indexField(`'$."startedAt"'`),
  apart: `index_fields is not null and ${indexField(`'$."aside"'`)} is null`,
  status: STATUS,
  rare: `${STATUS} <> 'completed'`,
} as const

const IS_LIVE = `json_valid(cell) and cell ->> '$.status' = 'live'`
const IDLE = `iif(${indexField(`'$."waits"'`)} is null, 'idle', 'waiting')`
const SAID = `iif(typeof(${STATUS}) = 'text', ${STATUS}, ${IDLE})`

/** The status of an actor without a turn and without mail; an index goes by it, but of those there are most of. */
export const STATUS_INDEX = {
  status: `iif(${IS_LIVE}, ${SAID}, iif(json_valid(cell), cell ->> '$.status', 'quarantined'))`,
  usual: ['completed', 'idle'],
} as const
export const IS_RARE_STATUS = `${STATUS_INDEX.status} not in (${STATUS_INDEX.usual.map((status) => `'${status}'`)})`

// `log` is the truth since the last checkpoint, the other tables before it; each row has a checksum
const TABLES = `
  create table log(seq integer primary key, data text not null, ids text, sum integer not null, ids_sum integer not null);
  create table meta(name text primary key, value integer not null, sum integer not null) without rowid;
  create table cell(name text not null, cell text not null, index_fields text, inlined text, name_sum integer not null, sum integer not null,
    index_sum integer not null, inlined_sum integer not null);
  create table part(actor text, name text, value text not null, sum integer not null, primary key(actor, name)) without rowid;
  create table event(actor text, n integer, correlation_id text not null, body text not null, sum integer not null,
    primary key(actor, n)) without rowid;
  create table mail(n integer primary key, id text not null, head text not null, body text not null, sum integer not null,
    body_sum integer not null);
  create table outcome(message text, name text, outcome text not null, sum integer not null, primary key(message, name)) without rowid;
  create table idempotency(seq integer primary key, ids text not null, sum integer not null);
  create table dead_letter(id text primary key, letter text not null, sum integer not null) without rowid;
  create table boot(only integer primary key check(only = 1), record text not null, sum integer not null)`

// each ends with the name, which orders rows that are equal otherwise
const INDEXES = `
  create unique index cell_name on cell(name, name_sum);
  create index cell_below on cell(${ROOT_FIELD}, name) where ${ROOT_FIELD} is not null;
  create index cell_inbox on cell(${INBOX_FIELD}, name) where ${INBOX_FIELD} is not null;
  create index cell_started on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.start} desc, name) where ${LIST_FIELDS.apart} and ${LIST_FIELDS.owned};
  create index cell_owned on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.owner}, ${LIST_FIELDS.start} desc, name) where ${LIST_FIELDS.apart};
  create index cell_rare on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.status}, ${LIST_FIELDS.start} desc, name) where ${LIST_FIELDS.apart} and ${LIST_FIELDS.rare};
  create index cell_rare_owned on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.owner}, ${LIST_FIELDS.status}, ${LIST_FIELDS.start} desc, name)
    where ${LIST_FIELDS.apart} and ${LIST_FIELDS.rare};
  create index cell_standing on cell(${STATUS_INDEX.status}, name) where ${IS_RARE_STATUS}`

/** The tables of engine.db. */
export const SCHEMA: DatabaseSchema = { format: STORED_FORMAT, sql: `${TABLES};\n${INDEXES}` }

const CELL = 'insert into cell values(?, ?, ?, ?, sum(1), sum(1, 3, 2), sum(1, 3), sum(1, 4))'

function renewed(...columns: readonly string[]): string {
  return columns.map((column) => `${column}=excluded.${column}`).join(', ')
}

/** The statements a checkpoint writes with; `sum(1, 2)` is the checksum of the first two values, or 0 where the last is null. */
export const STATEMENTS = {
  cell: `${CELL} on conflict(name, name_sum) do update set ${renewed('cell', 'index_fields', 'inlined', 'sum', 'index_sum', 'inlined_sum')}`,
  // the inlined text stays as it is
  cellAlone: `${CELL} on conflict(name, name_sum) do update set ${renewed('cell', 'index_fields', 'sum', 'index_sum')}`,
  dropCell: 'delete from cell where name=?',
  // a checkpoint that was cut short may have written newer rows already
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
  keepIds: 'insert into idempotency select seq, ids, ids_sum from log where seq<=? and ids is not null',
  dropIds: 'delete from idempotency where seq<?',
  letter: 'insert or replace into dead_letter values(?, ?, sum(1, 2))',
  dropLetter: 'delete from dead_letter where id=?',
  marker: `insert into meta values('checkpoint', ?, sum(1)) on conflict(name) do update set ${renewed('value', 'sum')}`,
  trim: 'delete from log where seq<=?',
  boot: 'insert or replace into boot values(1, ?, sum(1))',
  dropBoot: 'delete from boot',
  dropTorn: 'delete from log where seq=?',
} as const
