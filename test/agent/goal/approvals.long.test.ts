import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createApp } from '../../../src/http/server/app.ts'
import { isKilled } from '../../chaos/killed.ts'
import { post } from '../../http/bench.ts'
import { GOAL, SCRIPT } from './approvals/script.ts'
import { CLERK, openGoals } from './folder.ts'

type Opened = Awaited<ReturnType<typeof openGoals>>
type Runtime = Opened['runtime']

const RUN = `${GOAL}.1`
const SIGNAL = 'approve_call_1'

async function openWaiting() {
  const opened = await openGoals(SCRIPT)
  await opened.runtime.goals.start({ agent: CLERK, goal: 'Append.', id: GOAL })
  await opened.runtime.idle()
  expect(await opened.runtime.inbox.list()).toMatchObject([{ run: RUN, signal: SIGNAL }])
  return opened
}

/** Asks the server of a runtime. */
async function request(runtime: Runtime, path: string, body: object) {
  const response = await createApp(runtime as Parameters<typeof createApp>[0]).request(path, post(JSON.stringify(body)))
  return { status: response.status, body: (await response.json()) as object }
}

async function makeLink({ access: { links } }: Runtime) {
  const { token } = await links.create({ run: RUN, signal: SIGNAL, kind: 'approval', ttl: 3_600_000 })
  return `/v1/links/${token}`
}

const approve = (runtime: Runtime, value: object = { action: 'approve' }, id?: string) =>
  runtime.runs.signal(RUN, SIGNAL, value as never, id === undefined ? {} : { id })

/** An approval: how it is given, and the text of the file then. It may open another runtime. */
type Way = { give(opened: Opened): Promise<Runtime | undefined>; readonly text?: string }

const taken = { status: 200, body: { status: 'taken' } }

const WAYS: { readonly [way: string]: Way } = {
  'over HTTP': {
    async give({ runtime }) {
      expect(await request(runtime, `/v1/runs/${RUN}/approve`, {})).toEqual(taken)
      return undefined
    },
  },
  'by link': {
    async give({ runtime }) {
      const link = await makeLink(runtime)
      expect(await request(runtime, link, { action: 'approve' })).toEqual(taken)
      expect(await request(runtime, link, { action: 'approve' })).toMatchObject({
        status: 410,
        body: { code: 'link_used', hint: expect.any(String) },
      })
      return undefined
    },
  },
  'twice under one id': {
    async give({ runtime }) {
      expect(await approve(runtime, undefined, 'a1')).toEqual({ status: 'taken' })
      expect(await approve(runtime, undefined, 'a1')).toEqual({ status: 'taken' })
      await runtime.idle()
      expect(await approve(runtime, undefined, 'a1')).toEqual({ status: 'taken' })
      return undefined
    },
  },
  'twice at once': {
    async give({ runtime }) {
      const answers = await Promise.allSettled([approve(runtime), approve(runtime)])
      expect(answers.filter((one) => one.status === 'fulfilled' && one.value.status === 'taken')).toHaveLength(1)
      return undefined
    },
  },
  'for changed arguments': {
    text: 'y',
    async give({ runtime }) {
      const wrong = approve(runtime, { action: 'modify', content: { path: 7 } })
      await expect(wrong).rejects.toMatchObject({ code: 'bad_value' })
      await approve(runtime, { action: 'modify', content: { path: 'log.txt', content: 'y' } })
      return undefined
    },
  },
}

