import { describe, expect, it } from 'vitest'
import {
  layOut,
  openState,
  type StateChange,
  type StoredCell,
} from '../../../../src/engine/restate/state/compact-state.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import type { Cell } from '../../../../src/kernel/types.ts'

const cell: Cell = {
  version: 1,
  status: 'live',
  seq: 1,
  events: 0,
  state: { count: 1 },
  watchers: [],
  cancelled: [],
  timers: {},
  index: null,
}
const LARGE = 'x'.repeat(20_000)

/** An object's state, as a server keeps it. */
function createState() {
  const state = new Map<string, Json>()
  const read = () => openState((state.get('cell') as StoredCell | undefined) ?? null)
  return {
    state,
    read,
    store(changed: readonly StateChange[]) {
      const { near, entries } = layOut(cell, read().near, changed)
      for (const [key, json] of entries)
        if (json === undefined) state.delete(key)
        else state.set(key, JSON.parse(json) as Json)
      expect(near).toEqual(read().near)
      return entries.length
    },
  }
}

describe('the state beside a cell', () => {
  it('is empty for an actor that does not exist', () => {
    expect(createState().read()).toEqual({ cell: undefined, near: {} })
  })

  it('is read and written with it while all of it is small', () => {
    const { state, read, store } = createState()
    expect(store([['part/a', 1], ['event/000000000001', { n: 1 }]])).toBe(1) // biome-ignore format: a table
    expect(store([['part/a', null], ['part/b', 2]])).toBe(1) // biome-ignore format: a table
    expect([...state.keys()]).toEqual(['cell'])
    expect(read()).toEqual({ cell, near: { 'event/000000000001': { n: 1 }, 'part/b': 2 } })
  })

  it('moves under keys of its own once all of it is large, and stays there', () => {
    const { state, read, store } = createState()
    store([['part/a', 1]])
    store([['part/b', LARGE]])
    expect(read()).toEqual({ cell, near: undefined })
    expect([...state]).toEqual([['cell', cell], ['part/a', 1], ['part/b', LARGE]]) // biome-ignore format: a table
    store([['part/b', null], ['part/c', 3]]) // biome-ignore format: a table
    expect([...state]).toEqual([['cell', cell], ['part/a', 1], ['part/c', 3]]) // biome-ignore format: a table
  })
})
