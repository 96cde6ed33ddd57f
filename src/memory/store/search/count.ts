import type { MemoryConnection, SqlValue } from '../connection.ts'

const LIVE = 'withdrawn_at is null and erasure is null'

const isKnown = (row: string) => `(${row}.withdrawn_at is null and ${row}.erasure is null and ${row}.proposed = 0)`

// another index would read each row
const counted = (
  owner: string,
) => `(select count(*) from record indexed by record_embedded where owner = ${owner} and ${LIVE})
  - (select count(*) from record where owner = ${owner} and proposed = 1 and ${LIVE})`

/**
 * How many records of an owner are known, kept by triggers: each search needs it, and counting reads an index of all.
 * The first record that is added counts all of its owner.
 */
export const KNOWN_COUNTS = `
    create table known(owner integer primary key, records integer not null);
    create trigger known_added after insert on record when ${isKnown('new')} begin
      update known set records = records + 1 where owner = new.owner;
      insert into known select new.owner, ${counted('new.owner')}
        where not exists (select 1 from known where owner = new.owner);
    end;
    create trigger known_changed after update of withdrawn_at, erasure, proposed on record
      when ${isKnown('new')} <> ${isKnown('old')} begin
      update known set records = records + ${isKnown('new')} - ${isKnown('old')} where owner = new.owner;
    end;
    create trigger known_deleted after delete on record when ${isKnown('old')} begin
      update known set records = records - 1 where owner = old.owner;
    end;`

/** The records of an owner that are known: accepted, and neither withdrawn nor erased. */
export function countKnown(connection: MemoryConnection, owner: number): number {
  const stored = connection.first<KnownCount>('select records from known where owner = ?', [owner])
  return (stored ?? connection.first<KnownCount>(`select ${counted('?1')} records`, [owner])!).records
}

type KnownCount = { readonly records: number }

/** A condition on the table `record` as `r`, and its values. */
type Condition = { readonly sql: string; readonly values: readonly SqlValue[] }

/** How many live records inside a condition a model has not read. Reads those alone. */
export function countUnread(
  connection: MemoryConnection,
  owner: number,
  model: string,
  { sql, values }: Condition,
): number {
  const range = (compared: string) =>
    `select rid from record indexed by record_embedded where owner = ? and embedded ${compared} ? and ${LIVE}`
  // a cross join: SQLite would else begin with the condition, and read all records of the owner
  const among = `(${range('<')} union all ${range('>')}) u cross join record r on r.rid = u.rid`
  return connection.first<{ readonly unread: number }>(`select count(*) unread from ${among} where ${sql}`, [
    ...[owner, model, owner, model],
    ...values,
  ])!.unread
}
