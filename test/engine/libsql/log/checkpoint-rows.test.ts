import { expect, test } from 'vitest'
import type { DeadLetter } from '../../../../src/engine/engine.ts'
import {
  type Activation,
  createActivation,
  createUnsaved,
} from '../../../../src/engine/libsql/activation/activation.ts'
import { createLogBatch, listActivation } from '../../../../src/engine/libsql/log/batch.ts'
import { type CheckpointOptions, createCheckpoint } from '../../../../src/engine/libsql/log/checkpoint.ts'
import { encodeCell } from '../../../../src/engine/libsql/tables/cell.ts'
import type { Rows } from '../../../../src/store/database/database.ts'
import { cell, envelope } from '../../../kernel/fixtures.ts'

const NOTHING: CheckpointOptions = {
  activations: [],
  pending: new Map(),
  stored: new Map(),
  lastMail: 0,
  letters: new Map(),
  firstLog: 1,
  firstIds: 0,
  torn: [],
  evict: () => {},
  readInlined: () => null,
  isFinished: () => false,
  remembered: () => 0,
}

/** A checkpoint that takes one actor with each flush, and begins with the first. */
function open(recovered: Partial<CheckpointOptions>) {
  const checkpoint = createCheckpoint({ ...NOTHING, ...recovered }, { bytes: 0, chunk: 1, trim: 64 })
  return { ...checkpoint, flush: (seq: number) => tablesOf(checkpoint.piggyback(createLogBatch(seq), [], 1)) }
}

function tablesOf(rows: readonly Rows[] = []): Readonly<Record<string, unknown>> {
  return Object.fromEntries(rows.filter(([, values]) => values.length > 0))
}

function createStored(name: string, more: Partial<Activation> = {}): Activation {
  return { ...createActivation(name, cell(), true, false), ...more }
}

test('mail that the log has taken leaves its table', () => {
  expect(open({ stored: new Map([['taken', 3]]) }).flush(5)).toMatchObject({
    dropMail: [[3]],
    dropOutcomes: [['taken']],
  })
})

test('a checkpoint trims the entries that the log held at its start, once all of them are in the tables', () => {
  const { flush } = open({ activations: ['a', 'b', 'c'].map((key) => createStored(`counter/${key}`)) })
  for (const seq of [5, 6]) {
    const tables = flush(seq)
    expect(Object.keys(tables)).toEqual(['cell'])
  }
  expect(flush(7)).toMatchObject({ marker: [[5]], trim: [[5]], keepIds: [[5]] })
})

test('an actor that finishes just before its checkpoint is written at once, and not again', () => {
  const [first, last] = [createActivation('counter/b', cell(), false), createStored('counter/a')]
  const {
    writeThrough: putAway,
    piggyback: ride,
    written,
    isSaved,
    flush,
  } = open({ activations: [first!, last!], isFinished: () => true })
  expect(flush(5)).toMatchObject({ cell: [['counter/a', expect.any(String), null, null]] })
  const batch = createLogBatch(6)
  for (const resident of [first!, last!]) listActivation(batch, resident)
  // what has a row already is left to the checkpoint
  expect(tablesOf(putAway(batch))).toMatchObject({ cell: [['counter/b', expect.any(String), null, null]] })
  const ridden = tablesOf(ride(batch, [], 1))
  expect(ridden).toMatchObject({ marker: [[5]] })
  expect(Object.keys(ridden)).not.toContain('cell')
  expect(isSaved(first!)).toBe(false)
  written(6)
  expect([isSaved(first!), isSaved(last!)]).toEqual([true, false])
})

test('a flush takes few rows along when it has little to tell, and more when it has much', () => {
  const activations = Array.from({ length: 1000 }, (_, n) => createStored(`counter/${n}`))
  const { piggyback: ride } = createCheckpoint({ ...NOTHING, activations }, { bytes: 0, chunk: 512, trim: 64 })
  const cellsAfter = (told: number) => {
    const batch = createLogBatch(5)
    for (let n = 0; n < told; n++) batch.parts.set(activations[n]!, new Map([['a', 1]]))
    return ride(batch, [], 1)!.flatMap(([statement, rows]) => (statement === 'cell' ? rows : [])).length
  }
  expect([0, 10, 100, 1000].map(cellsAfter)).toEqual([48, 48, 200, 512])
})

test('values beside a cell count with the size of their write, also if they were stored there before', () => {
  const cellsOf = (stored: boolean, compact: boolean, parts: number) => {
    const activations = Array.from({ length: 100 }, (_, n) => {
      const resident = { ...createStored(`counter/${n}`, { stored, compact }), unsaved: createUnsaved() }
      for (let part = 0; part < parts; part++) resident.unsaved.parts.set(`part-${part}`, part)
      return resident
    })
    const { piggyback: ride } = createCheckpoint({ ...NOTHING, activations }, { bytes: 0, chunk: 512, trim: 64 })
    return ride(createLogBatch(5), [], 1)!.flatMap(([statement, rows]) => (statement === 'cell' ? rows : [])).length
  }
  expect([cellsOf(false, false, 15), cellsOf(true, true, 15)]).toEqual([16, 16])
  expect([cellsOf(true, false, 15), cellsOf(false, false, 129)]).toEqual([3, 1])
})

