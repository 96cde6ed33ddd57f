import { describe, expect, it } from 'vitest'
import { missingCapabilities, missingFromAll, type Needs, type Offers } from '../../src/worker/capabilities.ts'
import type { Resource } from '../../src/worker/worker.ts'
import { createTasks, never, simulatedPool, worker } from './held.ts'
import { poolsOf } from './pools.ts'

const MODEL: Offers = {
  models: ['openai/gpt-5'],
  modalities: ['text', 'image'],
  phases: ['action', 'yield'],
  tools: true,
  vision: true,
  contextTokens: 100_000,
  costIn: 2,
  costOut: 8,
}

describe('the capabilities of a worker', () => {
  it.each<[needs: Needs, lacks: readonly string[]]>([
    [{}, []],
    [{ models: ['openai/gpt-5'], modalities: ['image'], tools: true, contextTokens: 100_000, costIn: 2 }, []],
    [{ domains: ['legal'] }, []],
    [{ phases: ['action', 'intention'] }, ['the phase intention']],
    [{ models: ['openai/gpt-6'] }, ['the model openai/gpt-6']],
    [{ json: true, audio: true, tools: false }, ['json', 'audio']],
    [{ contextTokens: 100_001, offline: true }, ['offline', 'a context of 100001 tokens']],
    [{ costIn: 1.9, costOut: 8 }, ['costIn of at most 1.9']],
  ])('beside the needs %j lacks %j', (needs, lacks) => {
    expect(missingCapabilities(MODEL, needs)).toEqual(lacks)
  })

  it('has an unknown cost if none is stated', () => {
    expect(missingCapabilities({}, { costIn: 100 })).toEqual(['costIn of at most 100'])
  })

  it('is named where it is missing', () => {
    const small = { id: 'small', offers: { models: ['ollama/phi'], json: true } }
    const large = { id: 'large', offers: MODEL }
    expect(missingFromAll([], {})).toBe('it has no workers')
    expect(missingFromAll([small, large], { audio: true, json: true })).toBe('none has audio')
    expect(missingFromAll([small, large], { json: true, vision: true })).toBe('small, the nearest, lacks vision')
    expect(missingFromAll([small, large], { models: ['openai/gtp-5'] })).toBe(
      'none has the model openai/gtp-5; there is ollama/phi, openai/gpt-5',
    )
    // another one that could do it is no help to who asks for this one
    expect(missingFromAll([large, small], { models: ['ollama/phi'], vision: true })).toBe('small lacks vision')
  })
})

describe('the worker that takes a task', () => {
  const run = { signal: never, run: (_: AbortSignal, { id }: { id: string }) => id }

  it('is the worker with the lowest load per slot, then by priority, idle time and id', async () => {
    const workers = [
      worker('b', { slots: 4 }),
      worker('a', { slots: 2 }),
      worker('c', { slots: 2, priority: 1 }),
      worker('d', { slots: 1 }),
    ]
    const { pool } = simulatedPool({ workers })
    const { task, end } = createTasks()
    const names = Array.from({ length: 9 }, (_, at) => `t${at}`)
    const all = names.map((name) => pool.submit(task(name)))
    for (const name of names) end(name)
    expect(await Promise.all(all)).toEqual(['c', 'a', 'b', 'd', 'b', 'c', 'a', 'b', 'b'])
    const equals = simulatedPool({ workers: [worker('x'), worker('y')] }).pool
    expect([await equals.submit(run), await equals.submit(run), await equals.submit(run)]).toEqual(['x', 'y', 'x'])
  })

  it('E3: a task that needs tools never goes to a worker without them, and waits for the one that has them', async () => {
    const workers = [worker('plain', { slots: 5 }), worker('handy', { offers: { tools: true } })]
    const { pool } = simulatedPool({ workers })
    const { task, end, begun } = createTasks()
    const needs = { tools: true }
    const all = ['a', 'b'].map((name) => pool.submit(task(name, { needs })))
    const other = pool.submit(task('other'))
    expect(begun).toEqual(['a', 'other'])
    end('a')
    expect(await all[0]).toBe('handy')
    end('b')
    end('other')
    expect([await all[1], await other]).toEqual(['handy', 'plain'])
  })

  it('E3: no worker: refused at once with the missing needs, even if all are busy', async () => {
    const { pool } = simulatedPool({ workers: [worker('deaf', { offers: { models: ['m'] } })] })
    pool.submit(createTasks().task('held'))
    await expect(pool.submit({ ...run, needs: { audio: true } })).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'no_available_worker',
      message: 'No worker of pool text_step_pool can do this: none has audio.',
    })
  })

  it('no worker: waiting tasks are refused when the last suitable worker is removed', async () => {
    const { pool } = simulatedPool({ workers: [worker('plain'), worker('handy', { offers: { tools: true } })] })
    const { task, end } = createTasks()
    const needs = { tools: true }
    const held = pool.submit(task('held', { needs }))
    const waiting = pool.submit(task('waiting', { needs }))
    const gone = pool.removeWorker('handy')
    await expect(waiting).rejects.toMatchObject({ code: 'no_available_worker' })
    end('held')
    expect(await held).toBe('handy')
    await gone
    pool.addWorker(worker('late', { offers: { tools: true } }))
    expect(await pool.submit({ ...run, needs })).toBe('late')
  })
})

