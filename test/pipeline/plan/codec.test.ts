import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { decodeEnd, decodeStep, decodeStepEnd, encodeEnd, encodeStep } from '../../../src/pipeline/plan/codec.ts'
import type { EncodedStepEnd, StepEnd, StepOutcome } from '../../../src/pipeline/plan/messages/step-end.ts'
import type { StepPart } from '../../../src/pipeline/plan/step-outcome.ts'
import { fc, runs } from '../../property.ts'
import { graphOf } from '../graph.ts'
import { simulate } from '../simulation.ts'

const value = { status: 'completed', result: [1], parameters: { value: 8 }, duration: 7 } as const
const end: StepOutcome = { status: 'completed', attempts: 1, ms: 7, result: { inline: value } }
const part: StepPart = { ...end, key: 'm/execute', order: 3, at: 1000 }
const stored = (written: Json) => JSON.parse(JSON.stringify(written)) as Json

describe('a step that ended well at its first attempt', () => {
  test('is written as what it came to, and read as it was', () => {
    expect(encodeEnd(end)).toEqual([[1], { value: 8 }, 7])
    expect(encodeStep(part)).toEqual([[1], { value: 8 }, 7, 'm', 3, 1000])
    expect(JSON.stringify(decodeEnd(encodeEnd(end)!))).toBe(JSON.stringify(end))
    expect(JSON.stringify(decodeStep(stored(encodeStep(part))))).toBe(JSON.stringify(part))
  })

  test.each([
    ['m/execute:load', 'm:load'],
    ['m/execute:a:b', 'm:a:b'],
    ['m/execute:a/b', '/m/execute:a/b'],
    ['a:m/execute', '/a:m/execute'],
    ['m/rescue', '/m/rescue'],
    ['m', '/m'],
    ['/m', '//m'],
    ['', '/'],
  ])('has a key that is written so: %s', (key, written) => {
    expect(encodeStep({ ...part, key })).toEqual([[1], { value: 8 }, 7, written, 3, 1000])
    expect(decodeStep(encodeStep({ ...part, key }))).toEqual({ ...part, key })
  })

  test('is read as earlier code wrote it, and not at all where there is nothing', () => {
    expect(decodeStep(part as Json)).toEqual(part)
    expect(decodeStep([[1], { value: 8 }, 7, 'm/execute:load', 3, 1000])).toEqual({ ...part, key: 'm/execute:load' })
    expect(decodeStep({ status: 'running' })).toEqual({ status: 'running' })
    expect(decodeStep(undefined)).toBeUndefined()
  })
})

describe('what is more than that', () => {
  const others: readonly Partial<StepPart>[] = [
    { status: 'failed' },
    { attempts: 2 },
    { ms: 8 },
    { result: { blob: 'hash' } },
    { result: { inline: { ...value, status: 'failed' } } },
    { result: { inline: { ...value, duration: 8 } } },
    { result: { inline: { ...value, text: 'seven' } } },
    { result: { inline: { status: 'completed', result: 1, fields: {}, duration: 7 } } },
    { degraded: true },
    { memo: { inline: 1 } },
    { undone: true },
  ]

  test.each(others)('is written whole: %j', (other) => {
    const { key: _, order: __, at: ___, ...ended } = { ...part, ...other }
    expect(encodeEnd(ended as StepOutcome)).toBeUndefined()
    expect(encodeStep({ ...part, ...other })).toEqual({ ...part, ...other })
  })

  test('is so where anything of it is not told', () => {
    for (const name of Object.keys(part) as (keyof StepPart)[]) {
      const { [name]: _, ...rest } = part
      expect(encodeStep(rest as StepPart)).toEqual(rest)
    }
  })
})

test('whatever a step came to, it is read as it was', () => {
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
  const parts = fc.record(
    {
      status: few('completed', 'failed', 'running'),
      attempts: few(0, 1, 2),
      ms: few(0, 7),
      result: fc.record({ inline }),
      key: fc.string(),
      order: fc.nat(),
      at: fc.nat(),
      same: few(true),
    },
    { requiredKeys: ['status'] },
  )
  fc.assert(
    fc.property(parts, (any) => {
      const told = stored(any as unknown as Json)
      expect(decodeStep(stored(encodeStep(told as unknown as StepPart)))).toEqual(told)
    }),
  )
})

describe('an end that is told in short', () => {
  const short = ['a', [1], { value: 8 }, 7, 'm/execute'] as const
  const whole: StepEnd = { ...end, type: 'step-end', step: 'a', key: 'm/execute' }

  test('is the same with all its fields', () => {
    expect(decodeStepEnd(short)).toEqual(whole)
    expect(decodeStepEnd(whole)).toBe(whole)
  })

  test('is taken as it is taken whole, in any graph and any order', () => {
    const rows = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
    const graphs = rows.map((rows) =>
      graphOf(Object.fromEntries(rows.map((row, n) => [`s${n}`, n ? [...new Set(row.map((m) => `s${m % n}`))] : []]))),
    )
    const inShort = ({ step, key }: StepEnd): EncodedStepEnd => [step, [1], { value: 8 }, 7, key!]
    fc.assert(
      fc.property(
        graphs,
        fc.array(fc.nat(), { minLength: 1 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        (graph, picks, whims) => {
          const run = (tell: (end: StepEnd) => EncodedStepEnd) => {
            let [at, of] = [0, 0]
            const pick = (length: number) => picks[at++ % picks.length]! % length
            const goesOn = () => whims[of++ % whims.length]!
            const { turns: _, ...world } = simulate(graph, (step) => ({ ...end, key: `${step}!` }), pick, goesOn, tell)
            return world
          }
          expect(run(inShort)).toEqual(run((whole) => whole))
        },
      ),
      runs(100),
    )
  })
})
