import { UNCHECKED } from '../../../store/database/checked-row.ts'
import type { Migration } from '../../../store/database/migrations.ts'

/** Ids of version 1, whose replies were whole messages (of type 3: an error), as version 2 has them. */
function idsOfVersion1(ids: string): string {
  const [first, reply] = [`value ->> '$[0]', value ->> '$[1]', value ->> '$[2]'`, `json(value -> '$[3][6]')`]
  return `(select json_group_array(json(case
    when json_type(value, '$[3]') = 'null' then json_array(${first})
    when value ->> '$[3][1]' = 3 then json_array(${first}, ${reply}, 1)
    else json_array(${first}, ${reply}) end)) from json_each(${ids}))`
}

/** A field of an actor's index; null where that is damaged, for an index that fails on one row would keep all others from being written. */
export const indexField = (path: string) => `iif(json_valid(listed), json_extract(listed, ${path}), null)`

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
  apart: `listed is not null and ${indexField(`'$."aside"'`)} is null`,
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

const CELL_VIEWS = `
  create view part_beside(actor, name, value) as
    select cell.name, part.value ->> '$[0]', part.value -> '$[1]' from cell, json_each(beside, '$.p') part;
  create view event_beside(actor, n, correlation, body) as
    select cell.name, stretch.value ->> '$[0]' + body.key, stretch.value ->> '$[1]', stretch.value -> ('$[2][' || body.key || ']')
    from cell, json_each(beside, '$.e') stretch, json_each(stretch.value, '$[2]') body`

// each ends with the name, by which those are in order that are equal otherwise
const CELL_INDEXES = `
  create index cell_below on cell(${ROOT_FIELD}, name) where ${ROOT_FIELD} is not null;
  create index cell_inbox on cell(${INBOX_FIELD}, name) where ${INBOX_FIELD} is not null;
  create index cell_started on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.start} desc, name) where ${LIST_FIELDS.apart} and ${LIST_FIELDS.owned};
  create index cell_owned on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.owner}, ${LIST_FIELDS.start} desc, name) where ${LIST_FIELDS.apart};
  create index cell_rare on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.status}, ${LIST_FIELDS.start} desc, name) where ${LIST_FIELDS.apart} and ${LIST_FIELDS.rare};
  create index cell_rare_owned on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.owner}, ${LIST_FIELDS.status}, ${LIST_FIELDS.start} desc, name)
    where ${LIST_FIELDS.apart} and ${LIST_FIELDS.rare};
  create index cell_standing on cell(${STATUS_INDEX.status}, name) where ${IS_RARE_STATUS}`

