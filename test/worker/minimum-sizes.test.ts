import { describe, expect, test } from 'vitest'
import { checkMinimums, type PoolMinimums } from '../../src/worker/minimum-sizes.ts'

const judge = (shares: Partial<PoolMinimums>) => () =>
  checkMinimums({ pool: {}, pools: {}, resources: { lab: { slots: 8 } }, find: () => undefined, ...shares })

const lab = (more: PoolMinimums['pools'][string]) => ({ models: ['lab/one'], ...more })

describe('the smallest sizes of pools together', () => {
  test('may use the whole shared limit', () => {
    const pools = { text_action_pool: lab({ min: 5 }), text_yield_pool: lab({ workers: 3 }) }
    expect(judge({ pools })).not.toThrow()
  })

  test('may not be more, and the pools are named', () => {
    const pools = { text_action_pool: lab({ min: 6 }), text_yield_pool: lab({ workers: 3 }) }
    expect(judge({ pools })).toThrow(
      expect.objectContaining({
        name: 'InvalidError',
        message: 'text_action_pool (6) and text_yield_pool (3) take 9 of lab at least, and there are 8.',
        place: { path: 'pools' },
        hint: expect.stringContaining('`resources.lab`'),
      }),
    )
  })

  test('count as often as one call takes', () => {
    const resources = { gpu: { slots: 16, models: { 'lab/one': 6, 'lab/two': 4 } } }
    const pools = { text_action_pool: lab({ min: 4, models: ['lab/one', 'lab/two'] }) }
    expect(judge({ resources, pools })).not.toThrow()
    expect(judge({ resources, pools: { text_action_pool: lab({ min: 3 }) } })).toThrow(
      '18 of gpu at least, and there are 16',
    )
  })

  test('default to the size for all pools', () => {
    const pools = { text_action_pool: lab({}), text_yield_pool: lab({ max: 2 }) }
    expect(judge({ pool: { min: 9 }, pools })).toThrow('text_action_pool (9) takes 9')
    expect(judge({ pools })).not.toThrow()
  })

  test('a name stands for the model that it is of', () => {
    const pools = { text_action_pool: { min: 9, models: ['quick'] } }
    expect(judge({ pools })).not.toThrow()
    expect(judge({ pools, find: () => 'lab/one' })).toThrow('9 of lab')
  })

  test('do not count if a pool can work without the resource, or if the resource has no limit', () => {
    const pools = {
      text_action_pool: { min: 9, models: ['lab/one', 'other/two'] },
      text_step_pool: lab({ min: 9 }),
      text_yield_pool: { min: 9 },
    }
    expect(judge({ pools })).not.toThrow()
    const many = { text_action_pool: lab({ min: 9 }) }
    expect(judge({ pools: many, resources: { lab: { perMinute: 5 } } })).not.toThrow()
  })
})
