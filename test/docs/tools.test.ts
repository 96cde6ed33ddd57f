import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadToolbox } from '../../src/runtime/services/toolbox.ts'
import { describeTool } from '../../src/tool/describe.ts'
import { PAGE, page } from './tools.ts'

test('docs/tools.md describes every tool as its schemas do', async () => {
  expect(await page(), 'run: node test/docs/tools.ts').toBe(readFileSync(PAGE, 'utf8'))
})

test('every tool of ours tells its parameters, and what it answers unless that is any value', async () => {
  const described = (await loadToolbox({ plugins: [], folder: '.' })).list().map(describeTool)
  expect(described.filter(({ parameters }) => !parameters).map(({ name }) => name)).toEqual([])
  const silent = described.filter(({ results }) => !results).map(({ name }) => name)
  expect(silent.filter((name) => /^(filesystem|terminal|data|validation|report)/.test(name))).toEqual([])
})
