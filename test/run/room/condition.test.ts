import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openFolder } from '../../runtime/inspect/folder.ts'

test('a call is made only at the version of an environment that it expects (A29)', async () => {
  const { open, path } = openFolder()
  const runtime = await open()
  await runtime.environments.update('shop', { door: 'open' })
  const append = (version: number) => ({
    tool: 'filesystem:append',
    parameters: { path: path('log.txt'), content: `${version}` },
    when: { environment: 'shop', version },
  })
  const { id } = await runtime.tools.call([append(0), append(1), append(2)], { onFailure: 'continue' })
  await runtime.idle()
  const { steps } = await runtime.runs.get(id)
  const outdated = { status: 'failed', error_code: 'precondition_failed', retries: 0 }
  expect(steps).toMatchObject({ call_1: outdated, call_2: { status: 'completed' }, call_3: outdated })
  expect(await readFile(path('log.txt'), 'utf8')).toBe('1')
  // the environment is that of the owner of the run
  const { id: other } = await runtime.tools.call([append(0)], { owner: 'bob' })
  await runtime.idle()
  expect((await runtime.runs.get(other)).status).toBe('completed')
})

test.each(['bob:shop', '', '{{ shop }}'])('a condition on the environment %j starts nothing', async (environment) => {
  const runtime = await openFolder().open()
  const call = { tool: 'echo', parameters: { message: 'x' }, when: { environment, version: 1 } }
  await expect(runtime.tools.call([call])).rejects.toThrow(/^calls\[0\]\.when\.environment: /)
})
