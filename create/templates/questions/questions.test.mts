import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createRuntime, loadConfig } from 'antiphon'

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }))
after(() => runtime.stop())

const CASES = [
  ['When does the harbour open?', /six in the morning/],
  ['Who is the new harbour master?', /Eva Lind/],
] as const

for (const [prompt, expected] of CASES)
  test(prompt, async () => {
    const { answer } = await runtime.threads.ask({ thread: 'test', prompt, files: ['documents'] })
    assert.match(answer ?? '', expected)
  })
