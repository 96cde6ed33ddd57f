import { expect, it } from 'vitest'
import { openFolder } from '../inspect/folder.ts'

const steps = (...lines: readonly string[]) => `name: shop\nstrategy: sequential\nsteps:\n${lines.join('\n')}\n`

async function openShop(pipeline: string) {
  const { path, write, open } = openFolder()
  write('shop.yaml', pipeline)
  const runtime = await open()
  async function run(owner?: string) {
    const { id } = await runtime.runs.start({ file: path('shop.yaml'), ...(owner !== undefined && { owner }) })
    await runtime.idle()
    return runtime.runs.get(id)
  }
  return { runtime, environments: runtime.environments, run }
}

it('a run reads and changes the environments of its owner, and is their source', async () => {
  const { environments, run } = await openShop(
    `${steps(
      '  - { id: set, tool: environment, action: update, parameters: { name: shop, patch: { tea: 1 } } }',
      '  - { id: seen, tool: environment, action: get, parameters: { name: shop } }',
    )}outputs: { tea: "{{ seen.state.tea }}" }\n`,
  )
  await environments.update('shop', { tea: 7 })
  const { execution_id, outputs } = await run('bob')
  expect(outputs).toEqual({ tea: 1 })
  expect(await environments.get('bob:shop')).toMatchObject({
    version: 1,
    keys: { tea: { source: `run/${execution_id}` } },
  })
  expect((await environments.get('shop')).state).toEqual({ tea: 7 })
})

it('the name of another owner is refused', async () => {
  const { environments, run } = await openShop(
    steps('  - { id: seen, tool: environment, action: get, parameters: { name: "bob:shop" } }'),
  )
  await environments.update('bob:shop', { tea: 7 })
  expect(await run()).toMatchObject({ status: 'failed', error: expect.stringContaining('without a colon') })
})

it.each([['local'], ['bob']])('an update of %s is undone: the keys have their earlier values again', async (owner) => {
  const { environments, run } = await openShop(
    steps(
      '  - { id: set, tool: environment, action: update, parameters: { name: shop, patch: { tea: { green: 2, black: null }, door: open, lamp: null } } }',
      '  - { id: end, tool: filesystem, action: read, on_failure: undo, parameters: { path: nowhere } }',
    ),
  )
  const name = owner === 'local' ? 'shop' : `${owner}:shop`
  const before = { tea: { black: 1 }, lamp: [1, null], till: 5 }
  await environments.update(name, before)
  expect((await run(owner)).status).toBe('failed')
  expect(await environments.get(name)).toMatchObject({ version: 3, state: before })
  expect((await environments.get(name)).state).toEqual(before)
})

it('a watch ends with the first change, or without one', async () => {
  const { runtime, environments, run } = await openShop(
    `${steps(
      '  - { id: late, tool: environment, action: watch, parameters: { name: shop, after: 5, timeout: 0.05 } }',
      '  - { id: next, tool: environment, action: watch, parameters: { name: shop } }',
    )}outputs: { late: "{{ late.changed }}", next: "{{ next.changes }}" }\n`,
  )
  await environments.update('shop', { tea: 0 })
  const started = run()
  // a change after each look, because nobody can see when the step begins to watch
  const looking = setInterval(() => void environments.update('shop', { tea: 1 }).catch(() => {}), 100)
  const { outputs } = await started.finally(() => clearInterval(looking))
  expect(outputs.late).toBe(false)
  expect(outputs.next).toMatchObject([{ type: 'update', patch: { tea: 1 } }])
  expect(runtime.status().active).toEqual([])
})
