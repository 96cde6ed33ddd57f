import { describe, expect, test } from 'vitest'
import { openWorkshop } from './workshop.ts'

describe('a run', () => {
  test('two steps, the second reading the first, end to end', async () => {
    const { run, calls } = openWorkshop()
    const end = await run(`
name: two
inputs: { topic: tides }
steps:
  - id: second
    tool: say
    parameters: { text: "again: {{ first.content }}", n: "{{ first.n }}" }
  - id: first
    tool: say
    parameters: { content: "on {{ topic }}", n: 3 }
outputs:
  all: "{{ second.result }}"
  text: "{{ second.text }}!"
`)
    expect(end).toMatchObject({ status: 'completed', done: 2, failed: 0, skipped: 0 })
    expect(end.outputs).toEqual({ all: { text: 'again: on tides', n: 3 }, text: 'again: on tides!' })
    expect(calls.map(({ input }) => input)).toEqual([
      { content: 'on tides', n: 3 },
      { text: 'again: on tides', n: 3 },
    ])
  })
})
