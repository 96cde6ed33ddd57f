import { describe, expect, test } from 'vitest'
import { gate, openWorkshop, tool } from '../workshop.ts'

describe('a run that is cancelled', () => {
  test('cancels its steps in flight, starts no more, and says so', async () => {
    const reached = gate()
    let aborted = false
    const hang = tool('hang', (_, { signal }) => {
      void reached.arrive()
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        }),
      )
    })
    const { engine, start, events, calls } = openWorkshop({ tools: [hang] })
    const id = await start('name: x\nsteps: [{ id: a, tool: hang }, { id: b, tool: say, dependencies: [a] }]')
    await reached.reached
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    expect((await events(id)).at(-1)).toEqual({
      type: 'run-end',
      status: 'cancelled',
      success: false,
      problem: { code: 'cancelled', name: 'CancelledError', terminal: true, message: 'enough' },
      done: 0,
      failed: 0,
      skipped: 2,
    })
    await settle()
    expect(aborted).toBe(true)
    expect(calls).toEqual([])
    expect(await engine.view.peek({ kind: 'step', key: `${id}.a` })).toBeUndefined()
    expect(await engine.view.list('run')).toMatchObject([
      { key: id, index: { status: 'cancelled', finishedAt: expect.any(Number) } },
    ])
    expect(await engine.deadLetters.list()).toEqual([])
  })

  test('cancels hundreds of iterations, over several turns', async () => {
    let at = 0
    let aborted = 0
    const all = gate()
    const hang = tool('hang', (_, { signal }) => {
      if (++at === 500) void all.arrive()
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted++
          reject(signal.reason)
        }),
      )
    })
    const { engine, start, disk } = openWorkshop({ tools: [hang], workers: 1000 })
    const id = await start(
      'name: x\ninputs: { xs: { type: array, default: [] } }\nsteps: [{ id: each, for_each: "{{ xs }}", max_parallel: 500, tool: hang }]',
      {
        xs: Array.from({ length: 800 }, (_, n) => n),
      },
    )
    await all.reached
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    while (aborted < 500) await settle()
    expect(aborted).toBe(500)
    await settle()
    expect([...disk.cells.keys()]).toEqual([`run/${id}`])
  })

  test('answers who asked with the error cancelled', async () => {
    const reached = gate()
    const { engine, values, compile } = openWorkshop({ tools: [tool('hang', () => reached.arrive().then(() => 1))] })
    const { runStartMessage } = await import('../../../src/pipeline/run/start-message.ts')
    const message = await runStartMessage(values, compile('name: x\nsteps: [{ id: a, tool: hang }]'), {})
    const asked = engine.ask({ kind: 'run', key: 'r' }, message as never, { id: 'r' })
    await reached.reached
    await engine.cancel({ kind: 'run', key: 'r' }, 'r', 'enough')
    await expect(asked).rejects.toMatchObject({ code: 'cancelled', message: 'enough' })
    reached.release()
  })

  test('is left as it is when it is over already', async () => {
    const { engine, run, disk } = openWorkshop()
    const { id } = await run('name: x\nsteps: [{ id: a, tool: say }]')
    await engine.cancel({ kind: 'run', key: id }, id, 'late')
    await settle()
    expect(disk.cells.get(`run/${id}`)!.state).toMatchObject({ status: 'completed' })
  })
})

const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
