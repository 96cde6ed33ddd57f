/** What a database of these tests is opened with. */
export const OPTIONS = {
  schema: {
    format: 1,
    sql: `create table meta(name text primary key, value any, sum integer);
     create table log(seq integer primary key, data text not null, ids text, sum integer not null, ids_sum integer)`,
  },
  statements: { ids: 'select ?, ?' },
  synchronous: 'FULL',
} as const
