import { expect, it } from 'vitest'
import { openApp, post } from '../bench.ts'

it('backs up into an absolute path only, with nothing else asked', async () => {
  const { app, client, folder } = openApp()
  expect(await client.maintenance.backup(`${folder}/one.backup`, { force: true })).toMatchObject({
    file: `${folder}/one.backup`,
  })
  await expect(client.maintenance.backup('one.backup')).rejects.toMatchObject({ name: 'InvalidError' })
  const body = JSON.stringify({ file: `${folder}/x`, where: 'elsewhere' })
  expect((await app.request('/v1/backup', post(body))).status).toBe(400)
})
