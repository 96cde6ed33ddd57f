import type { ListIndexes } from '../../engine/libsql/tables/list-indexes.ts'

// runs and threads are listed a page at a time, newest first; most have completed, and most have no owner
const NEWEST = { newest: 'startedAt', where: { aside: 'absent' }, mostly: { status: 'completed' } } as const
const RARE = { newest: 'startedAt', where: { aside: 'absent', status: { not: 'completed' } } } as const

/** The indexes of engine.db for lists that the runtime reads often. Each costs time in every write that it covers. */
export const LIST_INDEXES: ListIndexes = {
  lists: [
    // read whenever a run ends, to find its child runs
    { name: 'below', equal: ['root'], where: { root: 'present' } },
    // runs of a goal stay with it, and a tree shows them below it
    { name: 'of_goal', equal: ['goal'], where: { goal: 'present' } },
    // the work below a conversation that waits for people is found by its names
    { name: 'inbox', equal: ['inbox'], where: { inbox: 'present' } },
    // a page of the inbox has the oldest items, those of one owner or all
    { name: 'inbox_owned', equal: ['owner'], oldest: 'since', where: { inbox: 'present' } },
    { name: 'inbox_aged', equal: [], oldest: 'since', where: { inbox: 'present' } },
    // most rows have no owner, so this index is small, and `owned` covers the others
    { ...NEWEST, name: 'started', equal: [], where: { ...NEWEST.where, owner: 'present' } },
    { ...NEWEST, name: 'owned', equal: ['owner'] },
    { ...RARE, name: 'rare', equal: ['status'] },
    { ...RARE, name: 'rare_owned', equal: ['owner', 'status'] },
  ],
  usual: ['completed'],
}
