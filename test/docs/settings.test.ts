import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { configKeysAt } from '../../src/config/schema.ts'

const PAGE = await readFile(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8')
const [, section = ''] = PAGE.split('\n## All settings\n')
const rows = section
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').slice(1))

test('the table names every setting, once', () => {
  const named = rows.flatMap(([keys = '']) => [...keys.matchAll(/`(\w+)`/g)].map(([, key]) => key))
  expect(named.sort()).toEqual([...configKeysAt([])].sort())
})

test('the defaults are those of the table', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-settings-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { retention, roots, data } = await loadConfig({ folder, environment: {} })
  const without = (key: string) => parse(rows.find(([keys]) => keys?.includes(`\`${key}\``))![2]!.replaceAll('`', ''))
  expect(retention).toEqual(without('retention'))
  expect(roots).toEqual(without('roots').map((root: string) => join(folder, root)))
  expect(data).toBe(join(folder, without('data')))
})
