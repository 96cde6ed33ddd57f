import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stepLines } from '../../../src/pipeline/report/step-lines.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const TEXT = `name: lines
steps:
  - id: first
    tool: debug
    parameters:
      message: |
        two lines

        of text

  # the loop
  - id: each
    for_each: "[1, 2]"
    steps:
      - { id: say, tool: debug, parameters: { message: hi } }
outputs: { one: 1 }
`

test('each step has its lines, also within a loop and around empty lines of a text', () => {
  expect(stepLines(TEXT)).toEqual({
    first: { line: 3, endLine: 9 },
    each: { line: 12, endLine: 15 },
    'each.say': { line: 15, endLine: 15 },
  })
  expect(stepLines(': not [ yaml')).toEqual({})
})

test('the source of a run is its text, and a file that has changed says so, or is not shown', async () => {
  const { open, path } = openFolder()
  const { runs } = await open()
  const file = path('lines.yaml')
  writeFileSync(file, TEXT)
  const { id } = await runs.start({ file })
  const given = await runs.start({ source: { text: TEXT, name: 'given.yaml' } })
  await until(async () => (await runs.get(id)).completed_at !== null)
  expect(await runs.source(given.id)).toMatchObject({ language: 'pipeline', text: TEXT, name: 'given.yaml' })
  expect(await runs.source(id)).toMatchObject({ text: TEXT, isFile: true })
  expect(await runs.source(id)).not.toHaveProperty('changed')
  writeFileSync(file, TEXT.replace('hi', 'hello'))
  expect(await runs.source(id)).toMatchObject({ changed: true, steps: { first: { line: 3 } } })
  writeFileSync(file, 'token: not for everybody')
  expect(await runs.source(id)).toEqual({
    language: 'pipeline',
    steps: {},
    inputs: {},
    missing: 'The file of this run has changed, and is not a pipeline any more.',
  })
  await expect(runs.source('no')).rejects.toMatchObject({ code: 'not_found' })
})
