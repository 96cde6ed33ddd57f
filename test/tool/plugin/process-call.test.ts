import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool, processCall } from '../../../src/index.ts'
import { openRuns } from '../../workflow/open-runs.ts'

/** A tool whose program does this with its call. */
const toolOf = (effect: 'pure' | 'at-most-once', body: string) =>
  defineTool({
    name: 'book',
    description: 'Books a table',
    effect,
    input: z.object({ seats: z.number() }),
    output: z.object({ seats: z.number(), by: z.string() }),
    execute: processCall({
      command: [
        process.execPath,
        '-e',
        `process.stdin.once('data', (text) => { const call = JSON.parse(text); ${body} })`,
      ],
    }),
  })

async function callTool(effect: 'pure' | 'at-most-once', body: string) {
  const { runtime, runs, ended, waits } = await openRuns({ tools: [toolOf(effect, body)] })
  await runtime.tools.call([{ tool: 'book', parameters: { seats: 2 } }], { id: 'r' })
  return { runtime, runs, ended, waits }
}

const RESULT = `console.log(JSON.stringify({ result: { seats: call.input.seats, by: call.context.owner } }))`

it('a program makes the call of a tool, with its context', async () => {
  const { ended, runs } = await callTool('pure', `console.log('looking'); ${RESULT}`)
  expect(await ended()).toMatchObject({ status: 'completed' })
  expect(await runs.step('r', 'call_1')).toMatchObject({
    value: { result: { seats: 2, by: 'local' } },
    log: [{ level: 'info', text: 'looking' }],
  })
})

it('its result has to fit the schema', async () => {
  const { ended, runs } = await callTool('pure', `console.log('{"result": {"seats": "two"}}')`)
  expect(await ended()).toMatchObject({ status: 'failed' })
  expect(await runs.step('r', 'call_1')).toMatchObject({ error_code: 'bad_result' })
})

it('an end without a result leaves an at-most-once call unknown, and a pure one is made again', async () => {
  const { waits, runtime } = await callTool('at-most-once', 'process.exit(1)')
  await waits()
  expect(JSON.stringify(await runtime.inbox.list())).toContain('ended without a result (code 1)')
  const again = await callTool('pure', 'process.exit(1)')
  expect(await again.ended()).toMatchObject({ status: 'failed' })
  expect((await again.runs.step('r', 'call_1')).attempts?.length).toBeGreaterThan(1)
})