describe('capacity that pools share', () => {
  /** So many of something for all. */
  function shared(id: string, size: number): Resource & { readonly taken: () => number } {
    const watching = new Set<() => void>()
    let taken = 0
    return {
      id,
      taken: () => taken,
      free: () => taken < size,
      take() {
        taken++
        return () => {
          taken--
          for (const callback of watching) callback()
        }
      },
      watch(callback) {
        watching.add(callback)
        return () => watching.delete(callback)
      },
    }
  }

  it('is taken before a task begins and returned after it, and wakes the other pool', async () => {
    const gpu = shared('gpu', 1)
    const { task, begun, end, fail } = createTasks()
    const [one, other] = ['one', 'other'].map(
      (id) => simulatedPool({ workers: [worker(id, { slots: 9, resources: [gpu] })] }).pool,
    )
    const all = [one!.submit(task('a')), one!.submit(task('b')), other!.submit(task('c'))]
    expect([begun, gpu.taken()]).toEqual([['a'], 1])
    end('a')
    expect(await all[0]).toBe('one')
    expect([begun, gpu.taken()]).toEqual([['a', 'b'], 1])
    fail('b', new Error('no'))
    await expect(all[1]).rejects.toThrow('no')
    expect(begun).toEqual(['a', 'b', 'c'])
    end('c')
    await all[2]
    expect(gpu.taken()).toBe(0)
  })
})

describe('a need of an unknown name', () => {
  const offers = { models: ['a/b'], vision: true }
  const pools = {
    'a pool': () => simulatedPool({ workers: [worker('one', { offers })] }).pool,
    // asked for its model alone, the worker would serve
    'a pool of models': () => {
      const { pool } = poolsOf({}, { offersOf: () => offers }).find({ phase: 'step', modality: 'text' })
      pool.employ('a/b')
      return pool
    },
  }

  it.each(Object.entries(pools))('is refused by %s, with the one that is meant', async (_name, open) => {
    const pool = open()
    const submit = (needs: object) => pool.submit({ signal: never, needs: needs as Needs, run: () => 'done' })
    const refusal = { name: 'InvalidError', hint: 'Did you mean `vision`?', place: { path: 'needs.visoin' } }
    for (let time = 0; time < 2; time++)
      await expect(submit({ models: ['a/b'], visoin: true })).rejects.toMatchObject(refusal)
    await expect(submit({ colour: 'red' })).rejects.toThrow(
      'A task of pool text_step_pool requires `colour`, which no worker offers.',
    )
    expect(await submit({ models: ['a/b'], vision: true, audio: undefined })).toBe('done')
    expect(pool.stats()).toMatchObject({ queued: 0, done: 1 })
  })
})
