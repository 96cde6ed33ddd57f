import { expect, it } from 'vitest'
import { openServing } from './held.ts'

const GATE = ['name: order', 'on_failure: undo', 'inputs: { customer: { required: true } }', 'steps:']
const STEP = '  - { id: ok, tool: approval-gate, parameters: { title: "Send it?" } }'

it('bulk cancel says how many runs wait for their time or their turn, and offers to undo', async () => {
  const { run, write, serve } = openServing()
  write('antiphon.yaml', 'embedder: none')
  write('order.yaml', ...GATE, STEP)
  await serve()
  const start = (...when: readonly string[]) => run('run', 'order.yaml', '-i', 'customer=c-1', '--detach', ...when)
  for (const when of [
    ['--queue', 'k'],
    ['--queue', 'k'],
    ['--queue', 'k'],
    ['--delay', '1h'],
  ])
    expect((await start(...when)).code).toBe(0)
  const bulk = ['bulk', 'cancel', '--text', 'C-1']
  await expect.poll(async () => (await run('inbox')).out).toContain('Send it?')
  expect((await run(...bulk, '--dry-run')).err).toBe(
    'cancel would be for 4 runs (1 timed, 2 queued, 1 running). Nothing was changed.\n' +
      'Steps that have completed stay. To undo them first, add --undo.\n',
  )
  expect((await run(...bulk, '--undo')).err).toMatch(
    /^bulk_\S+ \(cancel\) is done: 4 done, 0 ended before, 0 failed, of 4 \(1 timed, 2 queued, 1 running\)\.\n$/,
  )
  expect((await run('inbox')).out).not.toContain('Send it?')
})
