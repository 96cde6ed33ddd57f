import { expect, it } from 'vitest'
import type { EngineView } from '../../src/engine/engine.ts'
import type { Inspected } from '../../src/engine/inspect.ts'
import { linksOf } from '../../src/inbox/room/waits-for.ts'

const RUN = { kind: 'run', key: 'r' }

/** A run with these parts and these steps of its graph under way; `read` gets the name of each part that was looked at. */
function viewOf(inFlight: readonly string[], parts: { readonly [name: string]: object }, read: string[]): EngineView {
  const view = {
    peek: async () => ({ status: 'running', inFlight }),
    async *parts(_of: object, { prefix = '' }: { readonly prefix?: string } = {}) {
      for (const [name, part] of Object.entries(parts))
        if (name.startsWith(prefix)) {
          read.push(name)
          yield [name, part] as const
        }
    },
  }
  return view as unknown as EngineView
}

const linked = async (view: EngineView) => (await linksOf(view)({ of: RUN } as Inspected)).map(({ key }) => key)

it('a run waits for its steps in flight, without looking at those that have ended', async () => {
  const read: string[] = []
  const parts = { 'step/a': { status: 'completed' }, 'step/b': { status: 'running' } }
  expect(await linked(viewOf(['b', 'c'], parts, read))).toEqual(['r.b', 'r.c'])
  expect(read).toEqual(['step/b'])
})

it('a loop that turns stands for the steps of its iterations, each once, and one that is asked what now for itself', async () => {
  const turning = { length: 9, next: 2, active: [0, 1], left: {}, inFlight: 2, ms: 0, before: 0 }
  const parts = {
    'loop/all': turning,
    'loop/all_1_in': turning,
    'step/all': { status: 'running' },
    'step/all_0_one': { status: 'completed' },
    'step/all_1_in': { status: 'running' },
    'step/all_1_in_0_one': { status: 'running' },
    'step/all_b': { status: 'running' },
  }
  expect(await linked(viewOf(['all', 'all_b'], parts, []))).toEqual(['r.all_1_in_0_one', 'r.all_b'])
  const ended = { ...turning, next: 9, active: [], inFlight: 0 }
  expect(await linked(viewOf(['all'], { 'loop/all': ended }, []))).toEqual(['r.all'])
})