/** What each version of engine.db adds, oldest first. `log` is the truth since the last checkpoint, the other tables before it. */
export const SCHEMA: readonly Migration[] = [
  `create table log(seq integer primary key, data text not null);
   create table meta(name text primary key, value integer not null) without rowid;
   create table cell(name text primary key, cell text not null, listed text) without rowid;
   create table part(actor text, name text, value text not null, primary key(actor, name)) without rowid;
   create table event(actor text, n integer, correlation text not null, body text not null, primary key(actor, n)) without rowid;
   create table mail(n integer primary key, id text not null unique, envelope text not null);
   create table outcome(message text, name text, outcome text not null, primary key(message, name)) without rowid;
   create table known(n integer primary key, at integer not null, ids text not null);
   create table letter(id text primary key, letter text not null) without rowid`,
  // ids got a column and a table of their own, by the batch of their row; rows of before have no checksum
  `delete from log where seq <= coalesce((select value from meta where name = 'checkpoint'), 0);
   alter table log add column ids text;
   alter table log add column sum integer not null default ${UNCHECKED};
   update log set ids = ${idsOfVersion1("json_extract(data, '$.i')")} where json_extract(data, '$.i') is not null;
   create table known_2(seq integer primary key, ids text not null);
   insert into known_2 select n, ${idsOfVersion1('ids')} from known;
   drop table known;
   alter table known_2 rename to known`,
  // what a process lets go at its start, for the next one to judge
  `create table boot(only integer primary key check(only = 1), record text not null)`,
  // most actors are written once: their parts and events lie beside their cell then, and go to rows of their own only when they change
  `alter table cell add column beside text;
   ${CELL_VIEWS}`,
  // few actors lie below another one, and they are looked for whenever one of thousands has ended
  `create index cell_below on cell(${ROOT_FIELD}) where ${ROOT_FIELD} is not null`,
  // runs and threads are looked at by their start, a page at a time: of tens of thousands each page would go through all
  `create index cell_started on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.start} desc) where ${LIST_FIELDS.apart};
   create index cell_owned on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.owner}, ${LIST_FIELDS.start} desc) where ${LIST_FIELDS.apart}`,
  // few steps and threads wait for people, and what does is looked for again and again
  `create index cell_inbox on cell(${INBOX_FIELD}) where ${INBOX_FIELD} is not null`,
  // most have completed: of those a page is found among the newest, of the few others it would go through all
  `create index cell_rare on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.status}, ${LIST_FIELDS.start} desc) where ${LIST_FIELDS.apart} and ${LIST_FIELDS.rare};
   create index cell_rare_owned on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.owner}, ${LIST_FIELDS.status}, ${LIST_FIELDS.start} desc)
     where ${LIST_FIELDS.apart} and ${LIST_FIELDS.rare}`,
  // actors of one status are picked out of all there are, by name
  `create index cell_standing on cell(${STATUS_INDEX.status}) where ${IS_RARE_STATUS}`,
  // most have no owner, and all of those lie together in the index of owners already: an index more is felt in each run
  `drop index cell_started;
   create index cell_started on cell(${LIST_FIELDS.kind}, ${LIST_FIELDS.start} desc) where ${LIST_FIELDS.apart} and ${LIST_FIELDS.owned}`,
  // rows of kilobytes: in a table by name each had a page of its own beside its place there, and the pages above held whole rows
  `drop view part_beside;
   drop view event_beside;
   create table cell_2(name text not null primary key, cell text not null, listed text, beside text);
   insert into cell_2 select name, cell, listed, beside from cell;
   drop table cell;
   alter table cell_2 rename to cell;
   ${CELL_VIEWS};
   ${CELL_INDEXES}`,
  // the log may tell of an actor only that the tables have it: who does not know that would go by what it told before
  'select 1',
  // a cell leaves out its index and what it has nothing of, which earlier code takes for damage
  'select 1',
  // each row has a checksum, and the name of a cell one of its own, which its index has, too; views would read what is not checked
  {
    sql: `drop view part_beside;
     drop view event_beside;
     alter table log add column ids_sum integer;
     ${['meta', 'part', 'event', 'outcome', 'known', 'letter', 'boot'].map((table) => `alter table ${table} add column sum integer not null default ${UNCHECKED};`).join('\n     ')}
     create table mail_2(n integer primary key, id text not null, envelope text not null, body text, sum integer not null, body_sum integer not null);
     insert into mail_2 select n, id, envelope, null, ${UNCHECKED}, ${UNCHECKED} from mail;
     drop table mail;
     alter table mail_2 rename to mail;
     create table cell_2(name text not null, cell text not null, listed text, beside text, mark integer not null, sum integer not null,
       listed_sum integer not null, beside_sum integer not null);
     insert into cell_2 select name, cell, listed, beside, 0, ${UNCHECKED}, ${UNCHECKED}, ${UNCHECKED} from cell;
     drop table cell;
     alter table cell_2 rename to cell`,
    mark: {
      read: 'select rowid, cast(name as blob) bytes from cell',
      write: 'update cell set mark = ? where rowid = ?',
    },
    after: `create unique index cell_name on cell(name, mark);
     ${CELL_INDEXES}`,
  },
]

const CELL = 'insert into cell values(?, ?, ?, ?, sum(1), sum(1, 3, 2), sum(1, 3), sum(1, 4))'

function renewed(...columns: readonly string[]): string {
  return columns.map((column) => `${column}=excluded.${column}`).join(', ')
}

/** The statements a checkpoint writes with; `sum(1, 2)` is the checksum of the first two values, or 0 where the last is null. */
export const STATEMENTS = {
  cell: `${CELL} on conflict(name, mark) do update set ${renewed('cell', 'listed', 'beside', 'sum', 'listed_sum', 'beside_sum')}`,
  // what lies beside it stays as it is
  cellAlone: `${CELL} on conflict(name, mark) do update set ${renewed('cell', 'listed', 'sum', 'listed_sum')}`,
  dropCell: 'delete from cell where name=?',
  // what came later than that has rows already: a checkpoint that was cut short
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
  ids: 'insert into known values(?, ?, sum(1, 2))',
  keepIds: `insert into known select seq, ids, ifnull(ids_sum, ${UNCHECKED}) from log where seq<=? and ids is not null`,
  dropIds: 'delete from known where seq<?',
  letter: 'insert or replace into letter values(?, ?, sum(1, 2))',
  dropLetter: 'delete from letter where id=?',
  marker: `insert into meta values('checkpoint', ?, sum(1)) on conflict(name) do update set ${renewed('value', 'sum')}`,
  trim: 'delete from log where seq<=?',
  boot: 'insert or replace into boot values(1, ?, sum(1))',
  dropBoot: 'delete from boot',
  dropTorn: 'delete from log where seq=?',
} as const
