import { join } from 'node:path'
import { expect, test } from 'vitest'
import { linesOf } from '../chaos/asks/acts.ts'
import { isKilled } from '../chaos/killed.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const CHILD = join(import.meta.dirname, 'poison/child.ts')
const MOST_LIVES = 12

/** The processes of a program whose code ends them, to the end of its run. */
async function liveOn(how: string) {
  const folder = makeFolder()
  const since = Date.now()
  let lives = 1
  while (await isKilled(CHILD, { folder, since, how }, 60_000)) if (++lives > MOST_LIVES) break
  const { runs } = await openRuns({}, folder)
  return { run: await runs.get('r'), log: linesOf(join(folder, 'log')) }
}

test.each(['slow', 'quick', 'sleep'])(
  'a function that ends its process behind a step (%s) fails after a few deaths, and the step is undone',
  async (how) => {
    const { run, log } = await liveOn(how)
    expect(run).toMatchObject({ status: 'failed', error_code: 'poison' })
    expect(run.steps.a).toMatchObject({ status: 'completed', undone: true })
    expect(log).toEqual(['made', 'undone'])
  },
)

test('a step that ends its process fails after a few deaths, and its function can catch that', async () => {
  const { run, log } = await liveOn('step')
  expect(run).toMatchObject({ status: 'completed', outputs: { result: 'poison' } })
  expect(run.steps).toMatchObject({ a: { status: 'completed' }, b: { status: 'failed', error_code: 'poison' } })
  expect(log).toEqual(['made'])
})
