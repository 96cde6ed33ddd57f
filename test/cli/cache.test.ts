import { expect, it } from 'vitest'
import { openServing } from './held.ts'

it('antiphon cache shows the cached results and their place; after drop they are computed again', async () => {
  const { run, write } = openServing()
  write('antiphon.yaml', 'embedder: none')
  const step =
    '  - { id: a, action: generate-text, parameters: { prompt: "Summarise: the ship leaves at noon." }, cache: { tags: [ships] } }'
  write('kept.yaml', 'name: kept', 'steps:', step)
  expect(await run('cache')).toMatchObject({ code: 2, err: expect.stringContaining('Nothing was started here yet') })
  expect((await run('run', 'kept.yaml')).code).toBe(0)
  const { out } = await run('cache')
  expect(out).toMatch(
    /^memory {2}0 replies, 0 bytes of 32\.0 MiB, 0 hits\ndisk {4}1 reply, \d+ bytes of 256\.0 MiB, 0 hits\n/,
  )
  expect(out).toContain('0 reused, 0 generated, 0 failures\n')
  expect(JSON.parse((await run('cache', '--json')).out)).toMatchObject({
    places: [{ name: 'memory' }, { name: 'disk', entries: 1 }],
  })
  expect(await run('cache', 'drop')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--model, --owner, --tag or --all'),
  })
  expect((await run('cache', 'drop', '--all', '--owner', 'ada')).code).toBe(2)
  expect((await run('cache', 'drop', '--owner', 'ada')).out).toBe(
    'Dropped replies with owner/ada: 0 in memory, 0 in the data folder.\n',
  )
  const dropped = await run('cache', 'drop', '--tag', 'ships', '--json')
  expect(JSON.parse(dropped.out)).toEqual({
    tag: 'ships',
    removed: [
      { name: 'memory', entries: 0 },
      { name: 'disk', entries: 1 },
    ],
  })
  expect((await run('cache', 'drop', '--all')).out).toBe(
    'Dropped all cached replies: 0 in memory, 0 in the data folder.\n',
  )
})