describe('a call of a goal is approved', () => {
  test.each(Object.entries(WAYS))('%s, and made once', async (_, { give, text = 'x' }) => {
    const opened = await openWaiting()
    const runtime = (await give(opened)) ?? opened.runtime
    await runtime.idle()
    expect(await runtime.goals.get(GOAL)).toMatchObject({ status: 'completed', answer: 'done' })
    expect(readFileSync(opened.path('log.txt'), 'utf8')).toBe(text)
    expect(await runtime.inbox.list()).toEqual([])
  })

  test.each([
    ['by a signal', approve],
    ['over HTTP', (runtime: Runtime) => request(runtime, `/v1/runs/${RUN}/approve`, {})],
  ])('%s in another process after kill -9, and made once', async (_, answer) => {
    const { runtime: first, folder, open, path } = await openGoals(SCRIPT)
    await first.stop()
    expect(await isKilled(join(import.meta.dirname, 'approvals/child.ts'), { folder }, 60_000)).toBe(true)
    const runtime = await open()
    expect(await runtime.inbox.list()).toMatchObject([{ run: RUN, signal: SIGNAL }])
    await answer(runtime)
    await runtime.idle()
    expect(await runtime.goals.get(GOAL)).toMatchObject({ status: 'completed', answer: 'done' })
    expect(readFileSync(path('log.txt'), 'utf8')).toBe('x')
  })
})

test('a person changes a call: the record, the model and the memory have both forms', async () => {
  const { runtime, model } = await openWaiting()
  const asked = { path: 'log.txt', content: 'x' }
  const parameters = { path: 'other.txt', content: 'say "y"' }
  await approve(runtime, { action: 'modify', content: parameters })
  await runtime.idle()
  const { rounds } = await runtime.goals.get(GOAL)
  expect(rounds[0]!.calls).toMatchObject([{ parameters, asked, outcome: 'succeeded' }])
  const tool = model.calls[1]!.options.prompt.find(({ role }) => role === 'tool')!
  const shown = (tool.content as { output: { value: string } }[])[0]!.output.value
  expect(shown.split('\n')).toEqual([
    `A person changed this call before it was made. Its parameters were ${JSON.stringify(parameters)}`,
    '{"action":"append","path":"other.txt","size":7}',
  ])
  const note = async () => JSON.stringify(await runtime.memory('local').list({ space: 'agents/clerk' }))
  await expect.poll(note).toContain(JSON.stringify(JSON.stringify(asked)).slice(1, -1))
  expect(await note()).toContain('filesystem:append {\\"path\\":\\"other.txt\\"')
})

test('a person approves a call without a change: it is recorded as it was asked', async () => {
  const { runtime, model } = await openWaiting()
  await approve(runtime, { action: 'modify', content: { content: 'x', path: 'log.txt' } })
  await runtime.idle()
  const { rounds } = await runtime.goals.get(GOAL)
  expect(rounds[0]!.calls[0]).not.toHaveProperty('asked')
  expect(model.calls[1]!.prompt).not.toContain('A person changed')
})

/** Ends of a goal before the answer comes. */
const ENDS: { readonly [end: string]: (runtime: Runtime) => Promise<unknown> } = {
  completed: (runtime) => approve(runtime),
  cancelled: (runtime) => runtime.goals.cancel(GOAL, 'not needed'),
}

describe.each(Object.entries(ENDS))('an approval of a goal that is %s', (status, end) => {
  test('is refused with a code and a hint, and no call is made', async () => {
    const { runtime, path } = await openWaiting()
    const link = await makeLink(runtime)
    await end(runtime)
    await runtime.idle()
    expect(await runtime.goals.get(GOAL)).toMatchObject({ status })
    const over = { code: 'run_over', hint: expect.stringContaining(`antiphon show ${RUN}`) }
    await expect(approve(runtime)).rejects.toMatchObject(over)
    await expect(makeLink(runtime)).rejects.toMatchObject(over)
    const late = {
      status: 409,
      body: { code: expect.stringMatching(/run_over|not_waiting/), hint: expect.any(String) },
    }
    expect(await request(runtime, `/v1/runs/${RUN}/approve`, {})).toMatchObject(late)
    expect(await request(runtime, link, { action: 'approve' })).toMatchObject({
      status: 410,
      body: { code: 'link_over', hint: expect.any(String) },
    })
    const made = status === 'completed'
    expect(existsSync(path('log.txt')) ? readFileSync(path('log.txt'), 'utf8') : undefined).toBe(made ? 'x' : undefined)
  })
})
