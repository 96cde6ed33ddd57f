import type { DatabaseSchema } from '../../store/database/create-tables.ts'
import { MEMORY_FORMAT } from '../../store/stored-format.ts'
import { KNOWN_COUNTS } from './search/count.ts'

/** A condition on records that may be made of others. A query repeats it to the letter, so that the index serves it. */
export const DERIVED = `instr(source, '"madeOf":') > 0`

/**
 * The tables of memory.db. The numbers of owners begin the tokens of `words`. Each transaction raises the `version` of
 * its owner: a copy of an owner's rows is right as long as it stays the same. Each owner's changes have numbers from 1.
 * A vector ends with its record, whatever ends that, and so do the copies that belong to an earlier `epoch`. Once an
 * owner has a mirror on Redis, triggers note each change of a record for it (`upkeep/mirror.ts`). `standing` is 0 for
 * what work wrote, until a person accepts it; else it is 1.
 */
export const MEMORY_SCHEMA: DatabaseSchema = {
  format: MEMORY_FORMAT,
  sql: `
    create table owner(
      number integer primary key autoincrement, name text not null unique, key blob not null,
      version integer not null default 0, written integer, epoch integer not null default 0, mirror text
    );
    create table record(
      rid integer primary key autoincrement, owner integer not null, id text not null, hash text not null,
      space text not null, kind text not null, text text not null, data text, subject text,
      importance real, pinned integer not null, proposed integer not null default 0,
      standing integer not null default 1,
      source text not null, source_ref text,
      learned_at integer not null, valid_from integer, valid_to integer, expires integer,
      withdrawn_at integer, erasure text,
      tier text not null default 'short', moved_at integer, version integer not null default 1,
      full_bytes integer, attempts integer not null default 0, retry_at integer, quarantined text,
      embedded text not null default '', write_key text
    );
    create table access(rid integer primary key, count integer not null, at integer not null);
    create unique index record_id on record(owner, id) where withdrawn_at is null and erasure is null;
    create table vector(
      seq integer primary key autoincrement, rid integer not null unique, owner integer not null, model text not null,
      signature blob not null, vec blob not null
    );
    create trigger vector_of_withdrawn after update of withdrawn_at on record begin
      delete from vector where rid = new.rid;
      update record set embedded = '' where rid = new.rid;
    end;
    create trigger vector_of_erased after delete on record begin delete from vector where rid = old.rid; end;
    create trigger epoch_ends after delete on vector begin
      update owner set epoch = epoch + 1 where number = old.owner;
    end;
    create table source(
      owner integer not null, ref text not null, type text not null, space text not null, hash text not null,
      size integer, mtime real, reader integer not null, reason text, trusted integer not null, named integer not null,
      records integer not null, read_at integer not null, asked_at integer not null,
      checked_at integer not null, primary key(owner, ref)
    ) without rowid;
    create table fact_end(rid integer not null, valid integer not null, known integer not null);
    create virtual table words using fts5(terms, tokenize = 'ascii', detail = none, columnsize = 0);
    insert into words(words, rank) values('secure-delete', 1);
    create virtual table word_count using fts5vocab('words', 'row');
    create table change(
      owner integer not null, number integer not null, at integer not null, type text not null,
      cause text not null, count integer not null, undoes integer, undone_by integer, primary key(owner, number)
    ) without rowid;
    create table change_record(
      owner integer not null, change integer not null, rid integer not null, replaced integer not null default 0,
      primary key(owner, change, rid)
    ) without rowid;
    create table cited(
      rid integer not null, ask text not null, thread text not null, at integer not null, primary key(rid, ask)
    ) without rowid;
    create table forgotten(
      owner integer not null, hash text not null, at integer not null, primary key(owner, hash)
    ) without rowid;
    create table erasure(
      id text primary key, owner integer not null, at integer not null, target text not null, status text not null,
      records integer not null, words integer not null, vectors integer not null, changes integer not null,
      redis integer not null default 0
    );
    create table mirror_due(
      seq integer primary key autoincrement, owner integer not null, id text not null, erasure text
    );
    ${KNOWN_COUNTS}`,
  indexes: {
    record_space: 'record(owner, space)',
    record_subject: 'record(owner, subject, space) where subject is not null',
    record_source: 'record(owner, source_ref) where source_ref is not null',
    record_proposed: 'record(owner) where proposed = 1',
    record_expires: 'record(owner, expires) where expires is not null',
    record_embedded: 'record(owner, embedded) where withdrawn_at is null and erasure is null',
    vector_owner: 'vector(owner, model, seq)',
    record_key: 'record(owner, write_key) where write_key is not null',
    record_erasure: 'record(erasure, id) where erasure is not null',
    record_withdrawn: 'record(owner, id) where withdrawn_at is not null',
    record_derived: `record(owner) where ${DERIVED}`,
    record_tier: 'record(owner, tier, learned_at)',
    record_retry: 'record(owner, retry_at) where retry_at is not null',
    fact_end_rid: 'fact_end(rid)',
    change_record_rid: 'change_record(rid)',
    mirror_due_owner: 'mirror_due(owner, seq)',
    mirror_due_erasure: 'mirror_due(erasure) where erasure is not null',
    erasure_status: 'erasure(status)',
  },
}
