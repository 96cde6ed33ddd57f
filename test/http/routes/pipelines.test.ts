import { expect, it } from 'vitest'
import { openApp } from '../bench.ts'

it('says what the compiler says, and starts nothing', async () => {
  const { client, file, runtime } = openApp()
  expect(await client.pipelines.validate(file(['one']))).toMatchObject({ valid: true })
  const broken = await client.pipelines.validate(file(['broken', 'stpes'], 'broken'))
  expect(broken).toMatchObject({ valid: false, findings: [{ line: 2, column: 3, code: 'unknown_key' }] })
  expect(await runtime.runs.list()).toEqual([])
})
