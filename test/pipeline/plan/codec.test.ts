import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import {
  decodeEnds,
  decodeEvent,
  decodeJournaledEnd,
  decodeStep,
  encodeEnds,
  encodeEvent,
  encodeJournaledEnd,
  encodeStep,
} from '../../../src/step/messages/codec.ts'
import type { StepEnd } from '../../../src/step/messages/step-end.ts'
import type { EndedStep, StepOutcome, StepPart } from '../../../src/step/record/outcome.ts'
import { fc } from '../../property.ts'

const value = { status: 'completed', result: [1], parameters: { value: 8 }, duration: 7 } as const
const outcome: StepOutcome = { status: 'completed', attempts: 1, ms: 7, result: { inline: value } }
const part: EndedStep = { ...outcome, key: 'm/execute', order: 3, at: 1000 }
const end: StepEnd = { type: 'step-end', step: 'a', ...outcome, key: 'm/execute' }
const stored = (written: unknown) => JSON.parse(JSON.stringify(written)) as Json

describe('a step that completed at its first attempt', () => {
  test('is journaled as a list', () => {
    expect(encodeJournaledEnd({ end: outcome })).toEqual([[1], { value: 8 }, 7])
    expect(encodeJournaledEnd({ end: outcome, next: 'b' })).toEqual([[1], { value: 8 }, 7, 'b'])
    expect(decodeJournaledEnd(stored([[1], { value: 8 }, 7, 'b']))).toEqual({ end: outcome, next: 'b' })
    expect(decodeJournaledEnd(stored([[1], { value: 8 }, 7]))).toEqual({ end: outcome })
  })

  test('is sent to its run as a list', () => {
    expect(encodeEnds([end])).toEqual([['a', [1], { value: 8 }, 7, 'm/execute']])
    expect(decodeEnds(stored(encodeEnds([end])))).toEqual([end])
  })

  test('is stored in its run as a list', () => {
    expect(encodeStep(part)).toEqual([[1], { value: 8 }, 7, 'm/execute', 3, 1000])
    expect(JSON.stringify(decodeStep(stored(encodeStep(part))))).toBe(JSON.stringify(part))
  })

  test('is published in events that are stored as lists', () => {
    const events = [
      { type: 'step-start', step: 's' },
      { type: 'step-end', step: 's', status: 'completed', attempts: 1, ms: 0 },
    ]
    expect(events.map(encodeEvent)).toEqual([['s'], ['s', 0]])
    for (const event of events) expect(JSON.stringify(decodeEvent(encodeEvent(event)))).toBe(JSON.stringify(event))
  })
})

describe('a step of code, which has no parameters', () => {
  const { parameters: _, ...own } = value
  const code: StepOutcome = { ...outcome, result: { inline: own } }

  test('is written as a list with null in their place', () => {
    expect(encodeJournaledEnd({ end: code })).toEqual([[1], null, 7])
    expect(encodeEnds([{ ...end, ...code } as StepEnd])).toEqual([['a', [1], null, 7, 'm/execute']])
    const written = encodeStep({ ...part, ...code } as StepPart)
    expect(written).toEqual([[1], null, 7, 'm/execute', 3, 1000])
    expect(JSON.stringify(decodeStep(stored(written)))).toBe(JSON.stringify({ ...part, ...code }))
  })

  test.each([
    { result: { inline: { ...own, parameters: null } } },
    { result: { inline: { ...own, text: 'seven' } } },
    { result: { inline: { status: 'completed', duration: 7, text: 'seven' } } },
  ])('is written as it is otherwise: %j', (other) => {
    expect(encodeJournaledEnd({ end: { ...outcome, ...other } as StepOutcome })).toEqual({
      end: { ...outcome, ...other },
    })
  })
})

describe('a record with more fields', () => {
  const others: readonly { readonly [field: string]: unknown }[] = [
    { status: 'failed', problem: { code: 'x', name: 'X', message: 'x' } },
    { attempts: 2 },
    { ms: 8 },
    { result: { blob: 'hash' } },
    { result: { inline: null } },
    { result: { inline: { ...value, status: 'failed' } } },
    { result: { inline: { ...value, duration: 8 } } },
    { result: { inline: { ...value, text: 'seven' } } },
    { result: { inline: { status: 'completed', result: 1, fields: {}, duration: 7 } } },
    { degraded: true },
    { memo: { inline: 1 } },
  ]

  test.each(others)('is written as it is: %j', (other) => {
    const ended = { ...outcome, ...other } as StepOutcome
    expect(encodeJournaledEnd({ end: ended })).toEqual({ end: ended })
    expect(encodeJournaledEnd({ end: ended, next: 'b' })).toEqual({ end: ended, next: 'b' })
    expect(encodeEnds([{ ...end, ...ended } as StepEnd])).toEqual([{ ...end, ...ended }])
    expect(encodeStep({ ...part, ...other } as StepPart)).toEqual({ ...part, ...other })
  })

  test('is written as it is where a usual field is absent', () => {
    for (const name of Object.keys(part) as (keyof EndedStep)[]) {
      const { [name]: _, ...rest } = part
      expect(encodeStep(rest as unknown as StepPart)).toEqual(rest)
    }
    expect(encodeStep({ status: 'running' })).toEqual({ status: 'running' })
    expect(decodeStep({ status: 'running' })).toEqual({ status: 'running' })
    expect(decodeStep(undefined)).toBeUndefined()
  })

  test('is written as it is for an event', () => {
    for (const event of [
      { type: 'run-end', status: 'completed' },
      { type: 'step-end', step: 's', status: 'completed', attempts: 2, ms: 0 },
      { type: 'step-end', step: 's', status: 'completed', attempts: 1, ms: 0, degraded: true },
    ]) {
      expect(encodeEvent(event)).toBe(event)
      expect(decodeEvent(event)).toBe(event)
    }
  })
})

test.each([null, 'ends', [null], [['a', 1, {}, 7]], [[1, 1, {}, 7, 'm']], [{ type: 'step-end', step: 'a' }]])(
  '%j is not a list of ends',
  (sent) => {
    expect(decodeEnds(sent)).toBeUndefined()
  },
)

test('any part, end and journal entry is read as it was written', () => {
  const few = <T>(...values: readonly T[]) => fc.constantFrom(...values)
  const inline = fc.record(
    {
      status: few('completed', 'failed'),
      result: fc.jsonValue(),
      parameters: fc.dictionary(fc.string(), fc.jsonValue()),
      duration: few(0, 7),
    },
    { requiredKeys: ['status', 'result'] },
  )
  const records = fc.record(
    {
      status: few('completed', 'failed', 'running'),
      attempts: few(0, 1, 2),
      ms: few(0, 7),
      result: fc.record({ inline }),
      key: fc.string(),
      order: fc.nat(),
      at: fc.nat(),
      degraded: few(true),
    },
    { requiredKeys: ['status'] },
  )
  fc.assert(
    fc.property(records, (any) => {
      const record = stored(any)
      const { key, order: _, at: __, ...ended } = record as unknown as EndedStep
      expect(decodeStep(stored(encodeStep(record as unknown as StepPart)))).toEqual(record)
      const outcome = ended as unknown as StepOutcome
      expect(decodeJournaledEnd(stored(encodeJournaledEnd({ end: outcome })))).toEqual({ end: outcome })
      const one: StepEnd = { type: 'step-end', step: 's', ...outcome, ...(key !== undefined && { key }) }
      expect(decodeEnds(stored(encodeEnds([one])))).toEqual([one])
    }),
  )
})