test('a small flush takes few large actors along, and a large flush takes more', () => {
  const activations = Array.from({ length: 100 }, (_, n) => {
    const resident = { ...createStored(`counter/${n}`, { stored: false }), unsaved: createUnsaved() }
    resident.unsaved.parts.set('text', 'x'.repeat(20_000))
    return resident
  })
  const { piggyback: ride } = createCheckpoint({ ...NOTHING, activations }, { bytes: 0, chunk: 512, trim: 64 })
  const cellsBeside = (size: number) =>
    ride(createLogBatch(5), [], size)!.flatMap(([statement, rows]) => (statement === 'cell' ? rows : [])).length
  expect([1, 10_000, 100_000].map(cellsBeside)).toEqual([4, 4, 10])
})

test('a restarted actor leaves no rows of its earlier life in the tables', () => {
  const reborn = createStored('counter/a', { wiped: true })
  reborn.unsaved.parts.set('part', 1)
  reborn.unsaved.events.push({ first: 1, correlationId: 'run-1', bodies: ['first'], batch: 5 })
  const tables = open({ activations: [reborn] }).flush(5)
  expect(tables).toMatchObject({
    dropParts: [['counter/a']],
    dropEvents: [['counter/a']],
    cell: [['counter/a', encodeCell(cell()).cell, null, '{"parts":[["part",1]],"events":[[1,"run-1",["first"]]]}']],
  })
  expect(Object.keys(tables)).not.toContain('spreadPart')
})

test('a restarted actor with a large state gets rows when its old rows are gone', () => {
  const reborn = createStored('counter/a', { wiped: true })
  for (let n = 0; n < 200; n++) reborn.unsaved.parts.set(`part-${n}`, n)
  reborn.unsaved.events.push({ first: 1, correlationId: 'run-1', bodies: ['first'], batch: 5 })
  const tables = open({ activations: [reborn] }).flush(5)
  expect(tables).toMatchObject({ event: [['counter/a', 1, 'run-1', '"first"']] })
  expect(tables.part).toHaveLength(200)
  expect(Object.keys(tables).slice(0, 5)).toEqual(['dropParts', 'dropEvents', 'cell', 'part', 'event'])
})

test('dead letters get into their table, and those that were taken out leave it', () => {
  const problem = { name: 'TerminalError', message: 'it is over', code: 'over' } as const
  const dead: DeadLetter = { id: 'kept', at: 1, letter: envelope(), problem }
  const letters = new Map([
    ['kept', dead],
    ['gone', null],
  ])
  const { flush, letters: told } = open({ letters, activations: [createStored('counter/a')] })
  expect(told).toEqual(letters)
  expect(flush(5)).toMatchObject({ letter: [['kept', JSON.stringify(dead)]], dropLetter: [['gone']] })
})

test('an actor is saved when the flush that takes it is on disk, not before', () => {
  const resident = createStored('counter/a')
  const { flush, isSaved, written } = open({ activations: [resident] })
  expect(isSaved(resident)).toBe(false)
  flush(5)
  expect(isSaved(resident)).toBe(false)
  written(5)
  expect(isSaved(resident)).toBe(true)
})

test('values beside a cell are rewritten together with later ones, and repeated rows of the log count once', () => {
  const resident = createStored('counter/a', { compact: true })
  for (const [name, value] of [
    ['kept', null],
    ['new', 3],
  ] as const)
    resident.unsaved.parts.set(name, value)
  resident.unsaved.events.push({ first: 2, correlationId: 'run-1', bodies: ['second', 'third'], batch: 5 })
  const readInlined = () => '{"parts":[["kept",1],["old",2]],"events":[[1,"run-1",["first","second"]]]}'
  const tables = open({ activations: [resident], readInlined }).flush(5)
  const beside = '{"parts":[["old",2],["new",3]],"events":[[1,"run-1",["first","second","third"]]]}'
  expect(tables).toEqual(expect.objectContaining({ cell: [['counter/a', encodeCell(cell()).cell, null, beside]] }))
  expect(Object.keys(tables)).not.toContain('spreadPart')
})

test('large values beside a cell are not rewritten: they and later ones get their own rows', () => {
  const storedOf = (characters: number) => {
    const resident = { ...createStored('counter/a', { compact: true }), unsaved: createUnsaved() }
    resident.unsaved.parts.set('new', 3)
    const readInlined = () => JSON.stringify({ parts: [['old', 'x'.repeat(characters)]], events: [] })
    return { resident, tables: open({ activations: [resident], readInlined }).flush(5) }
  }
  const few = storedOf(10_000)
  expect(few.resident.compact).toBe(true)
  expect(Object.keys(few.tables)).not.toContain('part')
  const many = storedOf(20_000)
  expect(many.resident.compact).toBe(false)
  const spread = [['counter/a', 'old', JSON.stringify('x'.repeat(20_000))]]
  expect(many.tables).toMatchObject({ spreadPart: spread, part: [['counter/a', 'new', '3']] })
})

test('values beside a cell get rows if the cell is still being written', () => {
  const resident = createStored('counter/a', { compact: true })
  resident.saving.push({ batch: 4, unsaved: createUnsaved(), wiped: false })
  resident.unsaved.parts.set('new', 3)
  const tables = open({ activations: [resident], readInlined: () => '{"parts":[["old",2]],"events":[]}' }).flush(5)
  expect(tables).toMatchObject({ spreadPart: [['counter/a', 'old', '2']], part: [['counter/a', 'new', '3']] })
})
